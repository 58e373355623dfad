#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which Windows is said to load a package: ours, and the same with something missing or broken.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

cp -r "$BUILD/packages/viostor/w10/amd64" good
expect 0 '' "$VIOFORGE" verify good
says 'not tried on Windows'
says '^viostor\.inf \(test\):'
says 'amd64 +w10 w11 +no \[1\] +no \[1\] +yes \[2\] +no \[1\]'
says 'amd64 +2k16 2k19 2k22 2k25 +no \[1\] +no \[1\] +yes \[2\] +-'
says '\[2\] test-signed: once its certificate'
expect 0 '' "$VIOFORGE" verify --quiet good
[ ! -s .out ] || fail "--quiet prints a verdict"

# answers STATE ANSWER WORDS: what --json says of Windows 11 in the package looked at last
answers() {
    sed -n "/\"release\": \"w11\"/,/\"title\"/p" .out | sed -n "/\"$1\": {/,/}/p" >state
    grep -q "\"answer\": \"$2\"" state || fail "not '$2' in $1: $(tr -d '\n' <state)"
    grep -qE "\"why\": \".*$3" state || fail "no '$3' in $1: $(tr -d '\n' <state)"
}
expect 0 '' "$VIOFORGE" verify --json good
says '"version": 1'
answers secure-boot no 'test certificate'
answers no-secure-boot no 'test certificate'
answers test-signing yes 'TrustedPublisher'
answers s-mode no 'test certificate'

# the same without signatures: the driver's own, then the catalog too
cp -r good plain && rm plain/viostor.cat
expect 1 '' "$VIOFORGE" verify --json plain
answers test-signing no 'not signed'
cp -r good swapped && cp "$BUILD/packages/viorng/w10/amd64/viorng.cat" swapped/viostor.cat
expect 1 '' "$VIOFORGE" verify --json swapped
answers test-signing no 'catalog'
cp -r good machine && cp "$BUILD/packages/viostor/w10/x86/viostor.sys" machine/
expect 1 '' "$VIOFORGE" verify --json machine
answers test-signing no '(another machine|catalog)'
cp -r good lacking && rm lacking/viostor.sys
expect 1 '' "$VIOFORGE" verify --json lacking
answers test-signing no 'names files'

# what claims to be attested is believed, unless a root is given that it does not lead to
cat >extensions <<'TEXT'
[ca]
basicConstraints=critical,CA:true
[leaf]
keyUsage=digitalSignature
extendedKeyUsage=codeSigning,1.3.6.1.4.1.311.10.3.5,1.3.6.1.4.1.311.10.3.5.1
TEXT
issue() { # issue NAME ISSUER SECTION
    openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" &&
        openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 \
            -extfile extensions -extensions "$3" -out "$1.pem"
}
(
    openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=root -days 30 &&
        issue middle root ca && issue leaf middle leaf && cat leaf.pem middle.pem >chain.pem
) >openssl.log 2>&1 || fail "no certificates: $(tail -n 3 openssl.log)"
cp -r good attested
"$VIOFORGE" sign --force --key leaf.key --cert chain.pem attested/viostor.{sys,cat} ||
    fail "the package cannot be signed again"
expect 0 '' "$VIOFORGE" verify --json --root root.pem attested
answers secure-boot yes 'attested'
answers s-mode no 'S mode'
expect 0 '' "$VIOFORGE" verify --json attested
answers secure-boot yes 'attested'
expect 1 '' "$VIOFORGE" verify --json --root "$BUILD/keys/test.pem" attested
says '"rule": "chain"'
answers secure-boot no 'test certificate'
answers test-signing yes 'TrustedPublisher'

# a certificate that nobody carried along or given vouches for could be any
sed '/END/q' chain.pem >alone.pem
"$VIOFORGE" sign --force --key leaf.key --cert alone.pem attested/viostor.{sys,cat} ||
    fail "the package cannot be signed again"
expect 1 '' "$VIOFORGE" verify attested
says 'not carried along; give that with --root'
expect 0 '' "$VIOFORGE" verify --root middle.pem --root root.pem attested

finish
