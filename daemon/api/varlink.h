// SPDX-License-Identifier: Apache-2.0
// Varlink on a stream: JSON objects, each ended by one NUL octet; calls and replies in order.
// Parameters travel through our code as the text of one JSON object, so that nobody has to know
// JSON who only passes them on.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/api/json_text.h"

namespace xfrmd::api {

// A client's call of a method.
struct Call {
    std::string method = {};        // "io.xfrmd.Status"
    std::string parameters = "{}";  // the text of a JSON object
    bool more = false;              // several replies are welcome
    bool oneway = false;            // no reply is wanted, not even an error
    bool upgrade = false;           // the connection is to become another protocol; we have none
};

// A server's reply; an error has a name.
struct Reply {
    std::string parameters = "{}";  // the text of a JSON object
    std::string error = {};         // "io.xfrmd.UnknownConnection"; empty = success
    bool continues = false;         // more replies to the same call follow
    bool secret = false;            // parameters hold keys: whoever passes them on wipes them
    [[nodiscard]] bool failed() const { return !error.empty(); }
};

// One message with its NUL at the end. `parameters` must be the text of a JSON object, as to_text()
// makes it.
[[nodiscard]] std::string encode(const Call& call);
[[nodiscard]] std::string encode(const Reply& reply);

// From one message without its NUL. Unknown members are tolerated, as Varlink wants it; parameters
// that are missing or null are an empty object. The error is a sentence for people.
[[nodiscard]] std::expected<Call, std::string> decode_call(std::string_view message);
[[nodiscard]] std::expected<Reply, std::string> decode_reply(std::string_view message);

// Cuts a stream into messages.
class Deframer {
  public:
    explicit Deframer(std::size_t message_size_max = kMessageSizeMax)
        : size_max_{message_size_max} {}

    // Takes what was read. False when a message has grown past the limit: the stream is lost then.
    // Looks at the new octets alone, however much waits.
    [[nodiscard]] bool feed(std::string_view octets);
    // The next whole message, without its NUL.
    [[nodiscard]] std::optional<std::string> next();
    // How many whole messages next() has still to hand out.
    [[nodiscard]] std::size_t whole() const { return whole_; }
    // True if the beginning of a message waits for its rest.
    [[nodiscard]] bool has_partial() const { return buffer_.size() > consumed_; }

  private:
    std::size_t size_max_;
    std::string buffer_;
    std::size_t consumed_ = 0;  // octets of buffer_ that next() has handed out
    std::size_t whole_ = 0;     // ends of messages in the rest of it
    std::size_t open_ = 0;      // octets after the last of them
};

}  // namespace xfrmd::api
