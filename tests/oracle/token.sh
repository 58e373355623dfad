#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Signing with a key on a token: SoftHSM stands for the token, osslsigncode judges.
set -eu

dir=$1
module=
for file in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
    if [ -e "$file" ]; then module=$file; fi
done
if [ -z "$module" ] || ! command -v softhsm2-util >/dev/null; then
    echo 'skipped: SoftHSM is not installed; bootstrap.sh installs it'
    exit 77
fi
rm -rf "$dir"
mkdir -p "$dir/tokens"
cd "$dir"

cat >softhsm.conf <<TEXT
directories.tokendir = $dir/tokens
objectstore.backend = file
log.level = ERROR
TEXT
export SOFTHSM2_CONF="$dir/softhsm.conf"

"$VIOFORGE" sign test-cert --quiet test
softhsm2-util --init-token --free --label drivers --so-pin 0000 --pin 1234 >log
softhsm2-util --import test/test.key --token drivers --label signer --id a1 --pin 1234 >>log
"$MAKE_IMAGE" amd64 driver.sys
cp driver.sys file.sys
echo 1234 >pin
echo 9999 >wrong

sign() {
    "$VIOFORGE" sign --quiet --key 'pkcs11:token=drivers;object=signer' --pkcs11-module "$module" \
        --cert test/test.pem "$@"
}

sign --passphrase-fd 3 driver.sys 3<pin
"$OSSLSIGNCODE" verify -CAfile test/test.pem -in driver.sys >verdict 2>&1 ||
    { cat verdict; echo 'osslsigncode refuses the signature'; exit 1; }

echo 'the same bytes as with the same key in a file'
"$VIOFORGE" sign --quiet --key test/test.key --cert test/test.pem file.sys
cmp driver.sys file.sys

echo 'a wrong PIN, a key that is not there'
"$MAKE_IMAGE" amd64 driver.sys
cp driver.sys before.sys
status=0
sign --passphrase-fd 3 driver.sys 3<wrong 2>log || status=$?
[ $status = 5 ] || { cat log; echo "status $status"; exit 1; }
status=0
"$VIOFORGE" sign --quiet --key 'pkcs11:token=drivers;object=other' --pkcs11-module "$module" \
    --cert test/test.pem --passphrase-fd 3 driver.sys 3<pin 2>log || status=$?
[ $status = 5 ] || { cat log; echo "status $status"; exit 1; }
grep -q 'object=other' log
cmp driver.sys before.sys
