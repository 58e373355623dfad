#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check.sh TESTS_DIR: that every test named in virtio-must.md exists, and that each row has a test
# or a reason. Prints what is wrong, one line each; exit status 1 if anything is.
set -eu

tests=$1
table=$tests/virtio-must.md
rows=0
names=0
bad=0

wrong() {
    echo "$table: $1" >&2
    bad=1
}

# Whether the test `group`.`name` is there.
exists() {
    if [ "$1" = device ]; then
        grep -rqF "NAME device.$2 " "$tests" --include=CMakeLists.txt
        return
    fi
    # as a cmocka test of its own, or in a table of tests: of those that run for several kinds of
    # device, or of attacks
    grep -qE "cmocka_unit_test\\($2\\)|[ ,]$2[,}]" "$tests/unit/test_$1.c" 2>/dev/null
}

while IFS='|' read -r _ clause requirement test _; do
    case $clause in
    ' Clause '* | ' --- '* | '') continue ;;
    esac
    rows=$((rows + 1))
    [ -n "$(echo "$requirement" | tr -d ' ')" ] || wrong "clause$clause has no requirement"
    [ -n "$(echo "$test" | tr -d ' ')" ] || wrong "clause$clause:$requirement has no test and no reason"
    # shellcheck disable=SC2016 # the backquotes are text
    for id in $(echo "$test" | grep -oE '`[a-z0-9_]+\.[a-z0-9_]+`' | tr -d '`'); do
        names=$((names + 1))
        exists "${id%%.*}" "${id#*.}" || wrong "clause$clause: there is no test $id"
    done
done <"$table"

[ "$rows" -ge 90 ] || wrong "only $rows rows were found"
echo "$rows requirements, $names tests named"
exit "$bad"
