#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# figures.sh NTRUN NTHOST DRIVER[=...]...: what a request costs in storage drivers, random reads of
# 4 KiB: processor cycles (TSC) in a process against the software device, the least of passes in which
# the drivers take turns, and instructions under QEMU's -icount, which repeat exactly.
set -eu

ntrun=$1
nthost=$2
shift 2
passes=5
results=$(mktemp)
trap 'rm -f "$results"' EXIT

# one KIND DRIVER COMMAND...: its counters as lines "KIND DRIVER NAME VALUE"
one() {
    kind=$1
    driver=$2
    shift 2
    "$@" --driver "$driver" --scenario blk-figures --set lenient=1 --json | tr ',{}' '\n' |
        sed -n "s/^\"\(qd[^\"]*\)\":\([0-9]*\)\$/$kind\t%\t\1\t\2/p" |
        sed "s|%|$driver|" >>"$results"
}

pass=0
while [ $pass -lt $passes ]; do
    for driver in "$@"; do
        one cycles "${driver%%=*}" "$nthost" --device virtio-blk --set requests=32000 --set rounds=3
    done
    pass=$((pass + 1))
done
for driver in "$@"; do
    one instructions "${driver%%=*}" "$ntrun" --device virtio-blk-pci,disable-legacy=on --icount \
        --set requests=128 --set rounds=3
done

for driver in "$@"; do
    printf '%s\n' "${driver%%=*}"
done | awk -F '\t' -v results="$results" '
function at(kind, name) { return least[kind, $1, name] }
function row(what, depth, kind, field, per) {
    printf "%-34s %-12s %3d %8.0f %8.0f %6.0f %6.0f %8.0f\n", label, what, depth,
        at(kind, "qd" depth "." field ".HwBuildIo") / per,
        at(kind, "qd" depth "." field ".HwStartIo") / per,
        at(kind, "qd" depth "." field ".HwMSInterruptRoutine") / per,
        at(kind, "qd" depth "." field ".STOR_DPC routine") / per,
        field == "cycles" ? at(kind, "qd" depth ".cycles") / per : \
        at(kind, "qd1.least.HwBuildIo") + at(kind, "qd1.least.HwStartIo") + \
        at(kind, "qd1.least.HwMSInterruptRoutine") + at(kind, "qd1.least.STOR_DPC routine")
}
BEGIN {
    while ((getline line <results) > 0) {
        split(line, f, "\t")
        key = f[1] SUBSEP f[2] SUBSEP f[3]
        if (!(key in least) || f[4] + 0 < least[key]) least[key] = f[4] + 0
    }
    printf "%-34s %-12s %3s %8s %8s %6s %6s %8s\n", "per request", "", "qd", "BuildIo", "StartIo",
        "ISR", "DPC", "sum"
}
{
    n = split($1, part, "/")
    label = part[n - 2] "/" part[n - 1] "/" part[n]
    if (!at("cycles", "qd1.requests") || !at("instructions", "qd1.requests")) {
        print label ": did not pass"
        failed = 1
        next
    }
    row("cycles", 1, "cycles", "cycles", at("cycles", "qd1.requests"))
    row("cycles", 32, "cycles", "cycles", at("cycles", "qd32.requests"))
    row("instructions", 1, "instructions", "least", 1)
}
END { exit failed }'
