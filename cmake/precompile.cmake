# SPDX-License-Identifier: Apache-2.0
# The standard library and Botan's memory types are parsed once instead of once a file: that is half of what a file
# costs to compile. Every file still includes what it uses; a build with XFRMD_PRECOMPILE=OFF shows it (preset clang).
option(XFRMD_PRECOMPILE "Parse the standard library once for all files" ON)

set(xfrmd_precompiled_headers
  <algorithm> <array> <chrono> <compare> <cstdint> <expected> <functional> <map> <memory> <optional>
  <ranges> <span> <string> <string_view> <utility> <variant> <vector> <botan/rng.h> <botan/secmem.h>)

# xfrmd_precompile_below(FOLDER LIBRARY): lets every target of FOLDER and its subfolders use LIBRARY's headers.
function(xfrmd_precompile_below folder library)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(NOT target STREQUAL ${library} AND type MATCHES "STATIC_LIBRARY|OBJECT_LIBRARY|EXECUTABLE")
      target_precompile_headers(${target} REUSE_FROM ${library})
    endif()
  endforeach()
  get_property(subfolders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(subfolder ${subfolders})
    xfrmd_precompile_below(${subfolder} ${library})
  endforeach()
endfunction()

# xfrmd_precompile(LIBRARY HEADERS… FOLDERS…)
function(xfrmd_precompile library)
  cmake_parse_arguments(USE "" "" "HEADERS;FOLDERS" ${ARGN})
  if(NOT XFRMD_PRECOMPILE)
    return()
  endif()
  file(WRITE ${CMAKE_BINARY_DIR}/${library}.cpp "")
  add_library(${library} OBJECT ${CMAKE_BINARY_DIR}/${library}.cpp)
  target_link_libraries(${library} PRIVATE xfrmd_options PkgConfig::BOTAN)
  target_precompile_headers(${library} PRIVATE ${USE_HEADERS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(xfrmd_options INTERFACE -fpch-preprocess)  # ccache cannot see what a file includes without it
  endif()
  foreach(folder ${USE_FOLDERS})
    xfrmd_precompile_below(${CMAKE_SOURCE_DIR}/${folder} ${library})
  endforeach()
endfunction()
