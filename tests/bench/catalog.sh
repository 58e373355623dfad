#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long it takes to make and to verify the catalog of a package of 250 files, against sha256sum
# over the same files; and, as that may do without the processor's instructions for it, OpenSSL's.
# catalog.sh VIOFORGE [MIB [ROUNDS]]: medians over so many rounds (5) for so many MiB of content (100).
set -eu

vioforge=$1
mib=${2:-100}
rounds=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000

files=249
mkdir "$work/package"
{
    printf '[Version]\r\nSignature="\044WINDOWS NT\044"\r\nCatalogFile=package.cat\r\n'
    printf '[SourceDisksNames]\r\n1=disk\r\n[SourceDisksFiles]\r\n'
    for ((i = 1; i <= files; i++)); do printf 'file%d.bin=1\r\n' "$i"; done
} >"$work/package/package.inf"
for ((i = 1; i <= files; i++)); do
    # head ends early on purpose
    { openssl enc -aes-128-ctr -K "$(printf %032x "$i")" -iv 0 -in /dev/zero 2>/dev/null || true; } |
        head -c $((mib * 1048576 / files)) >"$work/package/file$i.bin"
done
"$vioforge" sign test-cert --quiet "$work/key"

timed() {
    local name=$1 start end
    shift
    start=$(date +%s.%N)
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
    end=$(date +%s.%N)
    echo "$start $end" | awk '{printf "%.3f\n", $2 - $1}' >>"$work/$name.times"
}

for ((round = 0; round < rounds; round++)); do
    timed create "$vioforge" catalog create --quiet --force --os 10_X64 "$work/package"
    "$vioforge" sign --quiet --key "$work/key/test.key" --cert "$work/key/test.pem" \
        "$work/package/package.cat"
    timed verify "$vioforge" catalog verify "$work/package/package.cat" "$work/package"
    timed sha256sum sha256sum "$work"/package/*
    timed openssl openssl dgst -sha256 "$work"/package/*
done

echo "a catalog of 250 files, $mib MiB: medians of $rounds rounds, in seconds"
for name in create verify sha256sum openssl; do
    printf '%-10s %s\n' $name "$(sort -n "$work/$name.times" | sed -n "$(((rounds + 1) / 2))p")"
done
