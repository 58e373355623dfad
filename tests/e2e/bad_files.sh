#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every verb that reads catalogs, images or archives, on files that are none: each says so, naming
# the file, with status 3, within seconds and little memory.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

SECONDS_MAX=20
MEMORY_MAX=$((512 * 1024)) # KiB of address space; the largest file here has 1 GiB

: >empty
truncate -s 1G sparse
head -c 1048576 /dev/zero >zeros
printf 'no such thing\n' >text
# SEQUENCEs of 2^31, of 2^31 - 1 and of endless bytes, and one whose length has nine bytes
printf '\060\204\200\000\000\000' >length31
printf '\060\204\177\377\377\377\006\011\052\206\110\206\367\015\001\007\002' >length31less
printf '\060\200\006\011\052\206\110\206\367\015\001\007\002\240\200\060\200' >endless
printf '\060\211\001\001\001\001\001\001\001\001\001' >length9
# an image whose header lies 2^31 bytes on; an archive of each kind that ends in its first header
{ printf 'MZ' && head -c 58 /dev/zero && printf '\000\000\000\200'; } >image31
printf 'PK\003\004' >zip
printf 'MSCF\000\000\000\000\377\377\377\377' >cabinet
printf '\375\067\172\130\132\000' >xz
mkdir folder && echo text >folder/text

# refuse FILE VERB...: FILE stands for itself among the words of the verb
refuse() {
    local file=$1 start=$SECONDS
    shift
    (
        ulimit -v $MEMORY_MAX
        expect 3 "$file" timeout $SECONDS_MAX "$VIOFORGE" "$@"
        exit "$failures"
    ) || failures=$((failures + 1))
    [ $((SECONDS - start)) -lt $SECONDS_MAX ] || fail "$* took too long"
}

"$VIOFORGE" sign test-cert --quiet key
for file in empty sparse zeros text length31 length31less endless length9 image31 zip cabinet xz; do
    refuse $file catalog show $file
    refuse $file catalog verify $file folder
    refuse $file catalog diff $file $file
    refuse $file pe show $file
    refuse $file pe check $file
    refuse $file pe finish $file
    refuse $file verify $file
    refuse $file sign --key key/test.key --cert key/test.pem $file
    refuse $file sign --remove $file
done
finish
