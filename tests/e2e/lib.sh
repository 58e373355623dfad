# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the end-to-end tests share: a fresh directory, and checks that name what went wrong.
# Needs VIOFORGE (the command), BUILD (the build directory) and SOURCE (the tree).
set -u
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS WORDS COMMAND...: the command ends with that status, and what it printed on
# standard error holds WORDS (an extended regular expression; '' for anything).
expect() {
    local status=$1 words=$2 got
    shift 2
    "$@" >"$work/.out" 2>"$work/.err"
    got=$?
    [ "$got" -eq "$status" ] ||
        fail "$* ended with $got, not $status: $(head -c 500 "$work/.err")"
    [ -z "$words" ] || grep -qE -- "$words" "$work/.err" ||
        fail "$*: no '$words' in: $(head -c 500 "$work/.err")"
}

# says WORDS: the last command's standard output holds WORDS.
says() {
    grep -qE -- "$1" "$work/.out" || fail "no '$1' in the output: $(head -c 500 "$work/.out")"
}

# absent PATH...: nothing stands there, nor anything half-written beside it.
absent() {
    local path beside
    for path in "$@"; do
        [ ! -e "$path" ] || fail "$path was left behind"
        for beside in "$(dirname "$path")/.$(basename "$path")".*; do
            [ ! -e "$beside" ] || fail "$beside was left behind"
        done
    done
}

finish() {
    [ "$failures" -eq 0 ] || {
        echo "$failures checks failed" >&2
        exit 1
    }
    echo "all checks passed"
}
