// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "daemon/api/failure_text.h"

using xfrmd::api::failure_text;

TEST_CASE("A failure is told by a sentence and the word for its reason", "[api]") {
    CHECK(failure_text("the pre-shared keys of the two sides differ", "authentication_failed") ==
          "the pre-shared keys of the two sides differ (authentication_failed)");
    CHECK(failure_text("", "unknown_peer") == "unknown_peer");
    CHECK(failure_text("no route", "") == "no route");
}

TEST_CASE("The word is not said twice", "[api]") {
    CHECK(failure_text("the peer answered AUTHENTICATION_FAILED", "authentication_failed") ==
          "the peer answered AUTHENTICATION_FAILED");
    CHECK(failure_text("the peer answered TS_UNACCEPTABLE", "traffic_selectors_unacceptable") ==
          "the peer answered TS_UNACCEPTABLE (traffic_selectors_unacceptable)");
}
