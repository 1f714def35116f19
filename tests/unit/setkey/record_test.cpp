// SPDX-License-Identifier: Apache-2.0
// What is remembered of one run for the next.
#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "cli/setkey/owned_record.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::setkey;
namespace fs = std::filesystem;

xfrm::Address address(const char* text) {
    return *xfrm::Address::parse(text);
}

xfrm::PolicyId policy(const char* source, const char* destination) {
    return {.selector = {
                *xfrm::Prefix::parse(source), *xfrm::Prefix::parse(destination), 0, {}, {}, 0}};
}

// One of everything that a statement can name.
Owned sample() {
    Owned owned;
    owned.sas[{address("192.0.2.2"), xfrm::IpsecProtocol::Esp, xfrm::EspSpi{0x1000}, {}}] =
        address("192.0.2.1");
    owned.sas[{address("192.0.2.2"), xfrm::IpsecProtocol::Ah, xfrm::EspSpi{0x1000}, {5, 0xff}}] =
        address("192.0.2.1");
    owned.sas[{address("2001:db8::2"), xfrm::IpsecProtocol::Ipcomp, xfrm::EspSpi{2}, {}}] =
        address("2001:db8::1");
    std::uint32_t since = 0;
    const auto add = [&](xfrm::PolicyId id) { owned.policies[std::move(id)] = ++since; };
    add(policy("10.2.0.0/16", "10.1.0.0/16"));
    add(policy("10.1.0.0/16", "10.2.0.0/16"));
    xfrm::PolicyId everything = policy("::/0", "2001:db8::1");
    everything.direction = xfrm::Direction::Forward;
    everything.selector.protocol = 6;
    everything.selector.destination_port = xfrm::PortMask::exactly(443);
    everything.selector.interface_index = 7;
    everything.mark = {1, 3};
    everything.if_id = xfrm::IfId{9};
    everything.security_context = xfrm::SecurityContext{1, 1, 0, "a:b:c"};
    add(everything);
    xfrm::PolicyId icmp = policy("0.0.0.0/0", "0.0.0.0/0");
    icmp.direction = xfrm::Direction::In;
    icmp.selector.protocol = 1;
    icmp.selector.source_port = xfrm::PortMask::exactly(8);
    add(icmp);
    xfrm::PolicyId gre = policy("192.0.2.1", "192.0.2.2");
    gre.selector.protocol = 47;
    gre.selector.source_port = xfrm::PortMask::exactly(0);
    gre.selector.destination_port = xfrm::PortMask::exactly(1234);
    add(gre);
    return owned;
}

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "xfrmctl-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

}  // namespace

TEST_CASE("a record is a text of statements that reads as it was", "[setkey]") {
    const std::string text = text_of(sample());
    INFO(text);
    CHECK(read_owned(text) == sample());
    CHECK(text.contains("\ndelete 192.0.2.1 192.0.2.2 esp 0x1000;\n"));
    CHECK(text.contains("\nspddelete 10.2.0.0/16 10.1.0.0/16 any -P out;\n"));
    CHECK(text.contains("-dev 7"));
}

TEST_CASE("a record that was spoilt is read as far as it makes sense", "[setkey]") {
    CHECK(read_owned("") == Owned{});
    CHECK(read_owned("nonsense;\nspddelete 10.2.0.0/16 10.1.0.0/16 any -P out;\nspdd")
              .policies.size() == 1);
    CHECK(read_owned("flush; add 192.0.2.1 192.0.2.2 esp 1 -E null;") == Owned{});
    CHECK(read_owned("delete host1 host2 esp 0x1000;") == Owned{});
}

TEST_CASE("a record is kept from one run to the next", "[setkey]") {
    const TemporaryFolder folder;
    const fs::path place = folder.path() / "record";
    {
        const auto record = OwnedRecord::open(place);
        REQUIRE(record.has_value());
        CHECK(record->read() == Owned{});
        REQUIRE(record->write(sample()).has_value());
    }
    const auto record = OwnedRecord::open(place);
    REQUIRE(record.has_value());
    CHECK(record->read() == sample());
    CHECK((fs::status(place).permissions() & fs::perms{077}) == fs::perms::none);
    for (const auto& entry : fs::directory_iterator{place})
        CHECK((entry.status().permissions() & fs::perms{077}) == fs::perms::none);
}

TEST_CASE("a folder that others may enter holds no record", "[setkey]") {
    const TemporaryFolder folder;
    const fs::path place = folder.path() / "record";
    REQUIRE(::mkdir(place.c_str(), 0700) == 0);
    REQUIRE(::chmod(place.c_str(), 0755) == 0);
    CHECK_FALSE(OwnedRecord::open(place).has_value());
    REQUIRE(::chmod(place.c_str(), 0700) == 0);
    fs::create_symlink(place, folder.path() / "link");
    CHECK_FALSE(OwnedRecord::open(folder.path() / "link").has_value());
    CHECK_FALSE(OwnedRecord::open(folder.path() / "no" / "such").has_value());
}

TEST_CASE("a record that is a link is not followed", "[setkey]") {
    const TemporaryFolder folder;
    const fs::path place = folder.path() / "record";
    std::string name;
    {
        const auto record = OwnedRecord::open(place);
        REQUIRE(record.has_value());
        REQUIRE(record->write(sample()).has_value());
        for (const auto& entry : fs::directory_iterator{place})
            if (entry.path().extension() != ".lock") name = entry.path().filename();
    }
    fs::rename(place / name, folder.path() / "elsewhere");
    fs::create_symlink(folder.path() / "elsewhere", place / name);
    const auto record = OwnedRecord::open(place);
    REQUIRE(record.has_value());
    CHECK(record->read() == Owned{});
}
