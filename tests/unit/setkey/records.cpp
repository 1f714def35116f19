// SPDX-License-Identifier: Apache-2.0
// setkey_records FOLDER: for each NAME.conf of the folder, what we ask of the kernel against
// expected/NAME.tsv, a record of what setkey asks of PF_KEY: one message on a line, its verb, its
// kind and name=value, separated by tabs. A record ends where setkey finds its first mistake, so
// what we ask beyond its end is only counted.
//
// What differs on purpose is not compared: the ports of a tunnel's ends, and the flags of PF_KEY.
// setkey loses the reqids of policies that it copies for forwarded packets; ours are expected
// there.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <sstream>

#include "action_text.h"
#include "cli/setkey/algorithms.h"
#include "cli/setkey/language/parser.h"
#include "cli/setkey/system_names.h"
#include "cli/setkey/translator.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;
using test::Message;
namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// "192.0.2.1[4500]-192.0.2.2[4500]" without the ports.
std::string without_ports(std::string text) {
    for (std::size_t at = text.find('['); at != std::string::npos; at = text.find('['))
        text.erase(at, text.find(']', at) - at + 1);
    return text;
}

// An algorithm of the record by the kernel's name; "none" is not there at all.
void name_as_kernel(Message& message, const std::string& field,
                    const AlgorithmRow* (*find)(std::string_view)) {
    const auto at = message.fields.find(field);
    if (at == message.fields.end()) return;
    const AlgorithmRow* const row = find(at->second);
    if (at->second == "none" || row == nullptr)
        message.fields.erase(at);
    else
        at->second = row->kernel_name;
}

Message recorded(const std::string& line) {
    std::istringstream in{line};
    Message message;
    std::getline(in, message.verb, '\t');
    std::getline(in, message.kind, '\t');
    for (std::string field; std::getline(in, field, '\t');) {
        const std::size_t equals = field.find('=');
        message.fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
    message.fields.erase("flags");
    name_as_kernel(message, "enc", find_encryption);
    name_as_kernel(message, "auth", find_integrity);
    name_as_kernel(message, "comp", find_compression);
    if (const auto mode = message.fields.find("mode");
        mode != message.fields.end() && mode->second == "any")
        mode->second = "transport";
    if (const auto requests = message.fields.find("requests"); requests != message.fields.end())
        requests->second = without_ports(requests->second);
    return message;
}

struct Asked {
    std::vector<Message> messages;
    std::string mistakes;
};

// Up to the first mistake, as setkey reads.
Asked asked_by(const fs::path& file) {
    const Source source{file.filename().string(), read(file)};
    SystemNames names{true};
    Mistakes mistakes;
    Parser parser{source, mistakes};
    Translator translator{names, mistakes};
    Asked asked;
    while (const auto statement = parser.next()) {
        if (mistakes.errors() > 0) break;
        for (const Action& action : translator.translate(*statement))
            std::ranges::move(test::messages_of(action), std::back_inserter(asked.messages));
    }
    if (mistakes.errors() > 0) {
        while (parser.next()) {
        }
        asked.mistakes = daemon::render(mistakes.told(source));
    }
    return asked;
}

bool is_lost_reqid(const Message& record, const Message& ours) {
    Message alike = record;
    if (!record.fields.contains("requests") || !ours.fields.contains("requests")) return false;
    alike.fields["requests"] = ours.fields.at("requests");
    return record.fields.at("dir") == "fwd" && ours.fields.at("requests").contains("unique") &&
           alike == ours;
}

std::string shown(const Message& message) {
    std::string text = message.verb + " " + message.kind;
    for (const auto& [name, value] : message.fields)
        if (name != "ekey" && name != "akey") text += std::format(" {}={}", name, value);
    return text;
}

// False if something differs.
bool compare(const fs::path& file) {
    const std::string name = file.stem().string();
    std::istringstream record{read(file.parent_path() / "expected" / (name + ".tsv"))};
    const Asked asked = asked_by(file);
    std::size_t same = 0;
    std::size_t count = 0;
    for (std::string line; std::getline(record, line); ++count) {
        const Message wanted = recorded(line);
        const Message ours = count < asked.messages.size() ? asked.messages[count] : Message{};
        if (wanted == ours || is_lost_reqid(wanted, ours))
            ++same;
        else
            std::printf("%s, message %zu\n  record: %s\n  ours:   %s\n", name.c_str(), count + 1,
                        shown(wanted).c_str(), shown(ours).c_str());
    }
    std::printf("%s: %zu of %zu messages as recorded, %zu more of ours\n", name.c_str(), same,
                count, asked.messages.size() - std::min(asked.messages.size(), count));
    if (!asked.mistakes.empty()) std::printf("%s", asked.mistakes.c_str());
    return same == count;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: setkey_records FOLDER\n");
        return 2;
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator{argv[1]})
        if (entry.path().extension() == ".conf") files.push_back(entry.path());
    std::ranges::sort(files);
    bool good = !files.empty();
    for (const fs::path& file : files) good = compare(file) && good;
    return good ? 0 : 1;
}
