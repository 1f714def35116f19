// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/run.h"

#include <cerrno>
#include <format>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/explain/answer_json.h"
#include "cli/explain/answer_text.h"

namespace xfrmd::explain {

using cli::ExitCode;

namespace {

bool write(std::FILE* to, std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0;
}

ExitCode complain(const Surroundings& surroundings, std::string_view what, ExitCode code) {
    write(surroundings.err, std::format("xfrmctl: {}\n", what));
    return code;
}

ExitCode refuse(const Surroundings& surroundings, const xfrm::KernelError& error) {
    const bool denied = error.error_number == EPERM || error.error_number == EACCES;
    return complain(surroundings, error.what, denied ? ExitCode::Denied : ExitCode::Failed);
}

Origins origins_of(const Answer& answer, const Surroundings& surroundings) {
    std::vector<const xfrm::StoredPolicy*> winners;
    if (answer.arrival) winners.push_back(answer.arrival->policy().winner);
    if (answer.departure) winners.push_back(answer.departure->policy.winner);
    std::erase(winners, nullptr);
    return find_origins(winners,
                        {surroundings.socket, surroundings.reply_max, surroundings.setkey_record});
}

}  // namespace

ExitCode run(const Request& request, const Surroundings& surroundings) {
    auto question = parse(request.words);
    if (!question) return complain(surroundings, question.error(), ExitCode::Usage);
    question->inbound = request.inbound;
    question->interface = request.interface;
    const auto found = survey(*question);
    if (!found) return refuse(surroundings, found.error());
    const Answer result = answer(*found);
    const Origins origins = origins_of(result, surroundings);
    bool written = true;
    if (!request.json)
        written = write(surroundings.out,
                        answer_text(result, *found, origins, {surroundings.style, request.all}));
    std::optional<std::vector<Counter>> later;
    if (request.watch_seconds > 0) {
        std::this_thread::sleep_for(std::chrono::seconds{request.watch_seconds});
        later = read_counters();
    }
    if (request.json)
        written = write(surroundings.out, answer_json_line(result, *found, origins, later));
    else if (later)
        written = written && write(surroundings.out,
                                   moved_text(found->counters, *later, request.watch_seconds));
    if (!written)
        return complain(surroundings, "the output could not be written", ExitCode::Failed);
    return exit_code_of(result.verdict);
}

}  // namespace xfrmd::explain
