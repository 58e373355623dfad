#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The command's manners: help, unknown words, exit status, completion, man pages.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

expect 0 '' "$VIOFORGE" --help
says '^Verbs:'
expect 0 '' "$VIOFORGE" --version
says '^vioforge [0-9]+\.[0-9]+\.[0-9]+$'
expect 2 "a verb is needed" "$VIOFORGE"
expect 2 "'frobnicate' is not a verb" "$VIOFORGE" frobnicate
expect 2 "needs a second word: .*create" "$VIOFORGE" iso
expect 2 "does not take that word" "$VIOFORGE" iso frobnicate
expect 2 "missing operand" "$VIOFORGE" verify
expect 2 "unexpected 'b'" "$VIOFORGE" verify a b
expect 2 "'--frob' is not an option here" "$VIOFORGE" verify --frob .
expect 2 "needs a value" "$VIOFORGE" verify . --color
expect 2 "auto, always or never" "$VIOFORGE" verify --color=blue .
expect 4 "cannot open" "$VIOFORGE" verify does-not-exist

# output that gets lost is told, also where there are findings or the verb ended well
printf '[Version]\r\nProvider="\033]0;title\a\033[2J\033[31mname\302\233m"\r\n' >orders.inf
lost() {
    "$VIOFORGE" "$@" >/dev/full
}
expect 4 "cannot write to standard output" lost --help
expect 4 "cannot write to standard output" lost inf lint orders.inf
expect 4 "cannot write to standard output" lost inf show --json orders.inf

# what a file holds gives a terminal no orders; colors are ours, and a file gets the bytes
script -qec "'$VIOFORGE' inf show --color=always orders.inf" typed >/dev/null
tr -d '\r' <typed | grep -qF 'provider       ?]0;title??[2J' || fail "orders: $(cat -v typed)"
LC_ALL=C grep -qF "$(printf '\302\233')" typed && fail "C1 control: $(cat -v typed)"
grep -qF "$(printf '\033[2morders.inf\033[0m')" typed || fail "no colors: $(cat -v typed)"
expect 0 '' "$VIOFORGE" inf show orders.inf
says "$(printf '\033')\\]0;title"
script -qec "'$VIOFORGE' verify '$(printf 'no\033[2Jthing')'" typed >/dev/null
grep -qF 'no?[2Jthing' typed || fail "orders in a message: $(cat -v typed)"

"$VIOFORGE" --help | sed -n '/^Verbs:/,/^$/{s|^  \([a-z][a-z -]*[a-z]\)  .*|\1|p}' >verbs
[ -s verbs ] || fail "no verbs in the help"

while IFS= read -r verb; do
    # shellcheck disable=SC2086 # a verb can be two words
    expect 0 '' "$VIOFORGE" help $verb
    says "^Usage: vioforge $verb"
    cp .out help
    page="$SOURCE/man/vioforge-${verb// /-}.1"
    [ -f "$page" ] || {
        fail "no man page $page"
        continue
    }
    mandoc -T lint -W warning "$page" >page.lint 2>&1 || fail "$(head -n 5 <page.lint)"
    mandoc -T ascii "$page" | sed 's|.\x08||g' >text
    # every option of the verb itself is in its page (the common ones are in vioforge(1))
    sed -n '/^Options:/,/^Common options:/p' help | grep -oE -- '--[a-z0-9-]+' | while IFS= read -r option; do
        grep -qE -- "$option([^a-z0-9-]|$)" text || echo "$option"
    done >missing
    [ ! -s missing ] || fail "vioforge-${verb// /-}(1) does not tell of: $(tr '\n' ' ' <missing)"
    grep -q "vioforge-${verb// /-}" "$SOURCE/man/vioforge.1" || fail "vioforge(1) does not name $verb"
done <verbs
for page in "$SOURCE"/man/*.1; do
    grep -o 'Xr vioforge[a-z-]* 1' "$page" | cut -d ' ' -f 2 |
        while IFS= read -r name; do
            [ -f "$SOURCE/man/$name.1" ] || echo "${page##*/} refers to $name(1), which is not there"
        done
done >dangling
[ ! -s dangling ] || fail "$(cat dangling)"
mandoc -T lint -W warning "$SOURCE/man/vioforge.1" >page.lint 2>&1 || fail "$(head -n 5 <page.lint)"

"$VIOFORGE" completion bash >completion.bash
bash -n completion.bash || fail "the bash completion does not parse"
complete_words() {
    bash -c '. ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _vioforge; printf "%s\n" "${COMPREPLY[@]}"' bash "$@" 2>/dev/null
}
complete_words vioforge ver | grep -qx verify || fail "completion does not offer verify"
complete_words vioforge iso '' | grep -qx create || fail "completion does not offer iso create"
complete_words vioforge verify --js | grep -qx -- --json || fail "completion does not offer --json"
for shell in fish zsh; do
    expect 0 '' "$VIOFORGE" completion $shell
    says vioforge
done
expect 2 "no JSON" "$VIOFORGE" completion --json bash
expect 2 "not a shell known" "$VIOFORGE" completion csh

finish
