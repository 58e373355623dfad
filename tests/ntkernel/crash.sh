#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# crash.sh NTRUN DRIVER.SYS: a QEMU that crashes, the first time or always, by way of a stand-in
# that ends itself with SIGSEGV or becomes QEMU.
set -eu

ntrun=$1
driver=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "crash.sh: $1" >&2
    exit 1
}

# stand_in CRASHES: how many times it crashes.
stand_in() {
    echo "$1" >"$dir/left"
    cat >"$dir/qemu" <<TEXT
#!/bin/sh
left=\$(cat "$dir/left")
if [ "\$left" -gt 0 ]; then
    echo \$((left - 1)) >"$dir/left"
    kill -SEGV \$\$
fi
exec qemu-system-x86_64 "\$@"
TEXT
    chmod +x "$dir/qemu"
}

run() {
    "$ntrun" --qemu "$dir/qemu" --driver "$driver" --device virtio-rng-pci --scenario load \
        --json >"$dir/out" 2>"$dir/messages"
}

stand_in 1
run || fail "one crash was not survived: $(cat "$dir/out" "$dir/messages")"
grep -q '"tries":2' "$dir/out" || fail 'the second try is not told'
grep -q 'QEMU itself was ended by signal: 11' "$dir/messages" || fail 'the crash is not told'

stand_in 3
if run; then
    fail 'three crashes have passed'
fi
grep -q '"end":"crashed"' "$dir/out" || fail 'the end is not called a crash'
grep -q '"tries":3' "$dir/out" || fail 'the third try is not told'
