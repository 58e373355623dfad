#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# code.sh ARCH FILE.sys: no instruction of the driver uses floating point or vector registers, which
# are user mode's; and on arm64 register writes have their barrier.
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
