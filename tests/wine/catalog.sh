#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# catalog.sh ours|corpus PREFIX BINARIES: do Wine's crypt32 and wintrust read in catalogs what we do?
set -eu

what=$1
export LC_ALL=C.UTF-8 WINEPREFIX=$2 WINEARCH=win64 WINEDEBUG=-all
binaries=$3
unset DISPLAY

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
count=0

# compare FILE: read it both ways
compare() {
    local status=0
    count=$((count + 1))
    : >"$work/theirs"
    wine "$binaries/dump_crypt32.exe" "Z:${1//\//\\}" "Z:${work//\//\\}\\theirs" </dev/null || status=$?
    if [ $status -ne 0 ]; then
        echo "$1: crypt32 refused it (status $status): $(cat "$work/theirs")"
        bad=1
        return
    fi
    if ! "$binaries/dump_catalog" "$1" >"$work/ours"; then
        echo "$1: we refuse it"
        bad=1
    elif ! diff -u --label crypt32 --label ours "$work/theirs" "$work/ours"; then
        echo "$1: read differently"
        bad=1
    fi
}

ours() {
    local systems
    mkdir "$work/package"
    "$binaries/make_image" amd64 "$work/package/driver.sys"
    echo text >"$work/package/read me.txt"
    cat >"$work/package/driver.inf" <<'INF'
[Version]
Signature="$WINDOWS NT$"
CatalogFile=driver.cat
[Manufacturer]
M=Models,NTamd64
[Models.NTamd64]
D=Install,PCI\VEN_1AF4&DEV_1042&SUBSYS_11001AF4&REV_01,PCI\VEN_1AF4&DEV_1042
[SourceDisksNames]
1=disk
[SourceDisksFiles]
driver.sys=1
"read me.txt"=1
INF
    "$binaries/vioforge" sign test-cert --quiet "$work/test"
    for systems in 10_X64,Server2025_X64 XP_X64,7_X64,10_X64; do
        "$binaries/vioforge" catalog create --quiet --force --os $systems "$work/package"
        "$binaries/vioforge" sign --quiet --key "$work/test/test.key" --cert "$work/test/test.pem" \
            "$work/package/driver.cat"
        compare "$work/package/driver.cat"
        [ "$(grep -c '^entry' "$work/ours")" -ge 3 ]
    done
}

corpus() {
    local file
    if [ -z "${VIOFORGE_CORPUS-}" ]; then
        echo 'skipped: VIOFORGE_CORPUS names no folder of real driver packages'
        exit 77
    fi
    while IFS= read -r file; do
        # Git's stand-in for a file that it keeps elsewhere
        grep -q '^version https://git-lfs' "$file" || compare "$(realpath "$file")"
    done < <(find "$VIOFORGE_CORPUS" -iname '*.cat' | sort)
}

"$what"
echo "$count compared"
[ "$count" -gt 0 ] && exit $bad
