// SPDX-License-Identifier: Apache-2.0
#include "netlink/record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <string>

#include "netlink/record_lines.h"
#include "tests/support/temporary_directory.h"

namespace xfrmd::test {
namespace {

using netlink::Record;

xfrm::SaSpec sa(std::uint32_t spi) {
    xfrm::SaSpec spec;
    spec.id.source = xfrm::Address::v4(0xc0000201);
    spec.id.destination = xfrm::Address::v4(0xc0000202);
    spec.id.spi = {spi};
    spec.reqid = {0x40000001};
    return spec;
}

xfrm::PolicySpec policy(const char* destination, std::uint32_t priority = 1000) {
    xfrm::PolicySpec spec;
    spec.id.selector = {*xfrm::Prefix::parse("2001:db8:1::/48"),
                        *xfrm::Prefix::parse(destination),
                        6,
                        xfrm::PortMask::any(),
                        xfrm::PortMask::exactly(443),
                        7};
    spec.id.direction = xfrm::Direction::Forward;
    spec.id.mark = {0x10, 0xff};
    spec.id.if_id = {42};
    spec.priority = priority;
    spec.templates.emplace_back().reqid = {0x40000001};
    return spec;
}

xfrm::InstallSas install(std::uint32_t spi) {
    xfrm::InstallSas request;
    request.sas.push_back(sa(spi));
    request.reserved.push_back(false);
    return request;
}

xfrm::SaInfo info(const xfrm::SaSpec& spec) {
    xfrm::SaInfo shown;
    shown.spec.id = spec.id;
    shown.spec.reqid = spec.reqid;
    return shown;
}

void carry_out(Record& record, const xfrm::KernelRequest& request, bool succeeds = true) {
    record.after(record.before(request), succeeds);
}

}  // namespace

TEST_CASE("what was asked of the kernel is known after the program ended without a word", "[netlink]") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "record";
    {
        auto record = Record::open(path);
        REQUIRE(record);
        carry_out(*record, install(0x1000));
        carry_out(*record, xfrm::InstallPolicies{{policy("2001:db8:2::/48")}, true});
        static_cast<void>(record->before(install(0x2000)));  // the answer never came
    }
    const netlink::Holdings found = Record::read(path);
    CHECK(found.has(info(sa(0x1000))));
    CHECK(found.has(info(sa(0x2000))));
    CHECK_FALSE(found.has(info(sa(0x3000))));
    CHECK(found.has(xfrm::PolicyInfo{policy("2001:db8:2::/48"), 0, {}}));
    CHECK_FALSE(found.has(xfrm::PolicyInfo{policy("2001:db8:3::/48"), 0, {}}));
}

TEST_CASE("an SA that was moved is still ours, and a policy that others replaced is not", "[netlink]") {
    const TemporaryDirectory folder;
    auto record = Record::open(folder.path() / "record");
    REQUIRE(record);
    carry_out(*record, install(0x1000));
    carry_out(*record, xfrm::InstallPolicies{{policy("2001:db8:2::/48")}, true});
    xfrm::SaInfo moved = info(sa(0x1000));
    moved.spec.id.destination = xfrm::Address::v4(0xc0000299);
    CHECK(record->holdings().has(moved));
    xfrm::SaInfo foreign = info(sa(0x1000));
    foreign.spec.reqid = {7};
    CHECK_FALSE(record->holdings().has(foreign));
    CHECK_FALSE(record->holdings().has(xfrm::PolicyInfo{policy("2001:db8:2::/48", 5), 0, {}}));
}

