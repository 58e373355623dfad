#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# inf.sh templates|grammar|corpus PREFIX BINARIES SOURCE: do Wine's setupapi and our parser read
# the same sections, keys and fields?
# inf.sh install PREFIX BINARIES SOURCE: does an installation by setupapi and newdev leave what our
# model of the INF says?
set -eu

what=$1
export LC_ALL=C.UTF-8 WINEPREFIX=$2 WINEARCH=win64 WINEDEBUG=-all
binaries=$3
source=$4
unset DISPLAY

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
count=0

# compare FILE: read it both ways
compare() {
    local path="Z:${1//\//\\}" status=0
    count=$((count + 1))
    wine "$binaries/dump_setupapi.exe" "$path" "Z:${work//\//\\}\\theirs" </dev/null || status=$?
    # Wine, as against Windows, reads no file that has text before its first section
    if [ $status -ne 0 ] && grep -q e0000000 "$work/theirs" &&
        "$binaries/vioforge" inf lint "$1" 2>/dev/null | grep -q ' VF106 *: this text'; then
        echo "$1: text before the first section, which setupapi here does not pass over"
        return
    fi
    if [ $status -ne 0 ]; then
        echo "$1: setupapi refused it: $(cat "$work/theirs")"
        bad=1
        return
    fi
    # setupapi counts the CR behind a quote that is never closed as part of the value
    sed -i 's/\r//g' "$work/theirs"
    if ! "$binaries/dump_inf" "$1" >"$work/ours"; then
        echo "$1: we refuse it"
        bad=1
    elif ! diff -u --label setupapi --label ours "$work/theirs" "$work/ours"; then
        echo "$1: read differently"
        bad=1
    fi
}

templates() {
    local template target name
    for template in "$source"/inf/templates/*.inf.in; do
        name=$(basename "$template" .inf.in)
        for target in w10/x86 w10/amd64 2k16/amd64 2k19/amd64 2k22/amd64 2k25/amd64 w11/amd64 \
            w11/arm64 2k25/arm64; do
            "$binaries/vioforge" inf stamp --quiet --force --crlf --for "$target" \
                --driver-version 1.2.3.4 --date 11/22/2026 -o "$work/$name.inf" "$template"
            compare "$work/$name.inf"
        done
    done
}

grammar() {
    cat >"$work/grammar.inf" <<'INF'
; points where readings could differ
[Version] text behind a heading
Signature="$Windows NT$"
list=a,\
  b
words = bar \
 baz
folder="dir\"\ ; comment
,next
double=SomeDir\\
,f
said=say """hi""" there
mixed=one" two "three
tokens= %a%, %A%,%%x%%,%none%,50%,"%a% in"
trailing=a,b,,
comma=,
nothing=
=nokey
HKR,,x,0x10001,  1 ,
single
two words = spaced value   ; c
"quoted key"=1
"eq=in"=2
percent=5% ; less than 6%
y=a=b=c
z,b=c
directory=%12%\x.sys,%13%\y
hanging=a,\

after=1
open = "open quote
next=2
[Second]
q=1
[version]
again=%b%
adjacent=%x%b%y%
chained=%x%b%
%a%=key from a token
back=a\b\c\ d
[strings]
a=one
b="two %a%"
a=ignored
c=%a%,x
d
INF
    compare "$work/grammar.inf"
    sed 's/$/\r/' "$work/grammar.inf" >"$work/crlf.inf"
    compare "$work/crlf.inf"
    { printf '\377\376' && iconv -f UTF-8 -t UTF-16LE "$work/crlf.inf"; } >"$work/utf16.inf"
    compare "$work/utf16.inf"
    { cat "$work/grammar.inf" && printf '[Latin]\nk=\344\326\200\n'; } >"$work/ansi.inf"
    compare "$work/ansi.inf"
    # no-break and ideographic spaces; among ordinary text, or setupapi does not see the encoding
    {
        printf '\377\376'
        { cat "$work/crlf.inf" && printf '[Spaces]\302\240\r\n' &&
            printf '%bk=%ba%bb%b,"c"%b;\r\nd=\\%b\r\n%be\r\n' \
                '\0302\0240'{,,,,,,} '\0343\0200\0200'{,,,,,,} '\0342\0200\0213'{,,,,,,}
        } | iconv -f UTF-8 -t UTF-16LE
    } >"$work/spaces.inf"
    compare "$work/spaces.inf"
}

corpus() {
    local file
    if [ -z "${VIOFORGE_CORPUS:-}" ]; then
        echo 'skipped: VIOFORGE_CORPUS does not name a directory of real driver packages'
        exit 77
    fi
    while IFS= read -r -d '' file; do
        compare "$(realpath "$file")"
    done < <(find "$VIOFORGE_CORPUS" -iname '*.inf' -print0 | sort -z)
}

# install_one TEMPLATE TARGET SERVICE HARDWARE_ID
install_one() {
    local inf="$work/$1.inf" status=0
    "$binaries/vioforge" inf stamp --quiet --force --crlf --for "$2" --driver-version 1.2.3.4 \
        --date 11/22/2026 -o "$inf" "$source/inf/templates/$1.inf.in"
    # Wine 8 chooses models sections by architecture alone: it knows no OS version there
    sed -i 's/NTamd64\.10\.0[.0-9]*/NTamd64/' "$inf"
    echo driver >"$work/$1.sys"
    echo catalog >"$work/$1.cat"
    count=$((count + 1))
    wine "$binaries/install_inf.exe" "Z:${inf//\//\\}" "$4" "$3" "$1.sys" \
        "Z:${work//\//\\}\\left" </dev/null || status=$?
    if [ $status -ne 0 ]; then
        echo "$1 for $2: not installed: $(cat "$work/left")"
        bad=1
        return
    fi
    # every service gets these two from Wine's service manager
    grep -vE '^service (ObjectName|PreshutdownTimeout):' "$work/left" | sort >"$work/theirs"
    # Wine 8 does not carry out the event log section of AddService
    "$binaries/dump_model" "$inf" "$2" | grep -v '^log ' | sort >"$work/ours"
    if ! diff -u --label installed --label predicted "$work/theirs" "$work/ours"; then
        echo "$1 for $2: installed otherwise than predicted"
        bad=1
    fi
}

install() {
    local target
    for target in w10/amd64 w11/amd64; do
        install_one viorng $target VirtRng 'PCI\VEN_1AF4&DEV_1044'
        install_one viostor $target viostor 'PCI\VEN_1AF4&DEV_1001'
    done
}

"$what"
echo "$count compared"
[ "$count" -gt 0 ] && exit $bad
