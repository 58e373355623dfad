#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# unheard.sh NTRUN DRIVER.SYS: a guest that ends before its last command is sent, or before its
# answer comes, is judged by its end alone. A stand-in for QEMU does so each time.
set -eu

ntrun=$1
driver=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# stand_in COMMANDS: on the descriptors that QEMU gets, 3 for the monitor and 5 for the serial port
stand_in() {
    printf '#!/bin/sh\n%s\necho @pass\nexit 33\n' "$1" >"$dir/qemu"
    chmod +x "$dir/qemu"
}

run() {
    "$ntrun" --qemu "$dir/qemu" --driver "$driver" --device virtio-rng-pci --scenario load \
        >"$dir/out" 2>&1
}

expect_good() {
    run || {
        cat "$dir/out"
        echo "unheard.sh: $1"
        exit 1
    }
}

stand_in "exec 3<&- 5<&-; echo '@qmp {\"execute\": \"query-status\"}'"
expect_good 'a command that came too late has failed the run'

stand_in "exec 5<&-; echo '{\"return\": {}}' >&3; echo '{\"return\": {}}' >&3"
expect_good 'an answer that came too late has failed the run'

# a command that is refused is another thing
stand_in "echo '{\"error\": {}}' >&3"
if run; then
    echo 'unheard.sh: a refused command has passed'
    exit 1
fi
grep -q 'QEMU refused a command' "$dir/out"
