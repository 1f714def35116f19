// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto_pool.h"

#include <poll.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <latch>
#include <memory>
#include <set>

using namespace xfrmd;
using daemon::CryptoPool;

namespace {

bool wait_readable(const CryptoPool& pool, int milliseconds) {
    pollfd wanted{.fd = pool.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&wanted, 1, milliseconds) == 1;
}

ike::CryptoOutcome answer(std::uint8_t octet) {
    return ike::SharedSecret{Secret{Bytes{octet}}};
}

std::uint8_t octet_of(const ike::CryptoResult& result) {
    return std::get<ike::SharedSecret>(result.outcome.value()).secret.view()[0];
}

std::vector<ike::CryptoResult> collect(CryptoPool& pool, std::size_t count) {
    std::vector<ike::CryptoResult> all;
    while (all.size() < count && wait_readable(pool, 5000))
        for (auto& result : pool.collect()) all.push_back(std::move(result));
    return all;
}

}  // namespace

TEST_CASE("Every job's result comes back under its own number", "[daemon]") {
    const std::size_t workers = GENERATE(0U, 1U, 4U);
    auto pool = CryptoPool::create(workers).value();
    for (std::uint8_t i = 0; i < 200; ++i) pool->submit({i}, [i] { return answer(i); });
    pool->announce();
    CHECK(pool->outstanding() == 200);
    const auto results = collect(*pool, 200);
    REQUIRE(results.size() == 200);
    CHECK(pool->outstanding() == 0);
    std::set<std::uint64_t> seen;
    for (const auto& result : results) {
        CHECK(octet_of(result) == result.id.value);
        seen.insert(result.id.value);
    }
    CHECK(seen.size() == 200);
    CHECK_FALSE(wait_readable(*pool, 0));
}

TEST_CASE("A quick job is done when it is submitted, and the descriptor tells if it is to", "[daemon]") {
    auto pool = CryptoPool::create(1).value();
    pool->submit({3}, [] { return answer(9); }, CryptoPool::Pace::AtOnce);
    CHECK_FALSE(wait_readable(*pool, 0));
    CHECK(pool->outstanding() == 1);
    SECTION("taken at once") {
        const auto results = pool->take_done_at_once();
        REQUIRE(results.size() == 1);
        CHECK(octet_of(results[0]) == 9);
        CHECK(pool->outstanding() == 0);
        pool->announce();
        CHECK_FALSE(wait_readable(*pool, 0));
    }
    SECTION("left for the loop") {
        pool->announce();
        REQUIRE(wait_readable(*pool, 0));
        const auto results = pool->collect();
        REQUIRE(results.size() == 1);
        CHECK(results[0].id.value == 3);
        CHECK_FALSE(wait_readable(*pool, 0));
    }
}

TEST_CASE("One worker keeps the order of submission", "[daemon]") {
    auto pool = CryptoPool::create(1).value();
    for (std::uint8_t i = 0; i < 50; ++i) pool->submit({i}, [i] { return answer(i); });
    const auto results = collect(*pool, 50);
    REQUIRE(results.size() == 50);
    for (std::size_t i = 0; i < results.size(); ++i) CHECK(results[i].id.value == i);
}

TEST_CASE("Jobs run side by side", "[daemon]") {
    auto pool = CryptoPool::create(2).value();
    std::latch both{2};
    for (std::uint64_t i = 0; i < 2; ++i) {
        pool->submit({i}, [&both] {
            both.arrive_and_wait();  // would wait for ever if there were one worker
            return answer(1);
        });
    }
    CHECK(collect(*pool, 2).size() == 2);
}

TEST_CASE("An error is a result too", "[daemon]") {
    auto pool = CryptoPool::create(1).value();
    pool->submit({7}, [] {
        return ike::CryptoOutcome{
            std::unexpected{ike::CryptoError{ike::CryptoErrorCode::SignatureInvalid, "no"}}};
    });
    const auto results = collect(*pool, 1);
    REQUIRE(results.size() == 1);
    REQUIRE_FALSE(results[0].outcome);
    CHECK(results[0].outcome.error().code == ike::CryptoErrorCode::SignatureInvalid);
}

TEST_CASE("A pool that goes waits for what runs and destroys what waits", "[daemon]") {
    std::latch begun{1};
    std::latch go_on{1};
    std::atomic<int> ran = 0;
    const auto alive = std::make_shared<int>(0);
    auto pool = CryptoPool::create(1).value();
    pool->submit({0}, [&] {
        begun.count_down();
        go_on.wait();
        ++ran;
        return answer(0);
    });
    begun.wait();
    for (std::uint64_t i = 1; i <= 10; ++i)
        pool->submit({i}, [&ran, alive] {
            ++ran;
            return answer(1);
        });
    CHECK(alive.use_count() == 11);
    std::thread destroyer{[&] { pool.reset(); }};
    go_on.count_down();
    destroyer.join();
    CHECK(ran >= 1);
    CHECK(alive.use_count() == 1);
}
