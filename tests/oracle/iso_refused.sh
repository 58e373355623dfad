#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The exit status and message of each refusal by the iso verbs, and that nothing is left behind.
set -eu

dir=$1
rm -rf "$dir"
mkdir -p "$dir/tree"
cd "$dir"
echo one >tree/one.txt

# refuse STATUS WORD COMMAND...: it ends so, says so, and leaves no out* behind
refuse() {
    status=0
    wanted=$1
    word=$2
    shift 2
    "$VIOFORGE" "$@" >stdout 2>stderr || status=$?
    if [ "$status" != "$wanted" ]; then
        echo "vioforge $*: status $status, expected $wanted"
        cat stderr
        exit 1
    fi
    grep -qF -- "$word" stderr || { echo "vioforge $*: no '$word' in:"; cat stderr; exit 1; }
    test ! -s stdout || { echo "vioforge $*: wrote to standard output"; exit 1; }
    left=$(find . -name 'out*' -o -name '.out*')
    test -z "$left" || { echo "vioforge $*: left $left"; exit 1; }
}

refuse 2 '--output' iso create tree
refuse 2 'a disc'\''s label has 1 to 16' iso create --label=more-than-16-characters tree -o out.iso
refuse 2 'virtio-win only' iso create --layout=other tree -o out.iso
refuse 2 '--layout' iso create --pdb tree -o out.iso
refuse 4 'no/such' iso create no/such -o out.iso
refuse 4 'no/such/out.iso' iso create tree -o no/such/out.iso
refuse 3 'expected' iso create --layout=virtio-win tree -o out.iso
ln -s one.txt tree/link
refuse 3 'tree/link' iso create tree -o out.iso
rm tree/link
echo two >tree/ONE.TXT
refuse 3 'ignores case' iso create tree -o out.iso
rm tree/ONE.TXT

refuse 2 'lies in the folder' iso create tree -o tree/out.iso
refuse 2 'lies in the folder' iso create . -o out.iso

"$VIOFORGE" iso create -q tree -o disc.iso
cp disc.iso kept.iso
refuse 2 '--force' iso create tree -o disc.iso
cmp disc.iso kept.iso
echo kept >disc2.iso.sha256
refuse 2 'disc2.iso.sha256' iso create --sha256 tree -o disc2.iso
test ! -e disc2.iso

printf '<!DOCTYPE html>\n<title>Are you human?</title>' >page.iso
refuse 3 'HTML page' iso list page.iso
: >empty.iso
refuse 3 'empty file' iso list empty.iso
gzip -c disc.iso >disc.iso.gz
refuse 3 'gzip' iso list disc.iso.gz
head -c 45000 disc.iso >short.iso
refuse 3 'cut off' iso extract short.iso out
refuse 2 "'none.txt'" iso extract disc.iso out none.txt
refuse 4 'absent.iso' iso extract absent.iso out

if [ "$(id -u)" != 0 ]; then
    mkdir locked
    chmod 555 locked
    refuse 4 'locked/out.iso' iso create tree -o locked/out.iso
fi
if [ -w /dev/full ]; then
    status=0
    "$VIOFORGE" iso list disc.iso >/dev/full 2>stderr || status=$?
    test "$status" = 4 || { echo "a full output gives status $status"; exit 1; }
fi
