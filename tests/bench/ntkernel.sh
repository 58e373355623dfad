#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ntkernel.sh NTRUN DRIVER[=DEVICE]...: what 2,000 verified requests cost in the test kernel under
# TCG, QEMU's start and the making and checking of the disk included. Wall and processor time are
# the least of five runs; the goal is 1.5 s of wall time.
set -eu

ntrun=$1
shift
runs=5

printf '%-44s %9s %9s\n' 'blk-rw, 2000 requests' 'wall ms' 'CPU ms'
for driver in "$@"; do
    device=virtio-blk-pci
    allowances=
    case $driver in
    *=*) device=${driver#*=} driver=${driver%%=*} allowances='--set lenient=1 --set reset=0' ;;
    esac
    run=0
    while [ $run -lt $runs ]; do
        # shellcheck disable=SC2086 # several words or none
        "$ntrun" --driver "$driver" --device "$device" --scenario blk-rw --set requests=2000 \
            --json $allowances
        run=$((run + 1))
    done | sed -n 's/.*"cpu_ms":\([0-9]*\).*"good":true.*"wall_ms":\([0-9]*\).*/\2 \1/p' |
        awk -v name="$(echo "$driver" | awk -F/ '{print $(NF - 2) "/" $(NF - 1) "/" $NF}')" \
            -v runs=$runs '
            { if (NR == 1 || $1 < wall) wall = $1; if (NR == 1 || $2 < cpu) cpu = $2 }
            END {
                if (NR != runs) { print name ": " runs - NR " runs did not pass"; exit 1 }
                printf "%-44s %9d %9d\n", name, wall, cpu
            }'
done
