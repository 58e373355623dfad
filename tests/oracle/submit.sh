#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The cabinet for attestation as 7z unpacks it and osslsigncode signs it.
set -eu

dir=$1
rm -rf "$dir"
mkdir -p "$dir/first/folder" "$dir/second"
cd "$dir"

for package in first second; do
    "$MAKE_IMAGE" amd64 $package/driver.sys
    printf '[Version]\r\nSignature="\044WINDOWS NT\044"\r\nCatalogFile=driver.cat\r\n' >$package/driver.inf
    echo catalog >$package/driver.cat
    echo symbols >$package/driver.pdb
done
echo text >first/folder/readme.txt

SOURCE_DATE_EPOCH=1700000000 "$VIOFORGE" submit -o one.cab first second
(umask 077 && TZ=Asia/Tokyo SOURCE_DATE_EPOCH=1700000000 "$VIOFORGE" submit -o two.cab "$dir/first/" second)
cmp one.cab two.cab

"$SEVENZIP" x -ounpacked one.cab >log || { cat log; exit 1; }
diff -r unpacked/first first
diff -r unpacked/second second
[ "$(ls unpacked)" = "first
second" ]

"$VIOFORGE" sign test-cert test
"$OSSLSIGNCODE" sign -h sha256 -certs test/test.pem -key test/test.key -in one.cab -out signed.cab >log 2>&1 ||
    { cat log; echo 'osslsigncode does not sign the cabinet'; exit 1; }
"$OSSLSIGNCODE" verify -CAfile test/test.pem -in signed.cab >log 2>&1 || { cat log; exit 1; }
