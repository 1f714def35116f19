# SPDX-License-Identifier: Apache-2.0
# xfrmd_add_test(NAME name LABEL unit SOURCES a_test.cpp … LIBRARIES ike_core …)
# One Catch2 program = one ctest test; a failure prints the failing case and its seed.
function(xfrmd_add_test)
  cmake_parse_arguments(TEST "" "NAME;LABEL" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${TEST_NAME} ${TEST_SOURCES})
  target_link_libraries(${TEST_NAME} PRIVATE xfrmd_options ${TEST_LIBRARIES} Catch2::Catch2WithMain)
  add_test(NAME ${TEST_NAME} COMMAND ${TEST_NAME})
  set_tests_properties(${TEST_NAME} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT 600)
endfunction()
