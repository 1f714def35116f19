# SPDX-License-Identifier: Apache-2.0
# xfrmd_add_guest_test(TARGET target LABELS kernel … [ARGS …] [TIMEOUT seconds])
# Adds the test guest.<target>: runs a Catch2 program as root in a guest of its own, whose kernel has ESP; its output and its
# status are the test's.
function(xfrmd_add_guest_test)
  cmake_parse_arguments(TEST "" "TARGET;TIMEOUT" "LABELS;ARGS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  set(name guest.${TEST_TARGET})
  # The guest's output is a terminal, which Catch2 would colour.
  add_test(NAME ${name}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/lab/run_in_guest ${TEST_TIMEOUT}
      $<TARGET_FILE:${TEST_TARGET}> --colour-mode none ${TEST_ARGS})
  # The limit above is the guest's; this one, a little later, is for when all else fails.
  math(EXPR limit "${TEST_TIMEOUT} + 60")
  set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT ${limit} COST ${limit} SKIP_RETURN_CODE 77)
  xfrmd_disable_with_sanitizers(${name})
endfunction()

# A process of the guest has 39 bits of address space, too few for the shadow memory of AddressSanitizer. ctest shows such
# tests as "Not Run (Disabled)".
function(xfrmd_disable_with_sanitizers test)
  if(XFRMD_SANITIZE)
    set_tests_properties(${test} PROPERTIES DISABLED ON)
  endif()
endfunction()
