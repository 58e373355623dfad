#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# doorbells.sh NTRUN DRIVER...: how many doorbells and interrupts a request takes in each driver, side
# by side, and how many guest instructions in its routines on average. Those of functions it calls are
# counted in, but for the storage port's; interrupts that come in between are not. A driver is
# viostor, vioscsi or viorng by its file's name.
#
# Time is the number of instructions (-icount), so that the figures hardly change from run to run: the
# host's disk decides when an answer comes, and with it how many answers meet. Each figure is the
# difference of two runs of different lengths, so that start and end do not count.
set -eu

ntrun=$1
shift
few=320
many=1600

# counters SCENARIO DEVICE DRIVER DEPTH REQUESTS: the counters of one run, one "NAME VALUE" a line.
counters() {
    "$ntrun" --driver "$3" --device "$2" --scenario "$1" --set depth="$4" --set requests="$5" \
        --set rounds=1 --set lenient=1 --icount --json |
        sed -n 's/.*"counters":{\([^}]*\)}.*"good":true.*/\1/p' | tr ',' '\n' |
        sed 's/^"\([^"]*\)":/\1\t/'
}

# row NAME DEPTH: the table's row from the counters of the short run, a line "-", those of the long one.
row() {
    awk -F '\t' -v name="$1" -v depth="$2" -v requests=$((many - few)) '
        function kind(what) {
            if (what ~ /^(HwBuildIo)$/) return 1
            if (what ~ /^(HwStartIo|dispatch read|EvtIo)$/) return 2
            if (what ~ /^(HwMSInterruptRoutine|HwInterrupt|message ISR|line ISR)$/) return 3
            if (what == "STOR_DPC routine" || (what == "DPC" && name ~ /viorng/)) return 4
            return 0
        }
        BEGIN { run = 0 }
        $1 == "-" { run = 1; next }
        { change = run ? $2 : -$2; lines[run]++ }
        sub(/^cycles\./, "", $1) { k = kind($1); sum[k] += change; if (k) sum[5] += change }
        $1 == "doorbells" { doorbells += change }
        $1 == "interrupts" { interrupts += change }
        END {
            if (!lines[0] || !lines[1]) { print name ": a run did not pass"; exit 1 }
            printf "%-34s %5d", name, depth
            for (k = 1; k <= 5; k++) printf " %8.0f", sum[k] / requests
            printf " %9.2f %10.2f\n", doorbells / requests, interrupts / requests
        }'
}

printf '%-34s %5s %8s %8s %8s %8s %8s %9s %10s\n' 'instructions per request' depth \
    BuildIo StartIo ISR DPC sum doorbells interrupts
for driver in "$@"; do
    depths='1 32'
    scenario=blk-figures
    case ${driver##*/} in
    viostor.sys) device=virtio-blk-pci ;;
    vioscsi.sys) device=virtio-scsi-pci ;;
    viorng.sys) device=virtio-rng-pci scenario=rng-cost depths=1 ;;
    *) echo "doorbells.sh: $driver: neither viostor, vioscsi nor viorng" >&2 && exit 2 ;;
    esac
    name=$(echo "$driver" | awk -F/ '{print $(NF - 2) "/" $(NF - 1) "/" $NF}')
    for depth in $depths; do
        {
            counters "$scenario" "$device" "$driver" "$depth" $few
            echo -
            counters "$scenario" "$device" "$driver" "$depth" $many
        } | row "$name" "$depth"
    done
done
