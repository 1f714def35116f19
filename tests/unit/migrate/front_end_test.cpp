// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/front_end.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace xfrmd;

std::string what(std::string_view text) {
    const auto found = migrate::recognise_front_end("file", text);
    return found ? found->what : "";
}

}  // namespace

TEST_CASE("the files of racoon-tool, of Red Hat and of OpenWrt are known by their text",
          "[migrate]") {
    CHECK(what("global:\n\tlog: notify\nconnection(a):\n\tsrc_ip: 10.0.0.1\n")
              .contains("racoon-tool, which writes"));
    CHECK(what("#connection(a):\nglobal:\n\tlog: notify\n").contains("defines no connection"));
    CHECK(what("TYPE=IPSEC\nIKE_METHOD=PSK\nDST=10.0.0.2\n").contains("Red Hat"));
    CHECK(what("IKE_PSK=hunter2\n").contains("Red Hat"));
    CHECK(what("config racoon\n\toption debug 1\n").contains("OpenWrt"));
    CHECK(what("config tunnel 'office'\n").contains("OpenWrt"));
}

TEST_CASE("files of racoon and setkey are not taken for others'", "[migrate]") {
    CHECK(what("").empty());
    CHECK(what("# connection(x):\npath certificate \"/etc/racoon\";\nremote anonymous {\n}\n")
              .empty());
    CHECK(what("flush;\nspdadd 10.0.0.1 10.0.0.2 any -P out none;\n").empty());
}

TEST_CASE("an interface of Red Hat is told with the policies that ifup makes of it", "[migrate]") {
    const auto networks = migrate::recognise_front_end(
        "ifcfg-ipsec0",
        "TYPE=IPSEC\nSRC=192.0.2.1\nDST=\"192.0.2.2\"\nSRCNET=10.1.0.0/16\nDSTNET=10.2.0.0/16\n");
    REQUIRE(networks);
    CHECK(networks->action.contains(
        "spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require; "
        "spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;"));
    const auto hosts =
        migrate::recognise_front_end("ifcfg-ipsec0", "TYPE=IPSEC\nSRC=192.0.2.1\nDST=192.0.2.2\n");
    REQUIRE(hosts);
    CHECK(hosts->action.contains(
        "spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;"));
}
