#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# doorbells.sh NTHOST DRIVER: as many doorbells are seen in the plain page as are trapped.
set -eu

count() {
    "$1" --driver "$2" --device "virtio-blk,shadow=$3" --scenario blk-rw --json |
        sed -n 's/.*"doorbells":\([0-9]*\).*"good":true.*/\1/p'
}

seen=$(count "$@" 1)
trapped=$(count "$@" 0)
echo "seen $seen, trapped $trapped"
[ "$seen" -gt 100 ] && [ "$seen" = "$trapped" ]
