#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# inf.sh VIOFORGE SOURCE: how fast "vioforge inf lint" judges 400 INF files.
set -eu

vioforge=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for i in $(seq 200); do
    for name in viorng viostor; do
        "$vioforge" inf stamp --quiet --crlf --for w11/amd64 --driver-version "1.2.3.$i" \
            --date 01/01/2026 -o "$work/$name$i.inf" "$source/inf/templates/$name.inf.in"
    done
done
bytes=$(cat "$work"/*.inf | wc -c)
start=$(date +%s%N)
"$vioforge" inf lint --quiet "$work"/*.inf >/dev/null
end=$(date +%s%N)
awk -v bytes="$bytes" -v ns=$((end - start)) 'BEGIN {
    printf "inf lint, 400 files, %.2f MB: %.3f s, %.1f MB/s (aim: at least 20)\n",
        bytes / 1e6, ns / 1e9, bytes * 1e3 / ns }'
