#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# reproducible.sh DRIVERS-SRC BUILD-DIR VERSION EPOCH: a copy of the sources in another folder, built
# under another locale, umask and time zone, gives the bytes that BUILD-DIR has.
set -euo pipefail
source=$1
build=$2
version=$3
epoch=$4

export LC_ALL=C TZ=Pacific/Chatham
umask 027
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/another place"
cp -R "$source" "$work/another place/sources"

bad=0
compared=0
for toolchain in amd64-clang x86-clang arm64-clang amd64-gcc x86-gcc; do
    arch=${toolchain%-*}
    first=$build/drivers/$arch
    if [ "${toolchain#*-}" = gcc ]; then first=$build/drivers-gcc/$arch; fi
    second=$work/out/$toolchain
    if ! {
        cmake -G Ninja -S "$work/another place/sources" -B "$work/$toolchain" \
            -DCMAKE_TOOLCHAIN_FILE="$work/another place/sources/cmake/$toolchain.cmake" \
            -DVIOFORGE_VERSION="$version" -DVIOFORGE_EPOCH="$epoch" -DVIOFORGE_OUT="$second"
        cmake --build "$work/$toolchain"
    } >"$work/log" 2>&1; then
        cat "$work/log"
        exit 1
    fi
    for file in "$second"/*; do
        compared=$((compared + 1))
        if ! cmp "$first/${file##*/}" "$file"; then bad=1; fi
    done
done
echo "$compared files compared"
if [ "$compared" -eq 0 ]; then exit 1; fi
exit $bad
