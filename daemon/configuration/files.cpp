// SPDX-License-Identifier: Apache-2.0
// Which files count, and their text.
#include "daemon/configuration/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <map>
#include <system_error>

#include "daemon/configuration/document.h"
#include "daemon/configuration/load.h"

namespace xfrmd::daemon {

namespace {

constexpr std::string_view kMainFile = "xfrmd.toml";
constexpr std::string_view kDropIns = "conf.d";
constexpr std::string_view kExtension = ".toml";

Diagnostic whole_file(const std::filesystem::path& path, std::string text, std::string hint) {
    return {.severity = Severity::Error,
            .file = path.string(),
            .line = 0,
            .column = 0,
            .text = std::move(text),
            .source_line = {},
            .hint = std::move(hint)};
}

std::string hint_for(int error) {
    return error == EACCES || error == EPERM ? "run this as root" : "";
}

// Empty files mask those of the same name below them; a link to /dev/null counts as empty.
bool is_mask(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error))
        return std::filesystem::file_size(path, error) == 0 && !error;
    return std::filesystem::is_character_file(path, error);
}

// The names and paths of the drop-ins in one folder.
void list_drop_ins(const std::filesystem::path& folder,
                   std::map<std::string, std::filesystem::path>& found,
                   std::vector<Diagnostic>& errors) {
    std::error_code error;
    std::filesystem::directory_iterator entry{folder, error};
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
        return;
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::filesystem::path& path = entry->path();
        const std::string name = path.filename().string();
        if (name.ends_with(kExtension) && !name.starts_with('.')) found[name] = path;
    }
    if (error)
        errors.push_back(whole_file(folder,
                                    std::format("cannot list the folder: {}", error.message()),
                                    hint_for(error.value())));
}

}  // namespace

std::vector<std::filesystem::path> default_layers() {
    return {"/usr/lib/xfrmd", "/run/xfrmd", "/etc/xfrmd"};
}

std::expected<std::vector<std::filesystem::path>, std::vector<Diagnostic>> configuration_files(
    const std::vector<std::filesystem::path>& layers) {
    std::optional<std::filesystem::path> main_file;
    std::map<std::string, std::filesystem::path> drop_ins;
    std::vector<Diagnostic> errors;
    for (const std::filesystem::path& layer : layers) {
        std::error_code error;
        const auto type = std::filesystem::symlink_status(layer / kMainFile, error).type();
        if (type != std::filesystem::file_type::not_found &&
            type != std::filesystem::file_type::none)
            main_file = layer / kMainFile;
        else if (error && error != std::errc::no_such_file_or_directory &&
                 error != std::errc::not_a_directory)
            errors.push_back(whole_file(layer / kMainFile,
                                        std::format("cannot look at the file: {}", error.message()),
                                        hint_for(error.value())));
        list_drop_ins(layer / kDropIns, drop_ins, errors);
    }
    if (!errors.empty()) return std::unexpected{std::move(errors)};
    std::vector<std::filesystem::path> files;
    if (main_file && !is_mask(*main_file)) files.push_back(*main_file);
    for (const auto& [name, path] : drop_ins)
        if (!is_mask(path)) files.push_back(path);
    return files;
}

std::expected<FileText, Diagnostic> read_configuration_file(const std::filesystem::path& path) {
    const auto refuse = [&path](std::string_view what, int error) {
        return std::unexpected{
            whole_file(path, std::format("cannot {} the file: {}", what, std::strerror(error)),
                       hint_for(error))};
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return refuse("open", errno);
    FileText file;
    struct stat status {};
    int error = ::fstat(fd, &status) == 0 ? 0 : errno;
    if (error == 0 && S_ISDIR(status.st_mode)) error = EISDIR;
    file.readable_by_others = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
    // A string that grows leaves copies behind, and the file may hold a secret.
    file.text.reserve(static_cast<std::size_t>(std::clamp<off_t>(
        status.st_size + 1, 0, static_cast<off_t>(kConfigurationFileSizeMax + 1))));
    char buffer[16 * 1024];
    while (error == 0 && file.text.size() <= kConfigurationFileSizeMax) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got == 0) break;
        if (got > 0)
            file.text.append(buffer, static_cast<std::size_t>(got));
        else if (errno != EINTR)
            error = errno;
    }
    ::explicit_bzero(buffer, sizeof buffer);
    ::close(fd);
    if (error != 0) return refuse("read", error);
    return file;
}

}  // namespace xfrmd::daemon
