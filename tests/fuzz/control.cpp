// SPDX-License-Identifier: Apache-2.0
// What a client of the control interface sends.
// Cut into messages, decoded, carried out by the methods of a daemon that is not there. The first
// octet says in which pieces the stream arrives.
#include <nlohmann/json.hpp>

#include "daemon/api/interface.h"
#include "daemon/api/varlink.h"
#include "daemon/control_methods.h"
#include "tests/fuzz/target.h"
#include "tests/unit/daemon/fake_daemon.h"

namespace xfrmd::fuzz {

namespace {

using namespace api;

constexpr std::size_t kMessageMax = 2048;

std::optional<std::vector<std::string>> messages_of(std::string_view stream, std::size_t piece) {
    Deframer deframer{kMessageMax};
    std::vector<std::string> messages;
    while (!stream.empty()) {
        if (!deframer.feed(stream.substr(0, piece))) return std::nullopt;
        stream.remove_prefix(std::min(piece, stream.size()));
        const std::size_t whole = deframer.whole();
        const std::size_t before = messages.size();
        while (auto message = deframer.next()) messages.push_back(*std::move(message));
        require(messages.size() - before == whole,
                "there are more or fewer messages than was said");
    }
    return messages;
}

void check_call(const Call& call) {
    const std::string encoded = encode(call);
    require(encoded.ends_with('\0') && std::ranges::count(encoded, '\0') == 1,
            "a message with another end than its own");
    const auto again = decode_call(std::string_view{encoded}.substr(0, encoded.size() - 1));
    require(again && again->method == call.method && again->parameters == call.parameters &&
                again->more == call.more && again->oneway == call.oneway &&
                again->upgrade == call.upgrade,
            "a call that was encoded decodes differently");
}

void carry_out(test::FakeDaemon& daemon, daemon::ControlMethods& methods, const Call& call) {
    daemon.replies.clear();
    methods.handle({.client = 1, .caller = {}, .call = call});
    if (!daemon.commands.empty()) daemon.answer();
    for (const auto& [client, reply] : daemon.replies)
        require(parse_json(reply.parameters).has_value(), "a reply that is not JSON");
    methods.forget(1);
}

void check_message(test::FakeDaemon& daemon, daemon::ControlMethods& methods,
                   const std::string& message) {
    if (const auto value = parse_json(message)) {
        const std::string text = to_text(*value);
        const auto again = parse_json(text);
        require(again && *again == *value, "JSON that was written reads differently");
    }
    (void)decode_reply(message);
    const auto call = decode_call(message);
    if (!call) return require(!call.error().empty(), "an error without a text");
    check_call(*call);
    carry_out(daemon, methods, *call);
}

Bytes as_input(const std::string& stream) {
    Bytes input{0x10};
    input.insert(input.end(), stream.begin(), stream.end());
    return input;
}

}  // namespace

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    std::string everything;
    for (const std::string_view method :
         {method::kStatus, method::kListConnections, method::kListIkeSas, method::kListChildren,
          method::kListPolicies, method::kListSas, method::kShow, method::kUp, method::kDown,
          method::kRekey, method::kMonitor, method::kReload, method::kSetLogLevel, method::kGetInfo,
          method::kGetInterfaceDescription}) {
        for (const char* parameters :
             {"{}", R"({"name":"db"})", R"({"connection":"db","ike_sa":true})",
              R"({"interface":"io.xfrmd"})", R"({"show_keys":true})", R"({"level":"debug"})",
              R"({"connections":["db"],"events":["child_up"]})"}) {
            Call call;
            call.method = method;
            call.parameters = parameters;
            call.more = std::string_view{parameters} == "{}";
            all.push_back(as_input(encode(call)));
            everything += encode(call);
        }
    }
    all.push_back(as_input(everything));
    all.push_back(as_input(
        R"({"method":"io.xfrmd.Up","parameters":{"name":["\ud83d\ude00",1e400,-0.5,null,{"a":[[[]]]}]}})"));
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    using namespace xfrmd::fuzz;
    if (size == 0) return 0;
    const std::string stream{data + 1, data + size};
    const auto whole = messages_of(stream, kMessageMax);
    const auto pieces = messages_of(stream, 1 + std::size_t{data[0]});
    if (whole && pieces)
        require(*whole == *pieces, "the messages depend on the pieces they came in");
    if (!pieces) return 0;
    test::FakeDaemon daemon;
    daemon::ControlMethods methods{daemon.services};
    for (const std::string& message : *pieces) check_message(daemon, methods, message);
    return 0;
}
