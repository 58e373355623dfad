#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# icount.sh NTRUN DRIVER DEVICE: two runs that count instructions give the same counts for each kind
# of call. How many calls ring a doorbell depends on the device's timing and may differ.
set -eu

counts() {
    "$1" --driver "$2" --device "$3" --icount --scenario blk-figures --set requests=128 \
        --set rounds=3 --json |
        tr ',{}' '\n' | grep -E '"(overhead|qd1\.least\.[^"]*)":|"qd1\.cycles\.(HwBuildIo|STOR_DPC routine)":'
}

first=$(counts "$@")
second=$(counts "$@")
if [ "$first" != "$second" ]; then
    printf 'the counts differ:\n%s\n--\n%s\n' "$first" "$second"
    exit 1
fi
printf '%s\n' "$first"
# five kinds at least, or the comparison is of nothing
[ "$(printf '%s\n' "$first" | wc -l)" -ge 5 ]
