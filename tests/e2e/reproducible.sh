#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A second build of the disc, from another directory with another locale, umask and time zone but
# the same signing key, gives the same bytes: drivers, symbols, packages and disc.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

epoch=$1

tree="$work/another place/with spaces"
mkdir -p "$tree"
(cd "$SOURCE" && find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 |
    tar -c --null -T - -f -) | tar -x -C "$tree" || fail "cannot copy the tree"

(
    umask 027
    export LC_ALL=C.UTF-8 LANG=C.UTF-8 TZ=Pacific/Kiritimati SOURCE_DATE_EPOCH=$epoch
    cd "$tree" &&
        cmake --preset iso -DVIOFORGE_KEY="$BUILD/keys/test.key" \
            -DVIOFORGE_CERT="$BUILD/keys/test.pem" &&
        cmake --build --preset iso
) >build.log 2>&1 || {
    tail -n 30 build.log >&2
    fail "the second build failed"
    finish
}

same=0
while IFS= read -r path; do
    if cmp "$BUILD/$path" "$tree/build/$path"; then
        same=$((same + 1))
    else
        fail "$path differs"
    fi
done < <(cd "$BUILD" && find drivers packages -type f \( -name '*.sys' -o -name '*.pdb' -o \
    -name '*.inf' -o -name '*.cat' \) | sort && echo vioforge.iso && echo vioforge.iso.sha256)
[ "$same" -ge 10 ] || fail "only $same files compared equal"
echo "$same files equal"
finish
