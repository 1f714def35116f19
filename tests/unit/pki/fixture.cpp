// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <botan/chacha_rng.h>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace xfrmd::cli::pki::test {

Botan::RandomNumberGenerator& chance() {
    static const Botan::secure_vector<std::uint8_t> seed(32, 0x5a);
    static Botan::ChaCha_RNG generator{seed};
    return generator;
}

ike::DistinguishedName subject(std::string_view text) {
    auto name = ike::DistinguishedName::parse(text);
    REQUIRE(name.has_value());
    return *std::move(name);
}

ike::Identity identity(std::string_view text) {
    auto parsed = ike::parse_identity(text);
    REQUIRE(parsed.has_value());
    return *std::move(parsed);
}

ike::LoadedPrivateKey key(KeyType type) {
    auto made = make_key(type, chance());
    REQUIRE(made.has_value());
    return *std::move(made);
}

Holder holder(std::string_view dns_name) {
    return {subject("CN=" + std::string{dns_name} + ", O=Test"), {identity(dns_name)}};
}

Issuer authority(std::string_view name, KeyType type) {
    ike::LoadedPrivateKey made = key(type);
    auto root = make_root(subject(name), {kNow - 3600, kNow + 3650 * kDay}, made, chance());
    INFO((root ? std::string{} : root.error()));
    REQUIRE(root.has_value());
    return {*std::move(root), std::move(made)};
}

Bytes certificate(const Issuer& issuer, std::string_view dns_name,
                  const ike::LoadedPrivateKey& key) {
    auto made = issue(issuer, holder(dns_name), kYear, {}, key.public_key_info, chance());
    INFO((made ? std::string{} : made.error()));
    REQUIRE(made.has_value());
    return *std::move(made);
}

std::string read_text(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    REQUIRE(in.is_open());
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_text(const std::filesystem::path& file, std::string_view text, unsigned mode) {
    {
        std::ofstream out{file, std::ios::binary};
        out << text;
        REQUIRE(out.good());
    }
    REQUIRE(::chmod(file.c_str(), mode) == 0);
}

Desk::Desk() = default;
Desk::~Desk() = default;

Desk::Outcome Desk::run(const Command& command, bool json) const {
    Outcome outcome;
    char* out = nullptr;
    char* err = nullptr;
    std::size_t out_octets = 0;
    std::size_t err_octets = 0;
    Options options;
    options.json = json;
    options.now = [this] { return WallTime{std::chrono::seconds{now}}; };
    options.out = ::open_memstream(&out, &out_octets);
    options.err = ::open_memstream(&err, &err_octets);
    outcome.code = pki::run(command, options);
    std::fclose(options.out);
    std::fclose(options.err);
    outcome.out.assign(out, out_octets);
    outcome.err.assign(err, err_octets);
    std::free(out);
    std::free(err);
    return outcome;
}

std::string Desk::done(const Command& command, bool json) const {
    const Outcome outcome = run(command, json);
    INFO(outcome.err);
    REQUIRE(outcome.code == ExitCode::Ok);
    return outcome.out;
}

void Desk::init() const {
    command::Init init;
    init.ca = at("ca");
    init.subject = "CN=Fleet CA, O=Test";
    done(init);
}

void Desk::issue(const std::string& name) const {
    command::Issue issue;
    issue.ca = at("ca");
    issue.name = name;
    issue.out = at("");
    done(issue);
}

}  // namespace xfrmd::cli::pki::test
