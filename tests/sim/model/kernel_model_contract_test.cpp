// SPDX-License-Identifier: Apache-2.0
// Holds the kernel model to the contract that the real kernel fulfils.
#include <catch2/catch_test_macros.hpp>

#include <string>

#include "tests/kernel/kernel_contract.h"
#include "tests/sim/model/kernel_model.h"

using namespace xfrmd;

namespace {

class ModelUnderTest final : public kernel_contract::KernelUnderTest {
  public:
    xfrm::KernelResult run(xfrm::KernelRequest request) override { return kernel_.run(std::move(request)); }
    std::vector<xfrm::KernelEvent> events() override { return kernel_.take_events(); }
    void pass_time(std::chrono::milliseconds duration) override {
        now_ += duration;
        kernel_.advance(now_);
    }
    void send_packet(const xfrm::Address& destination) override {
        (void)kernel_.output({.source = destination.is_v4() ? kOwn4 : kOwn6,
                              .destination = destination,
                              .source_port = 40000,
                              .destination_port = 9});
        kernel_.advance(now_);
    }
    std::chrono::seconds reservation_lifetime() override {
        return std::chrono::duration_cast<std::chrono::seconds>(sim::KernelModel::kReservationLifetime);
    }

  private:
    static inline const xfrm::Address kOwn4 = xfrm::Address::parse("192.0.2.1").value();
    static inline const xfrm::Address kOwn6 = xfrm::Address::parse("2001:db8::1").value();
    sim::Time now_{};
    sim::KernelModel kernel_{sim::Prng{1}, {kOwn4, kOwn6}};
};

}  // namespace

TEST_CASE("the kernel model keeps the kernel's contract", "[sim]") {
    for (const kernel_contract::Scenario& scenario : kernel_contract::scenarios()) {
        DYNAMIC_SECTION(std::string{scenario.name}) {
            ModelUnderTest kernel;
            scenario.run(kernel);
        }
    }
}
