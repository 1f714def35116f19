// SPDX-License-Identifier: Apache-2.0
#include "cli/check.h"

#include <pwd.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include <cstdlib>
#include <format>
#include <span>

#include "cli/fields.h"
#include "daemon/configuration/load.h"

namespace xfrmd::cli {

namespace {

std::string to_json(const daemon::Diagnostic& diagnostic) {
    return std::format(
        R"({{"severity":"{}","file":{},"line":{},"column":{},"text":{},"source_line":{},"hint":{}}})",
        diagnostic.severity == daemon::Severity::Error ? "error" : "warning",
        json_string(diagnostic.file), diagnostic.line, diagnostic.column,
        json_string(diagnostic.text), json_string(diagnostic.source_line),
        json_string(diagnostic.hint));
}

std::string to_json(std::size_t connections, std::span<const daemon::Diagnostic> diagnostics) {
    std::string all;
    for (const daemon::Diagnostic& diagnostic : diagnostics)
        all += (all.empty() ? "" : ",") + to_json(diagnostic);
    return std::format("{{\"connections\":{},\"diagnostics\":[{}]}}", connections, all);
}

daemon::LoadEnvironment environment(WallTime now) {
    daemon::LoadEnvironment environment;
    environment.offline = true;
    environment.now =
        ike::WallTime{std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()};
    if (const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
        directory != nullptr && *directory != '\0')
        environment.credentials_directory = directory;
    return environment;
}

// While it lives, files are opened as the daemon's user on this host would open them: what root alone can read is no good for
// it. Where there is no such user, or somebody else than root asks, nothing changes.
class AsServiceUser {
  public:
    AsServiceUser() : user_{::geteuid() == 0 ? ::getpwnam("xfrmd") : nullptr} {
        if (user_ == nullptr) return;
        ::setfsgid(user_->pw_gid);
        ::setfsuid(user_->pw_uid);
    }
    AsServiceUser(const AsServiceUser&) = delete;
    AsServiceUser& operator=(const AsServiceUser&) = delete;
    ~AsServiceUser() {
        if (user_ == nullptr) return;
        ::setfsuid(::geteuid());
        ::setfsgid(::getegid());
    }

  private:
    const passwd* user_;
};

daemon::LoadResult check_host(WallTime now) {
    const AsServiceUser user;
    return daemon::load_configuration(daemon::default_layers(), environment(now));
}

}  // namespace

CheckResult check_configuration(const std::vector<std::filesystem::path>& files, WallTime now) {
    const auto loaded = files.empty()
                            ? check_host(now)
                            : daemon::load_configuration_files(files, environment(now));
    if (!loaded)
        return {.good = false,
                .text = daemon::render(loaded.error()),
                .json = to_json(0, loaded.error())};
    const std::size_t connections = loaded->configuration->connections.size();
    return {.good = true,
            .text = daemon::render(loaded->warnings) +
                    std::format("the configuration is good: {} connection{}\n", connections,
                                connections == 1 ? "" : "s"),
            .json = to_json(connections, loaded->warnings)};
}

}  // namespace xfrmd::cli