TEST_CASE("what is gone is forgotten, what could not be removed is not", "[netlink]") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "record";
    auto record = Record::open(path);
    REQUIRE(record);
    carry_out(*record, install(0x1000), false);
    carry_out(*record, install(0x2000));
    carry_out(*record, install(0x3000));
    carry_out(*record, xfrm::RemoveSas{{sa(0x2000).id}}, false);
    carry_out(*record, xfrm::RemoveSas{{sa(0x3000).id}});
    carry_out(*record, xfrm::InstallPolicies{{policy("::/0")}, true});
    // Refused: the one before is put back, and is ours still.
    carry_out(*record, xfrm::InstallPolicies{{policy("::/0", 7), policy("2001:db8::/32")}, true}, false);
    for (const netlink::Holdings& holdings : {record->holdings(), Record::read(path)}) {
        CHECK(holdings.sas.size() == 1);
        CHECK(holdings.has(info(sa(0x2000))));
        CHECK(holdings.policies.size() == 1);
    }
    carry_out(*record, xfrm::RemovePolicies{{policy("::/0").id}});
    CHECK(Record::read(path).policies.empty());
}

TEST_CASE("policies of this run are told from those of former ones", "[netlink]") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "record";
    {
        auto former = Record::open(path);
        REQUIRE(former);
        carry_out(*former, xfrm::InstallPolicies{{policy("::/0"), policy("2001:db8::/32")}, true});
    }
    auto record = Record::open(path);
    REQUIRE(record);
    carry_out(*record, xfrm::InstallPolicies{{policy("::/0")}, true});
    CHECK(record->of_this_run().contains(policy("::/0").id));
    CHECK_FALSE(record->of_this_run().contains(policy("2001:db8::/32").id));
    CHECK(record->holdings().policies.size() == 2);
}

TEST_CASE("a long-lived record does not grow without end", "[netlink]") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "record";
    auto record = Record::open(path);
    REQUIRE(record);
    for (std::uint32_t spi = 256; spi < 20'256; ++spi) {
        carry_out(*record, install(spi));
        carry_out(*record, xfrm::RemoveSas{{sa(spi).id}});
    }
    CHECK(std::filesystem::file_size(path) < 128 * 1024);
    CHECK(Record::read(path).sas.empty());
}

TEST_CASE("damage to the file costs the damaged lines only", "[netlink]") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "record";
    {
        auto former = Record::open(path);
        REQUIRE(former);
        carry_out(*former, install(0x1000));
    }
    std::ofstream{path, std::ios::app} << "+sa 50 zzzz 1\n+policy out nonsense\n\n-policy\n+sa 50 00002000 7\n+sa 50 0000";
    const netlink::Holdings found = Record::read(path);
    CHECK(found.sas.size() == 2);
    CHECK(found.policies.empty());
}

TEST_CASE("a file that others could have written, or that is none, counts as empty", "[netlink]") {
    const TemporaryDirectory folder;
    const auto path = folder.path() / "record";
    {
        auto former = Record::open(path);
        REQUIRE(former);
        carry_out(*former, install(0x1000));
    }
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    CHECK(Record::read(path).sas.empty());
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    CHECK(Record::read(path).sas.size() == 1);
    std::filesystem::create_symlink(path, folder.path() / "link");
    CHECK(Record::read(folder.path() / "link").sas.empty());
    CHECK(Record::read(folder.path() / "absent").sas.empty());
    CHECK_FALSE(Record::open("/nonexistent/record").has_value());
}

TEST_CASE("a record that cannot be written says so, and is whole again when it can", "[netlink]") {
    const TemporaryDirectory folder;
    const auto below = folder.path() / "below";
    std::filesystem::create_directory(below);
    auto record = Record::open(below / "record");
    REQUIRE(record);
    // A new file has nowhere to go.
    std::filesystem::remove_all(below);
    for (std::uint32_t spi = 256; spi < 4'256; ++spi) carry_out(*record, install(spi));
    for (std::uint32_t spi = 256; spi < 4'256; ++spi) carry_out(*record, xfrm::RemoveSas{{sa(spi).id}});
    CHECK(record->trouble().contains("cannot create"));
    std::filesystem::create_directory(below);
    carry_out(*record, install(0x9000));
    CHECK(record->trouble().empty());
    CHECK(Record::read(below / "record").sas.size() == 1);
}

}  // namespace xfrmd::test
