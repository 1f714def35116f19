// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/migrate.h"

#include <format>
#include <system_error>

#include "cli/migrate/convert.h"
#include "cli/migrate/outputs.h"
#include "cli/migrate/render.h"
#include "cli/migrate/toml.h"

namespace xfrmd::migrate {

namespace {

namespace fs = std::filesystem;
using cli::ExitCode;

// Secrets stand beside the configuration, but not among its drop-ins.
fs::path secrets_folder_of(const fs::path& output) {
    const fs::path folder = fs::absolute(output).lexically_normal().parent_path();
    return folder.filename() == "conf.d" ? folder.parent_path() : folder;
}

fs::path setkey_path_of(const fs::path& output) {
    return secrets_folder_of(output) / output.filename().replace_extension(".setkey");
}

Result failed(const Options& options, const std::vector<daemon::Diagnostic>& diagnostics) {
    if (options.json) return {ExitCode::Failed, to_json({}, {}, "", diagnostics) + "\n", ""};
    return {ExitCode::Failed, "",
            daemon::render(diagnostics) + "nothing was made of files with errors\n"};
}

Result failed(const Options& options, std::string sentence) {
    if (!options.json) return {ExitCode::Failed, "", "xfrmctl: " + sentence + "\n"};
    return failed(options,
                  {{.file = {}, .text = std::move(sentence), .source_line = {}, .hint = {}}});
}

class Command {
  public:
    Command(const Options& options, const Inputs& inputs)
        : options_{options},
          inputs_{inputs},
          migration_{convert(inputs.input())},
          toml_{to_toml(migration_.model, inputs.names)},
          setkey_{to_setkey(migration_.model)} {}

    Result run();

  private:
    std::expected<Written, std::string> write();
    Result told(const Written& written);

    const Options& options_;
    const Inputs& inputs_;
    Migration migration_;
    std::string toml_;
    Secret setkey_;
};

Result Command::run() {
    if (!options_.output) return told({});
    const auto written = write();
    return written ? told(*written) : failed(options_, written.error());
}

std::expected<Written, std::string> Command::write() {
    Written written{.configuration = options_.output->string(), .setkey = {}, .secrets = {}};
    std::vector<OutputFile> files;
    std::error_code error;
    fs::create_directories(secrets_folder_of(*options_.output), error);
    for (const SecretFile& secret : migration_.model.secrets) {
        files.push_back({.path = secret.path, .content = secret.key.view(), .secret = true});
        written.secrets.push_back(secret.path);
    }
    if (!setkey_.empty()) {
        written.setkey = setkey_path_of(*options_.output).string();
        files.push_back({.path = written.setkey, .content = setkey_.view(), .secret = true});
    }
    files.push_back({.path = *options_.output, .content = as_view(toml_), .secret = false});
    if (const auto done = write_outputs(files, options_.force); !done)
        return std::unexpected{done.error()};
    return written;
}

Result Command::told(const Written& written) {
    const Report& report = migration_.report;
    Result result{.code = report.count(Verdict::Decide) > 0 ? ExitCode::ToDecide : ExitCode::Ok,
                  .out = {},
                  .err = {}};
    const bool to_stdout = !options_.output;
    if (options_.json) {
        result.out =
            to_json(report, written, to_stdout ? toml_ : std::string{}, inputs_.diagnostics) + "\n";
        return result;
    }
    result.err = daemon::render(inputs_.diagnostics);
    std::string text = to_text(report, written, options_.style);
    if (!to_stdout) {
        result.out = std::move(text);
        return result;
    }
    result.out = toml_;
    if (!migration_.model.secrets.empty()) text += "secrets are written only with -o FILE\n";
    if (!setkey_.empty()) text += "what stays in a setkey file is written only with -o FILE\n";
    result.err += text;
    return result;
}

}  // namespace

Result migrate(const Options& options) {
    Wanted wanted = with_usual_places(options.wanted);
    if (!wanted.racoon && wanted.setkey.empty())
        return failed(options,
                      "there is neither /etc/racoon/racoon.conf nor /etc/setkey.conf here: name "
                      "files with --racoon and --setkey");
    if (options.output) wanted.secrets_folder = secrets_folder_of(*options.output);
    const Inputs inputs = read_inputs(wanted);
    if (!inputs.good) return failed(options, inputs.diagnostics);
    return Command{options, inputs}.run();
}

}  // namespace xfrmd::migrate
