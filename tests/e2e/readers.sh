#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The disc, read by programs not written here: 7z and xorriso list and extract every file with the
# content that SHA256SUMS states, and so does our own extraction through libiso9660.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

iso=$BUILD/vioforge.iso

mkdir by-7z by-xorriso
7z x -y -oby-7z "$iso" >7z.log 2>&1 || fail "7z: $(tail -n 3 7z.log)"
xorriso -osirrox on -indev "$iso" -extract / by-xorriso >xorriso.log 2>&1 ||
    fail "xorriso: $(tail -n 3 xorriso.log)"
chmod -R u+w by-xorriso
expect 0 '' "$VIOFORGE" iso extract "$iso" by-us

for dir in by-7z by-xorriso by-us; do
    (cd "$dir" && sha256sum --quiet --strict -c SHA256SUMS) >sums.log 2>&1 ||
        fail "$dir: $(head -n 3 sums.log)"
    (cd "$dir" && find . -type f | sed 's|^\./||' | sort) >"$dir.list"
done
cmp by-7z.list by-us.list || fail "7z and vioforge list different files"
cmp by-xorriso.list by-us.list || fail "xorriso and vioforge list different files"
[ "$(grep -c '\.inf$' by-us.list)" -ge 2 ] || fail "fewer than two INF files on the disc"
# every file but SHA256SUMS itself has a line in it
[ "$(wc -l <by-us/SHA256SUMS)" -eq $(($(wc -l <by-us.list) - 1)) ] ||
    fail "SHA256SUMS does not cover the disc"
! grep -q '\.pdb$' by-us.list || fail "a .pdb is on the disc"
(cd "$(dirname "$iso")" && sha256sum --quiet --strict -c "$(basename "$iso").sha256") ||
    fail "vioforge.iso.sha256 does not fit vioforge.iso"
expect 0 '' "$VIOFORGE" iso list --json "$iso"
says '"schema": "vioforge.iso'
finish
