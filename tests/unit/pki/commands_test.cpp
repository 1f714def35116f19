// SPDX-License-Identifier: Apache-2.0
// The commands, from options to files and words.
#include "cli/pki/commands.h"

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>

#include "cli/check.h"
#include "cli/fields.h"
#include "fixture.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli::pki;
using namespace xfrmd::cli::pki::test;
using cli::ExitCode;

unsigned mode_of(const std::filesystem::path& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

command::Issue issue_command(const Desk& desk, const std::string& name) {
    command::Issue issue;
    issue.ca = desk.at("ca");
    issue.name = name;
    issue.out = desk.at("");
    return issue;
}

command::Verify verify_command(const Desk& desk, const std::string& file) {
    command::Verify verify;
    verify.ca = desk.at("ca");
    verify.file = desk.at(file);
    return verify;
}

command::Revoke revoke_command(const Desk& desk, const std::string& what) {
    command::Revoke revoke;
    revoke.ca = desk.at("ca");
    revoke.what = what;
    revoke.reason = "keyCompromise";
    return revoke;
}

}  // namespace

TEST_CASE("an authority and a host: private what is private, and what the configuration takes",
          "[pki]") {
    const Desk desk;
    desk.init();
    CHECK(mode_of(desk.at("ca")) == 0700);
    CHECK(mode_of(desk.at("ca/ca.key")) == 0600);
    const std::string told = desk.done(issue_command(desk, "db1.example.net"));
    CHECK(told.contains("[identity.host]\n"));
    CHECK(mode_of(desk.at("db1.example.net.key")) == 0600);

    // What was printed, with the paths of this test, is a good configuration.
    const std::string at = desk.at("").string();
    write_text(desk.at("xfrmd.toml"),
               "[identity.host]\ncert = \"" + at + "db1.example.net.pem\"\nkey = \"" + at +
                   "db1.example.net.key\"\n[trust.fleet]\nca = [\"" + at +
                   "ca/ca.pem\"]\n[connection.web]\nremote = \"192.0.2.1\"\nlocal = \"192.0.2.2\"\n"
                   "identity = \"host\"\npeer = { trust = \"fleet\", id = \"web.example.net\" }\n");
    const auto checked = cli::check_configuration({desk.at("xfrmd.toml")},
                                                  cli::WallTime{std::chrono::seconds{kNow}});
    INFO(checked.text);
    CHECK(checked.good);
    CHECK(checked.text == "the configuration is good: 1 connection\n");
}

TEST_CASE("nothing is made a second time without --force, and with it all is new", "[pki]") {
    const Desk desk;
    desk.init();
    desk.issue("db1.example.net");
    const std::string key = read_text(desk.at("db1.example.net.key"));
    const auto again = desk.run(issue_command(desk, "db1.example.net"));
    CHECK(again.code == ExitCode::Failed);
    CHECK(again.err.contains("exists, and is not replaced without --force"));
    CHECK(read_text(desk.at("db1.example.net.key")) == key);

    const std::string ca_key = read_text(desk.at("ca/ca.key"));
    command::Init init;
    init.ca = desk.at("ca");
    init.subject = "CN=Another CA";
    CHECK(desk.run(init).code == ExitCode::Failed);
    CHECK(read_text(desk.at("ca/ca.key")) == ca_key);

    command::Issue forced = issue_command(desk, "db1.example.net");
    forced.force = true;
    desk.done(forced);
    CHECK(read_text(desk.at("db1.example.net.key")) != key);
    CHECK(desk.run(verify_command(desk, "db1.example.net.pem")).code == ExitCode::Ok);
}

TEST_CASE("a file that stands in the way of a certificate keeps the key from being made", "[pki]") {
    const Desk desk;
    desk.init();
    write_text(desk.at("db1.example.net.pem"), "old");
    CHECK(desk.run(issue_command(desk, "db1.example.net")).code == ExitCode::Failed);
    CHECK_FALSE(std::filesystem::exists(desk.at("db1.example.net.key")));
    CHECK(std::filesystem::is_empty(desk.at("ca/issued")));
}

TEST_CASE("a host is named by what is given, else by its name", "[pki]") {
    const Desk desk;
    desk.init();
    const auto identities = [&](const command::Issue& issue) {
        const auto reply = cli::Fields::parse(desk.done(issue, true));
        return reply.object("certificate").texts("identities");
    };
    using Names = std::vector<std::string>;
    CHECK(identities(issue_command(desk, "db1.example.net")) ==
          Names{"db1.example.net", "CN=db1.example.net"});
    CHECK(identities(issue_command(desk, "2001:db8::1")) == Names{"2001:db8::1", "CN=2001:db8::1"});
    CHECK(identities(issue_command(desk, "ann@example.net")) ==
          Names{"ann@example.net", "CN=ann@example.net"});
    CHECK(identities(issue_command(desk, "gateway")) == Names{"CN=gateway"});
    command::Issue full = issue_command(desk, "db2");
    full.wish = {.subject = "CN=Database, O=Example",
                 .dns = {"db2.example.net", "db2.example.net"},
                 .addresses = {"192.0.2.2"},
                 .emails = {"dba@example.net"}};
    CHECK(identities(full) ==
          Names{"db2.example.net", "dba@example.net", "192.0.2.2", "CN=Database,O=Example"});
}

