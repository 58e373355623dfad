#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The disc's signatures, judged by programs not written here: osslsigncode for drivers and for
# their membership in the catalog, OpenSSL for the catalogs themselves.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

cert=${1:-$BUILD/keys/test.pem}
packages=$BUILD/packages
# the versions differ in what they would fetch, and thus in what they can be told not to
ignore=(-ignore-timestamp)
for option in -ignore-crl -ignore-cdp; do
    if osslsigncode verify --help 2>&1 | grep -q -e "$option"; then ignore+=("$option"); fi
done

# The content octets of the CTL inside a catalog: the signature covers these.
ctl_body() {
    local at header length
    # depth 3 is the CTL: ContentInfo, [0], SignedData, contentInfo, [0], CertificateTrustList
    read -r at header length < <(openssl asn1parse -inform DER -in "$1" |
        sed -n 's/^ *\([0-9]*\):d=5  hl=\([0-9]*\) l= *\([0-9]*\) cons: SEQUENCE.*/\1 \2 \3/p' | head -n 1)
    tail -c "+$((at + header + 1))" "$1" | head -c "$length"
}

count=0
while IFS= read -r cat; do
    dir=$(dirname "$cat")
    ctl_body "$cat" >body
    openssl smime -verify -binary -noverify -inform DER -in "$cat" -content body -out /dev/null \
        2>err || fail "openssl refuses $cat: $(cat err)"
    # the check can fail: one changed byte of the content must be noticed
    printf '\xff' | dd of=body bs=1 seek=40 conv=notrunc status=none
    ! openssl smime -verify -binary -noverify -inform DER -in "$cat" -content body -out /dev/null \
        2>/dev/null || fail "openssl accepts a changed $cat"

    for sys in "$dir"/*.sys; do
        osslsigncode verify -CAfile "$cert" "${ignore[@]}" -in "$sys" >out 2>&1 ||
            fail "osslsigncode refuses $sys: $(tail -n 3 out)"
        osslsigncode verify -CAfile "$cert" "${ignore[@]}" -catalog "$cat" -in "$sys" >out 2>&1 ||
            fail "osslsigncode does not find $sys in $cat: $(tail -n 3 out)"
        cp "$sys" changed.sys
        printf 'X' | dd of=changed.sys bs=1 seek=1100 conv=notrunc status=none
        ! osslsigncode verify -CAfile "$cert" "${ignore[@]}" -catalog "$cat" -in changed.sys \
            >/dev/null 2>&1 || fail "osslsigncode accepts a changed $sys"
        count=$((count + 1))
    done
done < <(find "$packages" -name '*.cat' | sort)
[ "$count" -ge 2 ] || fail "only $count drivers found below $packages"
echo "$count drivers judged"
finish
