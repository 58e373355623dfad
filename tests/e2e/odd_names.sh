#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Names that are no UTF-8: every verb works on them, and its JSON is one document that names them.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

odd=$(printf 'fr\344ulein')
replaced=$(printf 'fr\357\277\275ulein')

# tells STATUS VERB...: with --json, and the replaced name is in the document
tells() {
    local status=$1
    shift
    expect "$status" '' "$VIOFORGE" "$@" --json
    grep -q '"schema": "vioforge\.' .out || fail "$*: no document: $(head -c 300 .out)"
    grep -qF "$replaced" .out || fail "$*: no '$replaced' in: $(head -c 300 .out)"
}

mkdir "$odd"
cp "$BUILD/drivers/amd64/viorng.sys" "$odd/viorng.sys"
cp "$BUILD/drivers/amd64/viorng.pdb" "$odd/$odd"
"$VIOFORGE" sign --quiet --remove "$odd/viorng.sys"
tells 0 inf stamp --crlf --for w11/amd64 --driver-version 1.2.3.4 -o "$odd/viorng.inf" \
    "$SOURCE/inf/templates/viorng.inf.in"
tells 0 inf edit --set '[Version]PnpLockdown=1' -f -o "$odd/viorng.inf" "$odd/viorng.inf"
tells 0 inf lint "$odd/viorng.inf"
tells 0 inf show "$odd/viorng.inf"
tells 0 pe finish "$odd/viorng.sys"
tells 0 catalog create --os 10_X64 "$odd"
tells 0 sign test-cert "$odd.keys"
tells 0 sign --key "$odd.keys/test.key" --cert "$odd.keys/test.pem" "$odd/viorng.sys" "$odd/viorng.cat"
tells 0 pe check "$odd/viorng.sys"
tells 0 catalog verify "$odd/viorng.cat" "$odd"
tells 1 verify "$odd"
tells 0 iso create -o "$odd.iso" "$odd.keys"
tells 0 iso list "$odd.iso"
tells 0 iso diff "$odd.iso" "$odd.iso"
tells 0 iso extract "$odd.iso" "$odd.out"
mkdir plain
cp "$odd/viorng.inf" "$odd/viorng.sys" "$odd/viorng.cat" plain
tells 0 submit -o "$odd.cab" plain
finish
