#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Embedded signatures as osslsigncode judges them; key files as openssl makes them.
set -eu

dir=$1
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"

judge() {
    "$OSSLSIGNCODE" verify -CAfile "$1" -in "$2" >verdict 2>&1 ||
        { cat verdict; echo "osslsigncode refuses $2"; exit 1; }
    grep -q '^Signature verification: ok' verdict || { cat verdict; exit 1; }
}

"$VIOFORGE" sign test-cert test
for machine in x86 amd64 arm64; do
    "$MAKE_IMAGE" $machine $machine.sys
    "$VIOFORGE" sign --key test/test.key --cert test/test.pem $machine.sys
    judge test/test.pem $machine.sys
done

echo 'page hashes'
"$VIOFORGE" sign --key test/test.key --cert test/test.pem --page-hashes --force -o pages.sys amd64.sys
judge test/test.pem pages.sys
grep -q 'Page hash algorithm' verdict || { cat verdict; echo 'no page hashes seen'; exit 1; }

echo 'replacing and removing'
"$VIOFORGE" sign --key test/test.key --cert test/test.pem --force --name again amd64.sys
judge test/test.pem amd64.sys
"$MAKE_IMAGE" amd64 plain.sys
"$VIOFORGE" sign --remove amd64.sys
cmp amd64.sys plain.sys

echo 'appending, by us and by another tool'
for first in ours theirs; do
    cp plain.sys $first.sys
    if [ $first = ours ]; then
        "$VIOFORGE" sign --key test/test.key --cert test/test.pem ours.sys
        "$VIOFORGE" sign --key test/test.key --cert test/test.pem --append ours.sys
    else
        "$VIOFORGE" sign --key test/test.key --cert test/test.pem -o one.sys --force theirs.sys
        rm -f theirs.sys
        "$OSSLSIGNCODE" sign -nest -h sha256 -certs test/test.pem -key test/test.key -in one.sys \
            -out theirs.sys >log 2>&1 || { cat log; exit 1; }
    fi
    judge test/test.pem $first.sys
    [ "$(grep -c '^Signature verification: ok' verdict)" = 2 ] ||
        { cat verdict; echo "osslsigncode does not see two right signatures in $first.sys"; exit 1; }
    "$VIOFORGE" pe show $first.sys >seen || { cat seen; exit 1; }
    grep -q 'signature:   right' seen || { cat seen; exit 1; }
    grep -q 'nested:      right, SHA256' seen || { cat seen; exit 1; }
    "$VIOFORGE" sign --remove $first.sys
    cmp $first.sys plain.sys
    rm -f $first.sys
done

echo 'our digest is the one signed by another tool'
"$OSSLSIGNCODE" sign -h sha256 -certs test/test.pem -key test/test.key -in plain.sys -out theirs.sys \
    >log 2>&1 || { cat log; exit 1; }
"$VIOFORGE" sign --remove theirs.sys
cmp theirs.sys plain.sys

echo 'a chain of authorities from a PKCS #12 file with a passphrase'
cat >authority.cnf <<'TEXT'
[ root ]
basicConstraints = critical, CA:true
[ leaf ]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
TEXT
"$OPENSSL" req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /CN=root \
    -addext keyUsage=keyCertSign 2>log || { cat log; exit 1; }
"$OPENSSL" req -newkey rsa:2048 -nodes -keyout sub.key -out sub.csr -subj /CN=authority 2>log
"$OPENSSL" x509 -req -in sub.csr -CA root.pem -CAkey root.key -out sub.pem -days 30 -set_serial 2 \
    -extfile authority.cnf -extensions root 2>log
"$OPENSSL" req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=maker 2>log
"$OPENSSL" x509 -req -in leaf.csr -CA sub.pem -CAkey sub.key -out leaf.pem -days 30 -set_serial 3 \
    -extfile authority.cnf -extensions leaf 2>log
"$OPENSSL" pkcs12 -export -inkey leaf.key -in leaf.pem -certfile sub.pem -out maker.p12 \
    -passout pass:secret
echo secret >passphrase
cp plain.sys chain.sys
"$VIOFORGE" sign --pkcs12 maker.p12 --passphrase-fd 3 chain.sys 3<passphrase
judge root.pem chain.sys

echo 'a time stamp'
cat >>authority.cnf <<'TEXT'
[ stamper ]
extendedKeyUsage = critical, timeStamping
TEXT
"$OPENSSL" req -newkey rsa:2048 -nodes -keyout stamper.key -out stamper.csr -subj /CN=stamper 2>log
"$OPENSSL" x509 -req -in stamper.csr -CA root.pem -CAkey root.key -out stamper.pem -days 30 \
    -set_serial 4 -extfile authority.cnf -extensions stamper 2>log
"$VIOFORGE" sign --pkcs12 maker.p12 --passphrase-fd 3 --timestamp-key stamper.key \
    --timestamp-cert stamper.pem -o stamped.sys plain.sys 3<passphrase
"$OSSLSIGNCODE" verify -CAfile root.pem -TSA-CAfile root.pem -in stamped.sys >verdict 2>&1 ||
    { cat verdict; echo 'osslsigncode refuses the time stamp'; exit 1; }
grep -q '^Timestamp Server Signature verification: ok' verdict || { cat verdict; exit 1; }

echo 'a changed byte'
printf '\001' | dd of=chain.sys bs=1 seek=1030 conv=notrunc status=none
if "$OSSLSIGNCODE" verify -CAfile root.pem -in chain.sys >/dev/null 2>&1; then
    echo 'osslsigncode accepts a changed image: this test proves nothing'
    exit 1
fi
