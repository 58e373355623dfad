#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The same files give the same disc: another folder, another order of creation, another time zone,
# locale, umask and clock; and without SOURCE_DATE_EPOCH only the dates differ.
set -eu

dir=$1
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"

mkdir -p one/b one/c/d "two trees/b" "two trees/c/d"
for name in b/z.txt a.txt b/a.txt c/d/e.sys Z.inf b.cat; do
    echo "content of $name" >"one/$name"
done
for name in b.cat Z.inf c/d/e.sys b/a.txt a.txt b/z.txt; do
    (umask 077 && echo "content of $name" >"two trees/$name")
done
ln -f one/b/a.txt one/b/linked.txt
cp one/b/a.txt 'two trees/b/linked.txt'
touch -d 2001-01-01 one/a.txt

SOURCE_DATE_EPOCH=1700000000 TZ=UTC LC_ALL=C "$VIOFORGE" iso create -q one -o 1.iso
(
    umask 077
    cd 'two trees'
    SOURCE_DATE_EPOCH=1700000000 TZ=Pacific/Auckland LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 \
        "$VIOFORGE" iso create -q . -o ../2.iso
)
cmp 1.iso 2.iso
test "$(stat -c %a 1.iso)" = "$(stat -c %a 2.iso)"

SOURCE_DATE_EPOCH=1700000001 "$VIOFORGE" iso create -q one -o 3.iso
if cmp -s 1.iso 3.iso; then
    echo 'SOURCE_DATE_EPOCH changes nothing'
    exit 1
fi
"$VIOFORGE" iso list --sha256 1.iso >1.list
"$VIOFORGE" iso list --sha256 3.iso >3.list
cmp 1.list 3.list
status=0
"$VIOFORGE" iso diff 1.iso 3.iso >differences || status=$?
test "$status" = 1
if grep -v '^date: ' differences; then
    echo 'more than dates differ'
    exit 1
fi
"$VIOFORGE" iso diff 1.iso 2.iso
