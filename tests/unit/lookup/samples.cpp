// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lookup/samples.h"

namespace xfrmd::lookup::tests {

using namespace xfrm;

Address address(std::string_view text) {
    return Address::parse(text).value();
}

Prefix prefix(std::string_view text) {
    return Prefix::parse(text).value();
}

Flow flow() {
    Flow flow;
    flow.source = address("192.0.2.1");
    flow.destination = address("192.0.2.2");
    flow.protocol = 17;
    flow.source_port = 1024;
    flow.destination_port = 53;
    return flow;
}

StoredTemplate transport_template() {
    StoredTemplate wanted;
    wanted.protocol = kEsp;
    wanted.mode = kTransport;
    wanted.reqid = ReqId{1};
    return wanted;
}

StoredPolicy& Kernel::add_policy(std::string_view source, std::string_view destination) {
    StoredPolicy policy;
    policy.selector.source = prefix(source);
    policy.selector.destination = prefix(destination);
    policy.direction = 1;  // XFRM_POLICY_OUT
    policy.index = 8 * next_index_++ + 1;
    policy.priority = 100;
    return *policies.insert(policies.begin(), std::move(policy));
}

StoredSa& Kernel::add_sa(std::uint32_t spi) {
    StoredSa sa;
    sa.source = address("192.0.2.1");
    sa.destination = address("192.0.2.2");
    sa.protocol = kEsp;
    sa.mode = kTransport;
    sa.spi = EspSpi{spi};
    sa.reqid = ReqId{1};
    sa.encryption.emplace();
    sa.usage.add_time = 1'000'000;
    return *sas.insert(sas.begin(), std::move(sa));
}

Tables Kernel::tables() const {
    return {policies, sas, defaults, 8, 1'000'100};
}

}  // namespace xfrmd::lookup::tests
