#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long it takes to write a disc like virtio-win's: 1480 files, half of them hard links to the
# other half, against genisoimage and xorriso on the same tree, each up to the flush to disk.
# disc.sh VIOFORGE [MIB [ROUNDS]]: medians over so many rounds (5) for so many MiB of content (640).
set -eu

vioforge=$1
mib=${2:-640}
rounds=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000

# 740 files of sizes that grow, from a cipher's stream so that no two are alike
files=740
unit=$((mib * 1048576 * 2 / (files * (files + 1))))
for ((i = 1; i <= files; i++)); do
    folder=$work/tree/driver$((i % 20))/w$((i % 7))/amd64
    copy=$work/tree/driver$((i % 20))/k$((i % 7))/amd64
    mkdir -p "$folder" "$copy"
    # head ends early on purpose
    { openssl enc -aes-128-ctr -K "$(printf %032x "$i")" -iv 0 -in /dev/zero 2>/dev/null || true; } |
        head -c $((i * unit)) >"$folder/file$i.sys"
    ln "$folder/file$i.sys" "$copy/file$i.sys"
done
sync

timed() {
    local name=$1 start end
    shift
    rm -f "$work/out.iso"
    start=$(date +%s.%N)
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
    sync "$work/out.iso"
    end=$(date +%s.%N)
    echo "$start $end" | awk '{printf "%.3f\n", $2 - $1}' >>"$work/$name.times"
    stat -c %s "$work/out.iso" >"$work/$name.size"
    sha256sum <"$work/out.iso" >>"$work/$name.sums"
}

# in turns, so that a slow moment of the machine meets all
for ((round = 0; round < rounds; round++)); do
    timed vioforge "$vioforge" iso create --quiet "$work/tree" -o "$work/out.iso"
    timed genisoimage genisoimage -quiet -J -joliet-long -o "$work/out.iso" "$work/tree"
    timed xorriso xorriso -as mkisofs -quiet -J -joliet-long -o "$work/out.iso" "$work/tree"
done

printf '%-14s %10s %10s %14s %12s\n' "disc, $mib MiB" 'median s' 'best s' 'bytes' 'same bytes'
for name in vioforge genisoimage xorriso; do
    same=no
    [ "$(sort -u "$work/$name.sums" | wc -l)" = 1 ] && same=yes
    sort -n "$work/$name.times" | awk -v name=$name -v size="$(cat "$work/$name.size")" -v same=$same '
        {v[NR] = $1}
        END {printf "%-14s %10.2f %10.2f %14d %12s\n", name, v[int((NR + 1) / 2)], v[1], size, same}'
done