TEST_CASE("names that cannot be are refused before anything is made", "[pki]") {
    const Desk desk;
    desk.init();
    const auto refusal = [&](command::Issue issue) {
        const auto outcome = desk.run(issue);
        CHECK(outcome.code == ExitCode::Failed);
        return outcome.err;
    };
    CHECK(refusal(issue_command(desk, "../db1")).contains("cannot be the name of files"));
    CHECK(refusal(issue_command(desk, "*.example.net")).contains("a wildcard in a certificate"));
    command::Issue issue = issue_command(desk, "db1");
    issue.wish.addresses = {"192.0.2.300"};
    CHECK(refusal(issue).contains("192.0.2.300"));
    issue.wish = {.subject = "nonsense", .dns = {}, .addresses = {}, .emails = {}};
    CHECK(refusal(issue).contains("the subject \"nonsense\" cannot be used"));
    CHECK(std::filesystem::is_empty(desk.at("ca/issued")));
}

TEST_CASE("a certificate lasts a year, or as long as its authority, or is refused", "[pki]") {
    Desk desk;
    desk.init();
    desk.now += 3500 * kDay;
    desk.issue("late.example.net");
    CHECK(desk.run(verify_command(desk, "late.example.net.pem")).code == ExitCode::Ok);
    command::Issue longer = issue_command(desk, "longer.example.net");
    longer.days = 300;
    CHECK(desk.run(longer).err.contains("before the new certificate would"));
    desk.now += 200 * kDay;
    CHECK(desk.run(issue_command(desk, "dead.example.net"))
              .err.contains("CN=Fleet CA,O=Test expired"));
}

TEST_CASE("a key that never leaves its host: request there, sign here", "[pki]") {
    const Desk desk;
    desk.init();
    command::Request request;
    request.name = "web.example.net";
    request.out = desk.at("");
    request.key.type = KeyType::Ed25519;
    desk.done(request);
    CHECK(mode_of(desk.at("web.example.net.key")) == 0600);
    command::Sign sign;
    sign.ca = desk.at("ca");
    sign.request = desk.at("web.example.net.csr");
    desk.done(sign);
    command::Verify verify = verify_command(desk, "web.example.net.pem");
    verify.id = "web.example.net";
    CHECK(desk.run(verify).out.starts_with("accepted: "));
    CHECK(desk.run(sign).err.contains("exists"));

    sign.out = desk.at("other.pem");
    sign.wish.dns = {"other.example.net"};
    desk.done(sign);
    CHECK(desk.run(verify_command(desk, "other.pem"))
              .out.contains("itself other.example.net, CN=web"));
}

TEST_CASE("what is revoked is refused from the next list on", "[pki]") {
    Desk desk;
    desk.init();
    desk.issue("db1.example.net");
    desk.issue("db2.example.net");
    CHECK(desk.done(revoke_command(desk, "db1.example.net")).contains("is revoked."));
    CHECK(desk.run(revoke_command(desk, "db1.example.net")).err.contains("is revoked already"));
    CHECK(desk.run(verify_command(desk, "db1.example.net.pem")).out.contains("was revoked by"));
    CHECK(desk.run(verify_command(desk, "db2.example.net.pem")).code == ExitCode::Ok);
    desk.done(revoke_command(desk, desk.at("db2.example.net.pem").string()));
    CHECK(desk.run(verify_command(desk, "db2.example.net.pem")).code == ExitCode::Failed);
    CHECK(desk.run(revoke_command(desk, "db3.example.net"))
              .err.contains("is no name, no serial number"));

    // The list runs out, and is made anew with all that was on it.
    desk.issue("db3.example.net");
    desk.now += 31 * kDay;
    command::Verify strict = verify_command(desk, "db3.example.net.pem");
    strict.require_crl = true;
    CHECK(desk.run(strict).out.contains("is out of date"));
    command::Crl crl;
    crl.ca = desk.at("ca");
    CHECK(desk.done(crl).contains("2 revoked"));
    CHECK(desk.run(strict).code == ExitCode::Ok);
    CHECK(desk.run(verify_command(desk, "db1.example.net.pem")).code == ExitCode::Failed);
}

TEST_CASE("several certificates about one name are told apart by their serial numbers", "[pki]") {
    const Desk desk;
    desk.init();
    desk.issue("db1.example.net");
    command::Issue again = issue_command(desk, "db1.example.net");
    again.force = true;
    const auto made = cli::Fields::parse(desk.done(again, true)).object("certificate");
    const auto several = desk.run(revoke_command(desk, "db1.example.net"));
    CHECK(several.err.contains("2 certificates are about \"db1.example.net\""));
    CHECK(several.err.contains(made.text("serial")));
    CHECK(desk.done(revoke_command(desk, made.text("serial"))).contains(made.text("serial")));
}

