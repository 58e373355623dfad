#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Discs as 7z, xorriso, isoinfo and libcdio's iso-info read them: same names, same content.
set -eu

dir=$1
rm -rf "$dir"
mkdir -p "$dir/tree"
cd "$dir"
export SOURCE_DATE_EPOCH=1700000000
# xorriso and isoinfo print names in the locale's own characters
export LC_ALL=C.UTF-8

echo 'a tree with names of every kind, empty files and folders, and one content several times'
mkdir -p tree/Viostor/w11/amd64 tree/deep/3/4/5/6/7/8 tree/empty 'tree/with space' tree/many
printf content >tree/Viostor/w11/amd64/viostor.sys
printf content >tree/deep/3/4/5/6/7/8/viostor.sys
printf content >tree/README
: >tree/nothing
: >tree/empty/nothing.too
printf 1 >"tree/with space/a-b.txt"
printf 2 >"tree/with space/a+b.txt"
printf 3 >"tree/$(printf '\303\244\320\257').inf"
printf 4 >tree/a-name-of-sixty-four-characters-that-is-as-long-as-it-can-be.inf
printf 5 >tree/many.dots.in.this.name
i=0
while [ $i -lt 150 ]; do
    printf %s $i >"tree/many/a-file-with-a-rather-long-name-and-the-number-$i.dat"
    i=$((i + 1))
done
head -c 3000000 /dev/zero | tr '\0' x >tree/large.bin
(cd tree && find . -type f | LC_ALL=C sort | xargs -d '\n' sha256sum) >expected

"$VIOFORGE" iso create --quiet --label oracle tree -o disc.iso

compare() {
    (cd "$2" && find . -type f | LC_ALL=C sort | xargs -d '\n' sha256sum) >seen
    cmp expected seen || { echo "$1 reads other files"; diff expected seen | head; exit 1; }
}

echo '7z'
"$SEVENZIP" x -o7z disc.iso >log || { cat log; exit 1; }
grep -qi 'warning\|error' log && { cat log; exit 1; }
compare 7z 7z
test -d 7z/deep/3/4/5/6/7/8

echo 'xorriso, Joliet'
"$XORRISO" -osirrox on -read_fs norock -indev disc.iso -extract / xorriso >log 2>&1 ||
    { cat log; exit 1; }
grep -q 'SORRY\|FAILURE\|FATAL' log && { cat log; exit 1; }
chmod -R u+w xorriso
compare xorriso xorriso

echo 'xorriso, primary tree: every content is there under a plain name'
"$XORRISO" -osirrox on -read_fs nojoliet -indev disc.iso -extract / plain >log 2>&1 ||
    { cat log; exit 1; }
chmod -R u+w plain
cut -d ' ' -f 1 expected | LC_ALL=C sort >contents
find plain -type f -exec sha256sum '{}' + | cut -d ' ' -f 1 | LC_ALL=C sort >seen
cmp contents seen
if (cd plain && find . -type f | sed 's,^\./,,' |
    grep -vE '^([A-Z0-9_]{1,31}/)*[A-Z0-9_]*\.?[A-Z0-9_]*$'); then
    echo 'names outside of interchange level 2'
    exit 1
fi

echo 'isoinfo: descriptors, and both trees through their own reader'
"$ISOINFO" -d -i disc.iso >log
grep -q 'Joliet with UCS level 3 found' log || { cat log; exit 1; }
# it knows no UTF-8, so names of ASCII only
(cd tree && find . -mindepth 1) | sed 's,^\.,,' | LC_ALL=C grep -v '[^ -~]' | LC_ALL=C sort >names
"$ISOINFO" -J -f -j iso8859-1 -i disc.iso | sed 's/;1$//' | LC_ALL=C grep -v '[^ -~]' |
    LC_ALL=C sort >seen
cmp names seen || { diff names seen | head; exit 1; }

echo 'iso list and iso extract'
"$VIOFORGE" iso list --sha256 disc.iso | sed 's,  ,  ./,' >seen
cmp expected seen || { diff expected seen | head; exit 1; }
"$VIOFORGE" iso extract --quiet disc.iso ours
compare vioforge ours

echo "discs of other tools are read: Joliet, and Rock Ridge with long primary names"
"$XORRISO" -as mkisofs -quiet -J -joliet-long -V OTHER -o xorriso.iso tree 2>log || { cat log; exit 1; }
"$VIOFORGE" iso extract --quiet xorriso.iso from-xorriso
compare "vioforge (disc of xorriso)" from-xorriso
"$GENISOIMAGE" -quiet -r -iso-level 4 -V OTHER -o genisoimage.iso tree 2>log || { cat log; exit 1; }
"$VIOFORGE" iso extract --quiet genisoimage.iso from-genisoimage
compare "vioforge (disc of genisoimage)" from-genisoimage
