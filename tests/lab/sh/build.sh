# SPDX-License-Identifier: Apache-2.0
# Configures, builds and runs programs: natively on a Debian 13 with the packages, in the build root everywhere else.
# shellcheck shell=bash

readonly preset=${XFRMD_PRESET:-release}   # release, asan, clang or fuzz: see CMakePresets.json
readonly build=$checkout/build/$preset

# in_root COMMAND ARGS…: in the build root, with the checkout and the current folder at their own paths.
in_root() {
    local name peers=()
    for name in $(peer_names); do
        peers+=("$name=$(root_directory "$name")")
        touch --no-create "$(root_directory "$name")"
    done
    touch --no-create "$(root_directory build)"
    unshare --mount --propagation private "$lab/sh/enter" "$(root_directory build)" "$checkout" "$cache" "${peers[@]}" -- "$@"
}

in_build() {
    if has_native_packages; then
        (export CCACHE_DIR="$cache/ccache" CCACHE_SLOPPINESS=pch_defines,time_macros && "$@")
    else
        in_root "$@"
    fi
}

# build_everything [TARGET…]: quick when nothing has changed, since ninja alone decides what is to do.
build_everything() {
    local start
    need_space "$checkout" 1500 "the build"
    start=$(now_ms)
    if [[ ! -f $build/build.ninja ]]; then
        begin "configuring build/$preset"
        in_build cmake --preset "$preset" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >"$checkout/build/configure.log" 2>&1 ||
            { cat "$checkout/build/configure.log" >&2; die "cmake could not configure build/$preset"; }
        done_since "$start" "configured build/$preset"
        start=$(now_ms)
    fi
    begin "building build/$preset"
    run_ninja "$@" || die "the build failed: the first error above says where"
    done_since "$start" "built build/$preset"
}

# run_ninja [TARGET…]: on a terminal ninja shows one moving line; into a file it says only what went wrong.
run_ninja() {
    if [[ -t 2 ]]; then
        in_build ninja -C "$build" "$@" >&2
    else
        in_build ninja -C "$build" --quiet "$@" >&2
    fi
}

# find_program NAME: the path of a program that the build has made.
find_program() {
    local found
    found=$(find "$build" -type f -executable -name "$1" -not -path '*/CMakeFiles/*' 2>/dev/null | head -n 1)
    [[ -n $found ]] || die "there is no program '$1' in build/$preset; there are: $(list_programs)"
    echo "$found"
}

list_programs() {
    find "$build" -type f -executable -not -name '*.so*' -not -path '*/CMakeFiles/*' -printf '%f\n' 2>/dev/null |
        sort | paste -sd ' '
}
