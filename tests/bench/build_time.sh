#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long the disc takes: a clean build, a build with nothing to do, and the disc's size.
# build_time.sh SOURCE_DIR [ROUNDS]: medians over that many rounds (3), each in a fresh copy.
set -eu

source=$1
rounds=${2:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

median() {
    sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'
}

SOURCE_DATE_EPOCH=$(git -C "$source" log -1 --format=%ct 2>/dev/null || echo 1700000000)
export SOURCE_DATE_EPOCH

for round in $(seq "$rounds"); do
    tree=$work/tree$round
    mkdir "$tree"
    (cd "$source" && find . -path ./build -prune -o -path ./.git -prune -o -type f -print0 |
        tar -c --null -T - -f -) | tar -x -C "$tree"
    for kind in clean no-op; do
        start=$(date +%s.%N)
        (cd "$tree" && cmake --workflow --preset iso) >"$work/log" 2>&1 || {
            tail -n 20 "$work/log"
            exit 1
        }
        echo "$start $(date +%s.%N)" | awk '{printf "%.2f\n", $2 - $1}' >>"$work/$kind"
    done
    size=$(stat -c %s "$tree/build/vioforge.iso")
done

printf '%-28s %10s %10s\n' 'build of the disc' 'figure' 'at most'
printf '%-28s %8.2f s %8d s\n' "clean, median of $rounds" "$(median <"$work/clean")" 60
printf '%-28s %8.2f s %8d s\n' "no-op, median of $rounds" "$(median <"$work/no-op")" 2
printf '%-28s %10d %10d\n' 'disc, bytes' "$size" 2000000
