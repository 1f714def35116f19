# SPDX-License-Identifier: Apache-2.0
# cmake -DNM=nm "-DLIBRARIES=a.a;b.a" -P undefined_symbols.cmake: fails if one of the libraries asks the system for a
# clock, a socket, a file, a thread, randomness or libmnl.
set(banned
  "mnl_[a-z_]+" "socket" "bind" "connect" "sendto" "sendmsg" "sendmmsg" "recv" "recvfrom" "recvmsg" "recvmmsg"
  "clock_gettime" "gettimeofday" "time" "nanosleep" "usleep" "pthread_create" "fork" "execve"
  "open" "open64" "openat" "fopen" "fopen64" "__open_2" "__open64_2" "getenv" "secure_getenv" "getrandom" "getentropy" "syslog"
  "printf" "__printf_chk" "puts" "_ZNSt6thread.*" "_ZNSt13random_device.*"
  "_ZNSt6chrono3_V212(system|steady)_clock3nowEv" "_ZSt4cout" "_ZSt4cerr")
list(JOIN banned "|" pattern)
set(found "")
foreach(library IN LISTS LIBRARIES)
  execute_process(COMMAND ${NM} --undefined-only ${library} OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
  if(NOT status EQUAL 0 OR symbols STREQUAL "")
    message(FATAL_ERROR "${NM} says nothing about ${library}")
  endif()
  string(REGEX MATCHALL " U [^\n]+" symbols "${symbols}")
  foreach(symbol IN LISTS symbols)
    string(REGEX REPLACE "^ U ([^@]+).*" "\\1" symbol "${symbol}")
    if(symbol MATCHES "^(${pattern})$")
      list(APPEND found "${library}: ${symbol}")
    endif()
  endforeach()
endforeach()
if(found)
  list(REMOVE_DUPLICATES found)
  list(JOIN found "\n  " found)
  message(FATAL_ERROR "asks the system:\n  ${found}")
endif()
