// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/inputs.h"

#include <fcntl.h>
#include <glob.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <iterator>
#include <system_error>

#include "cli/migrate/credential_facts.h"
#include "cli/migrate/front_end.h"
#include "ike/identity.h"

namespace xfrmd::migrate {

namespace {

namespace fs = std::filesystem;

struct FileText {
    Secret text;
    unsigned mode = 0;
};

std::string_view as_text(const Secret& secret) {
    return {static_cast<const char*>(static_cast<const void*>(secret.view().data())),
            secret.size()};
}

// A regular file as a whole. The error is a sentence.
std::expected<FileText, std::string> read_file(const fs::path& path, std::size_t size_max) {
    const auto refuse = [&](int error) {
        return std::unexpected{std::format("cannot read {}: {}{}", path.string(),
                                           std::strerror(error),
                                           error == EACCES ? " (run this as root)" : "")};
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return refuse(errno);
    struct stat status {};
    int error = ::fstat(fd, &status) == 0 ? 0 : errno;
    if (error == 0 && S_ISDIR(status.st_mode)) error = EISDIR;
    if (error == 0 && std::cmp_greater(status.st_size, size_max)) error = EFBIG;
    Botan::secure_vector<std::uint8_t> octets;
    octets.reserve(error == 0 ? static_cast<std::size_t>(status.st_size) + 1 : 0);
    std::uint8_t buffer[16 * 1024];
    while (error == 0) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got == 0) break;
        if (got > 0)
            octets.insert(octets.end(), buffer, buffer + got);
        else if (errno != EINTR)
            error = errno;
        if (octets.size() > size_max) error = EFBIG;
    }
    ::explicit_bzero(buffer, sizeof buffer);
    ::close(fd);
    if (error != 0) return refuse(error);
    return FileText{Secret{std::move(octets)}, status.st_mode & 07777};
}

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

std::vector<std::string> expand(const std::string& pattern) {
    ::glob_t found{};
    std::vector<std::string> paths;
    if (::glob(pattern.c_str(), GLOB_TILDE, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    return paths;
}

std::expected<std::vector<racoon::IncludedFile>, std::string> included(const fs::path& main_folder,
                                                                       const std::string& folder,
                                                                       const std::string& pattern) {
    std::string whole = pattern;
    if (!pattern.starts_with('/') && !pattern.starts_with('~'))
        whole = ((folder.empty() ? main_folder : main_folder / folder) / pattern).string();
    std::vector<racoon::IncludedFile> files;
    for (const std::string& path : expand(whole)) {
        const auto text = read_file(path, racoon::kFileSizeMax);
        if (!text) return std::unexpected{text.error()};
        files.push_back({path, std::string{as_text(text->text)}});
    }
    if (files.empty()) return std::unexpected{std::format("no file is {}", whole)};
    return files;
}

std::optional<std::uint16_t> service(const std::string& name, const std::string& protocol) {
    const ::servent* found = ::getservbyname(name.c_str(), protocol.c_str());
    if (found == nullptr) found = ::getservbyname(name.c_str(), nullptr);
    return found == nullptr ? std::nullopt
                            : std::optional{ntohs(static_cast<std::uint16_t>(found->s_port))};
}

std::optional<std::uint8_t> protocol(const std::string& name) {
    const ::protoent* found = ::getprotobyname(name.c_str());
    return found == nullptr || found->p_proto < 0 || found->p_proto > 255
               ? std::nullopt
               : std::optional{static_cast<std::uint8_t>(found->p_proto)};
}

std::optional<std::string> refuses_identity(const std::string& text) {
    const auto parsed = ike::IdentityPattern::parse(text);
    return parsed ? std::nullopt : std::optional{parsed.error()};
}

class Collector {
  public:
    explicit Collector(const Wanted& wanted) : wanted_{wanted} {}

    Inputs run();

  private:
    void racoon(const fs::path& path);
    void setkey(const fs::path& path);
    void psk();
    void read_psk(const fs::path& path, bool asked_for);
    bool uses_secrets() const;
    void front_ends(const fs::path& racoon_conf);
    bool is_front_end(const fs::path& path, std::string_view text);
    void refuse(const fs::path& path, std::string text, std::string hint = {});

    const Wanted& wanted_;
    Inputs inputs_;
    fs::path racoon_folder_;
};

Inputs Collector::run() {
    inputs_.facts.secrets_folder = wanted_.secrets_folder.string();
    inputs_.facts.service = service;
    inputs_.facts.protocol = protocol;
    inputs_.facts.refuses_identity = refuses_identity;
    if (wanted_.racoon) racoon(*wanted_.racoon);
    for (const fs::path& path : wanted_.setkey) setkey(path);
    psk();
    inputs_.good = std::ranges::none_of(inputs_.diagnostics, [](const daemon::Diagnostic& d) {
        return d.severity == daemon::Severity::Error;
    });
    if (inputs_.good && inputs_.configuration)
        add_credential_facts(*inputs_.configuration, inputs_.facts);
    return std::move(inputs_);
}

void Collector::refuse(const fs::path& path, std::string text, std::string hint) {
    inputs_.diagnostics.push_back({.file = path.string(),
                                   .text = std::move(text),
                                   .source_line = {},
                                   .hint = std::move(hint)});
}

bool Collector::is_front_end(const fs::path& path, std::string_view text) {
    const auto found = recognise_front_end(path.string(), text);
    if (found) refuse(path, std::format("this is {}", found->what), found->action);
    return found.has_value();
}

void Collector::racoon(const fs::path& path) {
    auto file = read_file(path, racoon::kFileSizeMax);
    if (!file) return refuse(path, file.error());
    if (is_front_end(path, as_text(file->text))) return;
    racoon_folder_ = path.has_parent_path() ? fs::absolute(path).parent_path() : fs::current_path();
    inputs_.facts.racoon_folder = racoon_folder_.string();
    inputs_.names.push_back(path.string());
    racoon::Mistakes mistakes;
    const racoon::Includes includes = [this](const std::string& folder,
                                             const std::string& pattern) {
        return included(racoon_folder_, folder, pattern);
    };
    inputs_.tree = std::make_unique<racoon::Tree>(
        racoon::parse(path.string(), std::string{as_text(file->text)}, includes, mistakes));
    inputs_.configuration =
        std::make_unique<racoon::Configuration>(racoon::interpret(*inputs_.tree, mistakes));
    std::ranges::move(mistakes.take(), std::back_inserter(inputs_.diagnostics));
    front_ends(path);
}

void Collector::setkey(const fs::path& path) {
    auto file = read_file(path, setkey::Source::kOctetsMax);
    if (!file) return refuse(path, file.error());
    if (is_front_end(path, as_text(file->text))) return;
    inputs_.names.push_back(path.string());
    auto source = std::make_unique<setkey::Source>(path.string(), std::move(file->text));
    auto parsed = std::make_unique<setkey::Parsed>(setkey::parse(*source));
    std::ranges::copy(parsed->diagnostics, std::back_inserter(inputs_.diagnostics));
    inputs_.setkey.push_back({std::move(source), std::move(parsed)});
}

bool Collector::uses_secrets() const {
    return std::ranges::any_of(inputs_.configuration->remotes, [](const racoon::Remote& remote) {
        return std::ranges::any_of(remote.proposals, [](const racoon::Proposal& proposal) {
            return proposal.method && (proposal.method->value.row->word == "pre_shared_key" ||
                                       proposal.method->value.row->word.starts_with("xauth_psk"));
        });
    });
}

// Where racoon.conf says, or, for a copy of another host's files, beside it.
void Collector::psk() {
    if (wanted_.psk) return read_psk(*wanted_.psk, true);
    if (!inputs_.configuration || !uses_secrets()) return;
    fs::path named = inputs_.configuration->pre_shared_key_path
                         ? fs::path{inputs_.configuration->pre_shared_key_path->value}
                         : racoon_folder_ / "psk.txt";
    if (named.is_relative()) named = racoon_folder_ / named;
    const fs::path beside = racoon_folder_ / named.filename();
    if (!is_file(named) && is_file(beside)) return read_psk(beside, false);
    read_psk(named, false);
}

void Collector::read_psk(const fs::path& path, bool asked_for) {
    const auto file = read_file(path, racoon::kPskFileSizeMax);
    if (!file && asked_for) return refuse(path, file.error());
    if (!file) {
        inputs_.facts.psk_missing = path.string();
        return;
    }
    inputs_.names.push_back(path.string());
    inputs_.facts.psk_mode = file->mode;
    inputs_.psk = std::make_unique<racoon::PskFile>(
        racoon::parse_psk_file(path.string(), file->text.view(), inputs_.diagnostics));
}

// Beside the file, and where the systems that have them keep them.
void Collector::front_ends(const fs::path& racoon_conf) {
    std::vector<std::string> paths{(racoon_folder_ / "racoon-tool.conf").string()};
    if (fs::absolute(racoon_conf).string().starts_with("/etc/")) {
        std::ranges::move(expand("/etc/sysconfig/network-scripts/ifcfg-ipsec*"),
                          std::back_inserter(paths));
        std::ranges::move(expand("/etc/racoon/racoon-tool.conf.d/*.conf"),
                          std::back_inserter(paths));
        paths.emplace_back("/etc/config/racoon");
    }
    for (const std::string& path : paths) {
        if (!is_file(path)) continue;
        const auto file = read_file(path, racoon::kFileSizeMax);
        if (!file) continue;
        if (auto found = recognise_front_end(path, as_text(file->text)))
            inputs_.facts.front_ends.push_back(*std::move(found));
    }
}

}  // namespace

Wanted with_usual_places(Wanted wanted) {
    if (wanted.racoon || !wanted.setkey.empty()) return wanted;
    for (const char* const path : {"/etc/racoon/racoon.conf", "/usr/local/etc/racoon/racoon.conf"})
        if (!wanted.racoon && is_file(path)) wanted.racoon = path;
    for (const char* const path :
         {"/etc/setkey.conf", "/etc/ipsec-tools.conf", "/etc/racoon/setkey.conf"})
        if (is_file(path)) wanted.setkey.emplace_back(path);
    for (const std::string& path : expand("/etc/ipsec-tools.d/*.conf"))
        wanted.setkey.emplace_back(path);
    return wanted;
}

Input Inputs::input() const {
    Input input{.tree = tree.get(),
                .configuration = configuration.get(),
                .setkey = {},
                .psk = psk.get(),
                .facts = facts};
    for (const SetkeyFile& file : setkey)
        input.setkey.push_back({file.source.get(), &file.parsed->statements});
    return input;
}

Inputs read_inputs(const Wanted& wanted) {
    return Collector{wanted}.run();
}

}  // namespace xfrmd::migrate
