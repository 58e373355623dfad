#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Catalogs as osslsigncode and openssl judge them.
set -eu

dir=$1
rm -rf "$dir"
mkdir -p "$dir/package"
cd "$dir"

"$MAKE_IMAGE" amd64 package/driver.sys
cat >package/driver.inf <<'TEXT'
[Version]
Signature = "$WINDOWS NT$"
Class = System
ClassGuid = {4d36e97d-e325-11ce-bfc1-08002be10318}
Provider = %maker%
CatalogFile = driver.cat
DriverVer = 01/02/2024,1.2.3.4

[Manufacturer]
%maker% = Models, NTamd64

[Models.NTamd64]
%device% = Install, PCI\VEN_1AF4&DEV_1044

[Install]
CopyFiles = Files

[Files]
driver.sys

[DestinationDirs]
Files = 12

[SourceDisksNames]
1 = %maker%

[SourceDisksFiles]
Driver.SYS = 1

[Strings]
maker = "Maker"
device = "Device"
TEXT
"$VIOFORGE" sign test-cert test

# openssl verifies the signature over the list's contents octets: find where they are
openssl_agrees() {
    "$OPENSSL" asn1parse -inform DER -in "$1" >parsed
    place=$(awk -F '[:= ]+' '/:1\.3\.6\.1\.4\.1\.311\.10\.1$/ {found = 1; next}
        found && ++n == 2 {sub(/^ +/, ""); print $1 + $5, $7; exit}' parsed)
    dd if="$1" bs=1 skip="${place% *}" count="${place#* }" of=list status=none
    "$OPENSSL" smime -verify -inform DER -in "$1" -content list -noverify -binary -out /dev/null 2>log ||
        { cat log; echo "openssl refuses $1"; exit 1; }
}

# expect STATUS PATTERN COMMAND...: the command ends so, and its output has the pattern
expect() {
    wanted=$1 pattern=$2 status=0
    shift 2
    "$@" >said 2>&1 || status=$?
    if [ $status != "$wanted" ] || ! grep -q "$pattern" said; then
        cat said
        echo "status $status, expected $wanted and '$pattern': $*"
        exit 1
    fi
}

for systems in 10_X64,Server10_X64 7_X64,10_X64; do
    echo "catalog for $systems"
    SOURCE_DATE_EPOCH=1700000000 "$VIOFORGE" catalog create --force --os $systems package
    "$VIOFORGE" sign --key test/test.key --cert test/test.pem package/driver.cat
    openssl_agrees package/driver.cat
    "$OSSLSIGNCODE" verify -catalog package/driver.cat -in package/driver.sys -CAfile test/test.pem \
        >verdict 2>&1 || { cat verdict; echo 'osslsigncode refuses the member'; exit 1; }
    "$VIOFORGE" catalog verify --root test/test.pem package/driver.cat package >verdict ||
        { cat verdict; exit 1; }

    echo 'an embedded signature changes nothing'
    cp package/driver.sys plain.sys
    "$VIOFORGE" sign --key test/test.key --cert test/test.pem package/driver.sys
    "$VIOFORGE" catalog verify package/driver.cat package >verdict || { cat verdict; exit 1; }
    cp plain.sys package/driver.sys

    echo 'a changed member is noticed by both'
    printf '\001' | dd of=package/driver.sys bs=1 seek=1030 conv=notrunc status=none
    if "$OSSLSIGNCODE" verify -catalog package/driver.cat -in package/driver.sys -CAfile test/test.pem \
        >/dev/null 2>&1; then
        echo 'osslsigncode accepts a changed member: this test proves nothing'
        exit 1
    fi
    expect 1 '^changed  *driver.sys$' "$VIOFORGE" catalog verify package/driver.cat package
    cp plain.sys package/driver.sys
done

echo 'a signed cabinet is listed by the digest that its signature states'
mkdir cabinet
cp package/driver.inf package/driver.sys cabinet
"$VIOFORGE" catalog create --force --os 10_X64 package
"$VIOFORGE" submit -o plain.cab package
"$OSSLSIGNCODE" sign -h sha256 -certs test/test.pem -key test/test.key -in plain.cab \
    -out cabinet/data.cab >log 2>&1 || { cat log; exit 1; }
printf 'data.cab = 1\n' >line
sed -i '/^Driver.SYS = 1/r line' cabinet/driver.inf
"$VIOFORGE" catalog create --os 10_X64 cabinet
"$OSSLSIGNCODE" verify -in cabinet/data.cab >log 2>&1 || true
digest=$(sed -n 's/^Calculated message digest *: *\([0-9A-F]*\).*/\1/p' log | tr 'A-F' 'a-f')
"$VIOFORGE" catalog show cabinet/driver.cat >said
if [ ${#digest} != 64 ] || ! grep -q "SHA256 $digest cabinet" said; then
    cat log said
    echo 'the cabinet has another digest by osslsigncode'
    exit 1
fi

echo 'the same input gives the same bytes'
SOURCE_DATE_EPOCH=1700000000 "$VIOFORGE" catalog create --os 10_X64 -o one.cat package
(umask 077 && TZ=Asia/Tokyo LC_ALL=C SOURCE_DATE_EPOCH=1700000000 \
    "$VIOFORGE" catalog create --os 10_X64 -o two.cat package/driver.inf)
cmp one.cat two.cat
"$VIOFORGE" catalog diff one.cat two.cat

echo 'a missing file is named with its line, and nothing is written'
mv package/driver.sys elsewhere.sys
expect 3 'driver.inf:28: .*driver.sys' "$VIOFORGE" catalog create --os 10_X64 -o three.cat package
[ ! -e three.cat ]
