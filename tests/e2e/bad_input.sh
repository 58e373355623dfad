#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is not what it should be: a message that names it, the right exit status, nothing left over.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

package=$BUILD/packages/viorng/w11/amd64
cp -r "$package" good
expect 0 '' "$VIOFORGE" verify good
says '^good: 1 package, [0-9]+ files, 0 errors, 0 warnings$'

# --- drivers
cp -r good missing && rm missing/viorng.sys
expect 1 '' "$VIOFORGE" verify missing
says 'viorng\.inf.*viorng\.sys'

cp -r good truncated && head -c 700 good/viorng.sys >truncated/viorng.sys
expect 1 '' "$VIOFORGE" verify truncated
says 'viorng\.sys.*pe-format|viorng\.sys: error.*\[pe-format\]'

cp -r good foreign && echo 'this is no driver' >foreign/viorng.sys
expect 1 '' "$VIOFORGE" verify foreign
says 'viorng\.sys: error'

mkdir -p folders/viorng/w11/x86 && cp good/* folders/viorng/w11/x86/
expect 1 '' "$VIOFORGE" verify folders
says '\[pe-machine\]'
says '\[inf-machine\]'

# --- catalogs
cp -r good othercat && cp "$BUILD"/packages/viostor/w11/amd64/viostor.cat othercat/viorng.cat
expect 1 '' "$VIOFORGE" verify othercat
says '\[cat-member\]'

cp -r good edited && printf '; edited\r\n' >>edited/viorng.inf
expect 1 '' "$VIOFORGE" verify edited
says '\[cat-hash\]|\[cat-member\]'

cp -r good lf && tr -d '\r' <good/viorng.inf >lf/viorng.inf
expect 1 '' "$VIOFORGE" verify lf
says '\[cat-line-ends\]'

cp -r good nocat && rm nocat/viorng.cat
expect 1 '' "$VIOFORGE" verify nocat
says '\[cat-missing\]'

# --- archives
(cd good && 7z a -tzip ../good.zip . >zip.log && rm zip.log && tar -czf ../good.tar.gz . &&
    tar -cJf ../good.tar.xz .)
for archive in good.zip good.tar.gz good.tar.xz; do
    expect 0 '' "$VIOFORGE" verify --json $archive
    says '"kind": *"archive"'
    says '"name": *"viorng"'
done
cp -r good viorng && expect 0 '' "$VIOFORGE" submit -o good.cab viorng
expect 0 '' "$VIOFORGE" verify --json good.cab
says '"inf": *"viorng/viorng.inf"'
head -c 5000 good.cab >cut.cab
expect 3 'cut.cab' "$VIOFORGE" verify cut.cab
tar -cf changed.tar -C edited .
expect 1 '' "$VIOFORGE" verify changed.tar
says '\[cat-hash\]|\[cat-member\]'
tar -P -czf slip.tar.gz --transform 's|^|../|' good
expect 3 "slip.tar.gz: .*'\.\.'" "$VIOFORGE" verify slip.tar.gz
cp -r good links && ln -s /etc/passwd links/extra
tar -cf links.tar links
expect 3 'links.tar: .*links/extra.*a link' "$VIOFORGE" verify links.tar
truncate -s 100M big && tar -czf bomb.tar.gz big && rm big
expect 3 'bomb.tar.gz: .*unpacks to more' "$VIOFORGE" verify bomb.tar.gz
head -c 3000 good.zip >cut.zip
expect 3 'cut.zip' "$VIOFORGE" verify cut.zip

# --- discs
printf '<!DOCTYPE html>\n<html><body>Are you a robot?</body></html>\n' >page.iso
expect 3 'HTML' "$VIOFORGE" verify page.iso
expect 3 'HTML' "$VIOFORGE" iso list page.iso
: >empty.iso
expect 3 'empty' "$VIOFORGE" verify empty.iso
head -c 40000 "$BUILD/vioforge.iso" >short.iso
expect 3 'short.iso' "$VIOFORGE" iso list short.iso
expect 3 'page.iso' "$VIOFORGE" iso extract page.iso out
absent out

# --- making packages and discs
cp "$SOURCE"/inf/templates/viorng.inf.in .
expect 3 'viorng\.sys' "$VIOFORGE" package viorng.inf.in --for w11/amd64 -o made
absent made
head -c 700 good/viorng.sys >viorng.sys
expect 3 'viorng\.sys' "$VIOFORGE" package viorng.inf.in viorng.sys --for w11/amd64 -o made
absent made
cp "$BUILD/drivers/arm64/viorng.sys" viorng.sys
expect 3 'arm64' "$VIOFORGE" package viorng.inf.in viorng.sys --for w11/amd64 -o made
absent made

mkdir tree && cp good/* tree/
(
    ulimit -f 16
    trap '' XFSZ
    expect 4 'made.iso' "$VIOFORGE" iso create tree -o made.iso
    exit "$failures"
) || failures=$((failures + 1))
absent made.iso
expect 4 'no/such/dir' "$VIOFORGE" iso create tree -o no/such/dir/made.iso
mkdir readonly
if [ "$(id -u)" -eq 0 ]; then
    # root may write anywhere: give that up for this check
    chmod 755 "$work"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod -R a+rX .
    if ! "${as[@]}" test -x "$VIOFORGE"; then
        echo "note: the build directory is closed to other users: read-only output not checked"
        as=()
    fi
else
    as=(env)
    chmod 555 readonly
fi
if [ ${#as[@]} -gt 0 ]; then
    expect 4 'readonly/made.iso' "${as[@]}" "$VIOFORGE" iso create tree -o readonly/made.iso
    absent readonly/made.iso
fi
echo kept >exists.iso
expect 2 'exists.iso.*--force' "$VIOFORGE" iso create tree -o exists.iso
[ "$(cat exists.iso)" = kept ] || fail "an existing file was touched without --force"

finish
