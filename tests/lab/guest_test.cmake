# SPDX-License-Identifier: Apache-2.0
# xfrmd_add_guest_test(NAME name TARGET target LABELS kernel … [ARGS …] [TIMEOUT seconds])
# Runs a test program as root in a guest of its own, whose kernel has ESP; its output and its status are the test's.
function(xfrmd_add_guest_test)
  cmake_parse_arguments(TEST "" "NAME;TARGET;TIMEOUT" "LABELS;ARGS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  add_test(NAME ${TEST_NAME} COMMAND ${CMAKE_SOURCE_DIR}/tests/lab/run_in_guest $<TARGET_FILE:${TEST_TARGET}> ${TEST_ARGS})
  set_tests_properties(${TEST_NAME} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT ${TEST_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()
