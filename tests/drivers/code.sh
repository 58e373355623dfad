#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# code.sh ARCH FILE.sys: no instruction of the driver uses floating point or vector registers, which
# are user mode's; and on arm64 register writes have their barrier, and the queues theirs, those for
# hardware devices included (virtio 1.2, 6.1, ORDER_PLATFORM).
set -euo pipefail
export LC_ALL=C
arch=$1
sys=$2

case $arch in
arm64) registers='[[:space:],{[]([vqdshb]([0-9]|[12][0-9]|3[01]))([],.}[:space:]]|$)' ;;
*) registers='%(xmm|ymm|zmm|mm|st)[(0-9]' ;;
esac
# "address: mnemonic operands" for each instruction
code=$(llvm-objdump -d --no-show-raw-insn --no-leading-addr "$sys" | grep '^[[:space:]]' || true)
if [ "$(wc -l <<<"$code")" -lt 1000 ]; then
    echo "$sys: only $(wc -l <<<"$code") instructions found" >&2
    exit 1
fi
if grep -E "$registers" <<<"$code"; then
    echo "$sys: these use registers of user mode" >&2
    exit 1
fi
if [ "$arch" = arm64 ] && ! grep -A1 'dmb[[:space:]]oshst' <<<"$code" | grep -q 'str[[:space:]]'; then
    echo "$sys: no store follows a 'dmb oshst'" >&2
    exit 1
fi
# vio_barrier.h: what is stored with release has a write barrier of the whole system shortly before
# it, what is loaded with acquire a read barrier behind it, both passed over where a device is
# software; and of a full fence there are both forms.
if [ "$arch" = arm64 ] && ! awk '
    /dmb[ \t]+oshst$/ { write = NR }
    /[ \t]stlrh[ \t]/ { stores++; writes += write && NR - write <= 8 }
    /[ \t]ldarh[ \t]/ { loads++; load = NR }
    /dmb[ \t]+oshld$/ { if (load && NR - load <= 8) { reads++; load = 0 } }
    /dmb[ \t]+osh$/ { system_fences++ }
    /dmb[ \t]+ish$/ { fences++ }
    END {
        good = stores && writes == stores && loads && reads == loads && fences &&
            fences == system_fences
        if (!good)
            print "stores with release " stores + 0 ", with a barrier " writes + 0 \
                ", loads with acquire " loads + 0 ", with a barrier " reads + 0 \
                ", full fences " fences + 0 ", of the whole system " system_fences + 0
        exit !good
    }' <<<"$code"; then
    echo "$sys: barriers of the queues are missing" >&2
    exit 1
fi
