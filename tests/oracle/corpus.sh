#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Real packages (corpus.c); of the images that we find altered since they were signed, osslsigncode
# must say the same.
set -eu

dir=$1
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"

status=0
"$CORPUS" >said || status=$?
grep -v '^altered ' said || true
[ $status = 0 ] || exit $status
sed -n 's/^altered //p' said >altered
count=0
while IFS= read -r file; do
    count=$((count + 1))
    "$OSSLSIGNCODE" verify -in "$file" >verdict 2>&1 || true
    if ! grep -qa 'MISMATCH' verdict; then
        echo "$file: osslsigncode finds its digest right"
        exit 1
    fi
done <altered
echo "$count altered images, by osslsigncode too"
