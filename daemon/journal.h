// SPDX-License-Identifier: Apache-2.0
// Log lines with fields, to the journal when that is where our stderr leads, else to stderr as
// text.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/log_level.h"

namespace xfrmd::daemon {

[[nodiscard]] std::string_view level_name(Level level);
[[nodiscard]] std::optional<Level> parse_level(std::string_view name);

struct Field {
    // Lower case with underscores: "peer_id"; in the journal XFRMD_PEER_ID. "event" is the kind of line,
    // and gives it its MESSAGE_ID.
    std::string_view name;
    std::string value;  // any octets
};

// "time level message key=value …" on one line. Values from peers may hold anything: what is not
// printable UTF-8 text is escaped, values with spaces are quoted.
[[nodiscard]] std::string render_line(std::string_view time, Level level, std::string_view message,
                                      std::span<const Field> fields);
// Control characters, and octets that are no UTF-8, as \xNN.
[[nodiscard]] std::string escaped(std::string_view text);

// "NAME=VALUE" for each field of the line in the journal's own form. All values are printable, for
// whoever shows them without a look.
[[nodiscard]] std::vector<std::string> journal_entry(Level level, std::string_view message,
                                                     std::span<const Field> fields);

class Journal {
  public:
    enum class Sink : std::uint8_t { SystemdJournal, Stderr };

    // SystemdJournal if stderr is a stream to it ($JOURNAL_STREAM).
    [[nodiscard]] static Sink detect_sink();

    Journal(Sink sink, Level threshold) : sink_{sink}, threshold_{threshold} {}

    [[nodiscard]] Level threshold() const { return threshold_; }
    void set_threshold(Level threshold) { threshold_ = threshold; }

    // Lines less important than the threshold are dropped.
    void write(Level level, std::string_view message, std::span<const Field> fields = {}) const;
    void write(Level level, std::string_view message, std::initializer_list<Field> fields) const {
        write(level, message, std::span{fields.begin(), fields.size()});
    }
    void error(std::string_view message) const { write(Level::Error, message); }
    void warning(std::string_view message) const { write(Level::Warning, message); }
    void notice(std::string_view message) const { write(Level::Notice, message); }
    void info(std::string_view message) const { write(Level::Info, message); }
    void debug(std::string_view message) const { write(Level::Debug, message); }

  private:
    Sink sink_;
    Level threshold_;
};

}  // namespace xfrmd::daemon
