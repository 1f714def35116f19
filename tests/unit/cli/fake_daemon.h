// SPDX-License-Identifier: Apache-2.0
// A socket that takes one call and then says what the test wants, right or wrong.
#pragma once

#include <filesystem>
#include <string>
#include <thread>

namespace xfrmd::test {

class FakeDaemon {
  public:
    enum class Then { Close, Hold };  // after the last octet

    // Sends `octets` as they are once a call has come.
    FakeDaemon(std::string octets, Then then);
    FakeDaemon(const FakeDaemon&) = delete;
    FakeDaemon& operator=(const FakeDaemon&) = delete;
    ~FakeDaemon();

    const std::filesystem::path& socket() const { return socket_; }
    // The call that came, without its NUL. Ends the conversation.
    std::string call();

  private:
    void serve();

    std::string octets_;
    Then then_;
    std::filesystem::path folder_;
    std::filesystem::path socket_;
    int listener_ = -1;
    int stop_[2] = {-1, -1};  // closing the second end stops the thread
    std::string call_;
    std::thread thread_;
};

}  // namespace xfrmd::test
