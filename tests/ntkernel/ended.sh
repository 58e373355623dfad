#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ended.sh PROGRAM DRIVER.SYS DEVICE: a user ends a run, of ntrun or nthost, whose guest hangs:
# neither the guest nor a file is left, and the signal is what the program ends by.
set -eu

program=$1
driver=$2
device=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export TMPDIR="$dir/tmp"
mkdir "$TMPDIR"

fail() {
    echo "ended.sh: $1" >&2
    exit 1
}

# wait_for COMMAND...: until it succeeds, at most half a minute.
wait_for() {
    tries=300
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

# The guest's directory is the run's.
guest_runs() {
    readlink /proc/[0-9]*/cwd 2>/dev/null | grep -qF "$TMPDIR/"
}

# nothing_left SIGNAL STATUS EXPECTED
nothing_left() {
    [ "$2" = "$3" ] || fail "after SIG$1 the status is $2, not $3: $(cat "$dir/out")"
    ! guest_runs || fail "after SIG$1 the guest goes on"
    [ -z "$(ls "$TMPDIR")" ] || fail "after SIG$1 there is still: $(ls "$TMPDIR")"
}

# ended_by SIGNAL STATUS
ended_by() {
    "$program" --driver "$driver" --device "$device" --scenario load >"$dir/out" 2>&1 &
    run=$!
    wait_for guest_runs || fail "the guest has not begun: $(cat "$dir/out")"
    kill -s "$1" "$run"
    status=0
    wait "$run" || status=$?
    nothing_left "$1" "$status" "$2"
}

ended_by TERM 143
ended_by HUP 129

# A shell has what runs beside it ignore this one.
status=0
timeout --preserve-status -s INT 2 "$program" --driver "$driver" --device "$device" \
    --scenario load >"$dir/out" 2>&1 || status=$?
nothing_left INT "$status" 130
