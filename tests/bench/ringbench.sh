#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ringbench.sh CHECKED UNCHECKED DRIVER: the table of figures of the virtqueue core. The arguments
# are builds of ringbench: with and without the checks of what the device writes, and with them but
# without vector registers, as drivers are compiled.
#
# Instructions are counted by callgrind and exact: those of all functions in the core's sources;
# device, loop and call sites are left out. The reference is upstream virtio-win's ring library on the same loop,
# which checks neither ids nor lengths; its figures were taken once, with gcc 12 -O2, and are
# constants here. Nanoseconds are of this machine, and include the device's part of the loop.
set -eu

checked=$1
unchecked=$2
driver=$3
runs=63
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# instructions PROGRAM ROW...: for each buffer, inside the queue functions.
instructions() {
    program=$1
    shift
    valgrind -q --tool=callgrind --instr-atstart=no --callgrind-out-file="$dir/out" \
        "$program" "$@" 256 >/dev/null 2>&1
    awk -v buffers="$((256 * $5))" '
        # files are named once, where they first occur: fl=(number) name; fi, fe, cfi and cfl are
        # code of another file inlined into a function, and the file of a callee
        /^(fl|fi|fe|cfi|cfl)=/ {
            split($0, part, /[()]/)
            if (NF > 1)
                name[part[2]] = $2
            if ($0 ~ /^fl=/)
                current = part[2]
            next
        }
        # the line after calls= is the cost of the callee, counted with the callee
        /^calls=/ { getline; next }
        /^[+*-]?[0-9]/ { cost[current] += $2 }
        END {
            for (f in cost)
                if (name[f] ~ /drivers-src\/virtio\//)
                    sum += cost[f]
            printf "%.1f", sum / buffers
        }' "$dir/out"
}

# row FORMAT OUT IN INDIRECT BATCH REFERENCE
row() {
    ours=$(instructions "$checked" "$1" "$2" "$3" "$4" "$5")
    bare=$(instructions "$unchecked" "$1" "$2" "$3" "$4" "$5")
    regs=$(instructions "$driver" "$1" "$2" "$3" "$4" "$5")
    ns=$("$checked" "$1" "$2" "$3" "$4" "$5" $((1048576 / $5)))
    kind=direct
    [ "$4" = 0 ] || kind=indirect
    awk -v f="$1" -v k="$kind" -v o="$2" -v i="$3" -v b="$5" -v ours="$ours" -v bare="$bare" \
        -v regs="$regs" -v ref="$6" -v ns="$ns" 'BEGIN {
            printf "%-6s %-8s %s+%s %5s %10s %7.1f %6.2f %8.1f %8.1f %8s\n", f, k, o, i, b, ref,
                ours, ours / ref, ours - bare, regs, ns
        }'
}

echo "instructions for each buffer, queue of 256, event index on"
echo "ring   buffer       batch  reference    ours  ratio   checks   driver       ns"
for batch in "1 168 202 183 211 244 204" "32 152 186 167 191 224 184"; do
    # shellcheck disable=SC2086 # a list of numbers
    set -- $batch
    row split 1 1 0 "$1" "$2"
    row split 1 2 0 "$1" "$3"
    row split 1 2 1 "$1" "$4"
    row packed 1 1 0 "$1" "$5"
    row packed 1 2 0 "$1" "$6"
    row packed 1 2 1 "$1" "$7"
done
echo
echo "full fences: one for each vq_should_kick() (a locked add on x86), none for a pop that returns"
echo "a buffer; the reference needs 3 to 4 for each buffer."
for format in split packed; do
    echo "private memory, $format: $("$checked" $format memory) bytes for each descriptor"
done
# Two threads that poll wait for one another whenever one of them is not running. So that other work on
# the machine meets few of them, the runs are short, and many; the quartiles say how far the median
# can be trusted.
echo "driver and device in two threads on two CPUs, 1+1, up to 32 buffers in flight, $runs runs of"
echo "8192 buffers: nanoseconds for each buffer"
echo "ring    median  first and last quarter      range   million buffers a second"
for format in split packed; do
    i=0
    while [ $i -lt "$runs" ]; do
        "$checked" $format 1 1 0 32 256 threads
        i=$((i + 1))
    done | sort -n | awk -v f="$format" '
        { ns[NR] = $1 }
        END {
            median = ns[(NR + 1) / 2]
            printf "%-6s %7.1f  below %.1f, above %.1f  %.1f to %.1f  %.1f\n", f, median,
                ns[(NR + 1) / 4], ns[3 * (NR + 1) / 4], ns[1], ns[NR], 1000 / median
        }'
done
echo "processes that wanted the $(nproc) CPUs in the last minute: $(cut -d ' ' -f 1 /proc/loadavg)"