TEST_CASE("the list of what was issued says what has become of it", "[pki]") {
    Desk desk;
    desk.init();
    command::List list;
    list.ca = desk.at("ca");
    CHECK(desk.done(list) == "nothing was issued yet\n");
    desk.issue("a.example.net");
    desk.issue("b.example.net");
    desk.done(revoke_command(desk, "b.example.net"));
    const std::string table = desk.done(list);
    CHECK(table.contains("a.example.net  valid"));
    CHECK(table.contains("b.example.net  revoked"));
    desk.now += 366 * kDay;
    CHECK(desk.done(list).contains("a.example.net  expired"));
    const std::string json = desk.done(list, true);
    CHECK(cli::Fields::parse(json.substr(0, json.find('\n'))).has("state"));
}

TEST_CASE("an authority below another issues with its chain, and counts as far as it may",
          "[pki]") {
    const Desk desk;
    desk.init();
    command::Init below;
    below.ca = desk.at("berlin");
    below.parent = desk.at("ca");
    below.subject = "CN=Berlin CA, O=Test";
    below.key.type = KeyType::Ed25519;
    desk.done(below);
    command::Issue issue = issue_command(desk, "gw.example.net");
    issue.ca = desk.at("berlin");
    desk.done(issue);
    // With the root alone trusted: the file has the intermediate.
    CHECK(desk.run(verify_command(desk, "gw.example.net.pem")).code == ExitCode::Ok);
    // The authority above knows of the one below, and can revoke it.
    desk.done(revoke_command(desk, "CN=Berlin CA,O=Test"));
    CHECK(desk.run(verify_command(desk, "gw.example.net.pem")).out.contains("was revoked by"));

    below.ca = desk.at("third");
    below.parent = desk.at("berlin");
    const auto third = desk.run(below);
    CHECK(third.code == ExitCode::Failed);
    CHECK(third.err.contains("allows no authority below it"));
    CHECK_FALSE(std::filesystem::exists(desk.at("third")));
}

TEST_CASE("a passphrase protects the authority's key", "[pki]") {
    const Desk desk;
    write_text(desk.at("passphrase"), "correct horse\nand what else is in the file\n");
    write_text(desk.at("wrong"), "incorrect horse\n");
    command::Init init;
    init.ca = desk.at("ca");
    init.subject = "CN=Fleet CA";
    init.key.encrypt = true;
    init.key.passphrase_file = desk.at("passphrase");
    desk.done(init);
    CHECK(read_text(desk.at("ca/ca.key")).contains("ENCRYPTED PRIVATE KEY"));
    command::Issue issue = issue_command(desk, "db1.example.net");
    issue.ca_passphrase_file = desk.at("wrong");
    CHECK(desk.run(issue).err.contains("the passphrase is wrong"));
    issue.ca_passphrase_file = desk.at("passphrase");
    desk.done(issue);
    write_text(desk.at("open"), "x\n", 0644);
    issue.ca_passphrase_file = desk.at("open");
    issue.name = "db2.example.net";
    CHECK(desk.run(issue).err.contains("chmod 0600"));
}

TEST_CASE("everything that the authority makes can be looked at", "[pki]") {
    const Desk desk;
    desk.init();
    desk.issue("db1.example.net");
    desk.done(revoke_command(desk, "db1.example.net"));
    command::Show show;
    show.files = {desk.at("db1.example.net.pem"), desk.at("db1.example.net.key"),
                  desk.at("ca/crl.pem")};
    const std::string text = desk.done(show);
    CHECK(text.starts_with("Certificate\n"));
    CHECK(text.contains("usable as a host's certificate"));
    CHECK(text.contains("\nPrivate key\n"));
    CHECK(text.contains("\nRevocation list\n"));
    CHECK_FALSE(text.contains("PRIVATE KEY"));
    const std::string json = desk.done(show, true);
    CHECK(std::ranges::count(json, '\n') == 3);
    write_text(desk.at("nonsense"), "nonsense");
    show.files = {desk.at("nonsense")};
    const auto refused = desk.run(show, true);
    CHECK(refused.code == ExitCode::Failed);
    CHECK(cli::Fields::parse(refused.err).text("message").contains("this is no certificate"));
}

TEST_CASE("without an authority there is a word about how to make one", "[pki]") {
    const Desk desk;
    command::List list;
    list.ca = desk.at("ca");
    command::Crl crl;
    crl.ca = desk.at("ca");
    for (const Command& each :
         {Command{list}, Command{crl}, Command{issue_command(desk, "a.example.net")},
          Command{revoke_command(desk, "a.example.net")}})
        CHECK(desk.run(each).err.contains("make one with \"xfrmctl pki init\""));
}
