#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# refusals.sh NTRUN DRIVER.SYS: what cannot be run is refused with its reason and the right status.
set -u

ntrun=$1
driver=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export TMPDIR="$dir/tmp"
mkdir "$TMPDIR"
mkfifo "$dir/fifo.sys"
: >"$dir/empty.sys"
failed=0

# refused STATUS TEXT OPTION...: with --driver, --device and --scenario given before the options.
refused() {
    status=$1
    text=$2
    shift 2
    got=0
    timeout 60 "$ntrun" --driver "$driver" --device virtio-rng-pci --scenario load "$@" \
        >"$dir/out" 2>&1 || got=$?
    if [ "$got" != "$status" ] || ! grep -qF -e "$text" "$dir/out"; then
        echo "refusals.sh: $*: status $got, expected $status and: $text" >&2
        cat "$dir/out" >&2
        failed=1
    fi
}

refused 2 '--machine cannot be that' --machine i440fx
refused 2 '--cpus cannot be that' --cpus 0
refused 2 '--cpus cannot be that' --cpus 9
refused 2 '--cpus cannot be that' --cpus 1x
refused 2 '--cpus cannot be that' --cpus -1
refused 2 '--accel cannot be that' --accel xen
refused 2 '--timeout cannot be that' --timeout 0
refused 2 '--seed cannot be that' --seed ''
refused 2 '--set cannot be that' --set msix
refused 2 '--set cannot be that' --set 'msix=0 delivery=1'
refused 2 '--scenario cannot be that' --scenario 'load seed=2'
refused 2 '--kernel cannot be that' --kernel "$dir/none"
refused 2 'Usage: ntrun' --no-such-option
refused 2 'Usage: ntrun' --iommu --machine pc
refused 2 'Usage: ntrun' --port --machine pc
refused 2 'Usage: ntrun' --port --iommu
refused 2 'Usage: ntrun' --port --second
refused 4 'no host side for a second one' --second --device virtio-net-pci
refused 1 'the machine has no second virtio device' --device virtio-blk-pci --scenario blk-two
refused 2 'Usage: ntrun' --icount --cpus 2
refused 2 'Usage: ntrun' another-driver.sys
refused 4 'none.sys: No such file' --driver "$dir/none.sys"
refused 4 'is not a regular file' --driver "$dir/fifo.sys"
refused 4 'is not a regular file' --driver "$dir"
refused 4 'is not a regular file' --driver /dev/zero
refused 4 'is empty, too large' --driver "$dir/empty.sys"
refused 4 'no host side for this device' --device virtio-gpu-pci
refused 4 "'virtio-rng-none' is not a valid device" --device virtio-rng-none
refused 4 "none' not found" --device virtio-rng-pci,none=1
refused 4 'QEMU cannot be started' --qemu "$dir/none"
refused 4 'QEMU cannot be started' --qemu "$dir/empty.sys"
refused 4 'QEMU has refused' --kernel "$driver"
refused 1 'usage: there is no scenario none' --scenario none
refused 1 'the driver has no AddDevice' --scenario rng-read
refused 1 'did not call StorPortInitialize' --scenario blk-rw
refused 1 'no NDIS miniport' --scenario net-echo

if ! rmdir "$TMPDIR"; then
    echo 'refusals.sh: a run has left something behind:' >&2
    ls "$TMPDIR" >&2
    failed=1
fi
exit "$failed"
