// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/load.h"

#include <utility>

#include "daemon/configuration/connection_builder.h"
#include "daemon/configuration/credentials_builder.h"
#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/document.h"
#include "daemon/configuration/files.h"
#include "daemon/configuration/overlap.h"
#include "daemon/configuration/sections.h"
#include "netlink/model/secret.h"

namespace xfrmd::daemon {

namespace {

// Reads every file; one that cannot be read or parsed does not keep the others from being checked.
std::vector<Document> read_documents(const std::vector<std::filesystem::path>& files,
                                     Sections& sections, Diagnostics& diagnostics) {
    std::vector<Document> documents;
    for (const std::filesystem::path& path : files) {
        diagnostics.announce_file(path.string());
        auto file = read_configuration_file(path);
        auto document = file ? parse_document(path.string(), file->text, file->readable_by_others)
                             : std::unexpected{file.error()};
        if (file) wipe_text(file->text);
        if (document) {
            documents.push_back(*std::move(document));
            continue;
        }
        diagnostics.add(std::move(document).error());
        sections.incomplete = true;
    }
    for (const Document& document : documents) read_sections(document, sections, diagnostics);
    return documents;
}

LoadResult build(const Sections& sections, const LoadEnvironment& environment,
                 Diagnostics& diagnostics) {
    CredentialsBuilder credentials{sections, environment, diagnostics};
    credentials.add_identities_and_trusts();
    ike::Configuration configuration{.number = environment.number,
                                     .connections = {},
                                     .limits = sections.limits,
                                     .options = sections.options};
    BuildContext context{sections, environment, credentials, diagnostics, {}};
    for (const ConnectionSection& section : sections.connections)
        if (auto connection = build_connection(section, context))
            configuration.connections.push_back(*std::move(connection));
    check_overlaps(configuration.connections, sections, diagnostics);

    if (diagnostics.has_errors()) return std::unexpected{diagnostics.take()};
    return LoadedConfiguration{
        .configuration = std::make_shared<const ike::Configuration>(std::move(configuration)),
        .credentials = std::make_shared<const ike::CredentialStore>(credentials.take()),
        .daemon = sections.daemon,
        .warnings = diagnostics.take(),
    };
}

// Inline secrets are in the store by now.
void wipe_secrets(std::vector<Document>& documents, Sections& sections) {
    for (Document& document : documents) wipe(document.root);
    for (ConnectionSection& connection : sections.connections)
        if (connection.peer && connection.peer->psk) wipe_text(connection.peer->psk->value);
}

}  // namespace

LoadResult load_configuration(const std::vector<std::filesystem::path>& layers,
                              const LoadEnvironment& environment) {
    auto files = configuration_files(layers);
    if (!files) return std::unexpected{std::move(files).error()};
    return load_configuration_files(*files, environment);
}

LoadResult load_configuration_files(const std::vector<std::filesystem::path>& files,
                                    const LoadEnvironment& environment) {
    Diagnostics diagnostics;
    Sections sections;
    // Every place points into its document.
    std::vector<Document> documents = read_documents(files, sections, diagnostics);

    LoadResult result = build(sections, environment, diagnostics);
    wipe_secrets(documents, sections);
    return result;
}

}  // namespace xfrmd::daemon
