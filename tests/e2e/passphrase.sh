#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Passphrases: asked for on a terminal, read from a descriptor, and nowhere else to come from.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

"$VIOFORGE" sign test-cert --quiet key
openssl rsa -aes256 -passout pass:secret -in key/test.key -out locked.key 2>err || fail "$(cat err)"
cp "$BUILD/drivers/amd64/viorng.sys" driver.sys
words=("$VIOFORGE" sign --force --key locked.key --cert key/test.pem driver.sys)

# asked WORD STATUS: with a terminal at which WORD is typed
asked() {
    local got=0
    printf '%s\n' "$1" | timeout 60 script -qec "${words[*]}" typed >/dev/null || got=$?
    [ "$got" -eq "$2" ] || fail "with '$1' typed it ended with $got: $(cat typed)"
    grep -q 'Passphrase:' typed || fail "it did not ask: $(cat typed)"
}
asked secret 0
osslsigncode verify -CAfile key/test.pem -in driver.sys >out 2>&1 || fail "not signed: $(cat out)"
asked wrong 5

# without a terminal
expect 5 'passphrase' setsid -w "${words[@]}" </dev/null
expect 0 '' setsid -w "${words[@]}" --passphrase-fd 3 3< <(echo secret)
expect 5 'passphrase' setsid -w "${words[@]}" --passphrase-fd 3 3< <(echo wrong)
expect 2 'passphrase-fd' "${words[@]}" --passphrase-fd secret
finish
