#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Style of the tree: run.sh format|spdx|shell|cppcheck|cppcheck-drivers|length|private|binary|tidy SOURCE_DIR [BUILD_DIR]
# Judges the files that git tracks or would add; outside a checkout, all files below the folder.
set -eu

what=$1
cd "$2"

files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r f; do
            if [ -f "$f" ]; then printf '%s\n' "$f"; fi
        done
    else
        local pattern
        for pattern in "$@"; do
            find . -path ./build -prune -o -type f -name "${pattern##*/}" -print
        done
    fi
}

case $what in
format)
    # every C file is as .clang-format says
    files '*.c' '*.h' | xargs -r clang-format --dry-run -Werror
    ;;
spdx)
    # every source names its licence on its first line, or on the second behind #!
    bad=0
    while IFS= read -r f; do
        case $f in
        drivers-src/* | inf/templates/*) licence=BSD-3-Clause ;;
        *) licence=GPL-3.0-or-later ;;
        esac
        if ! head -n 2 "$f" | grep -q "SPDX-License-Identifier: $licence"; then
            echo "$f: no 'SPDX-License-Identifier: $licence' on its first line"
            bad=1
        fi
    done < <(files '*.c' '*.h' '*.S' '*.sh' '*.cmake' '*CMakeLists.txt' '*.in' '*.def' '*.1' '*.ld')
    exit $bad
    ;;
shell)
    files '*.sh' '.ci/run' | xargs -r shellcheck
    ;;
cppcheck)
    # the builder's side and the core, natively
    files 'util/*.c' 'inf/*.c' 'iso/*.c' 'builder/*.c' 'drivers-src/virtio/*.c' |
        xargs -r cppcheck --quiet --std=c11 --language=c -I. --error-exitcode=1 --inline-suppr \
            --enable=warning,performance,portability -j 2 \
            --suppress=missingIncludeSystem --suppress=checkersReport
    ;;
cppcheck-drivers)
    # amd64 Windows; its headers stay out, as cppcheck cannot read them
    files 'drivers-src/nt/*.c' 'drivers-src/vio*/*.c' |
        xargs -r cppcheck --quiet --std=c11 --language=c -Idrivers-src --error-exitcode=1 \
            --platform=win64 -DNTAPI= -D_WIN64 -D__x86_64__ --inline-suppr \
            --enable=warning,performance,portability -j 2 \
            --suppress=missingIncludeSystem --suppress=checkersReport
    ;;
length)
    # a file of over 800 lines serves more than one purpose
    files '*.c' '*.h' | xargs -r wc -l | awk '$2 != "total" && $1 > 800 {print; bad = 1} END {exit bad}'
    ;;
private)
    # the project speaks of itself alone: no absolute path of a build machine
    if files '*' | xargs -r grep -nIE '(^|[^A-Za-z0-9_.])/(home|root)/[a-z]' -- | grep -v '^tests/style/run.sh:'; then
        exit 1
    fi
    ;;
binary)
    # no driver, catalog or other binary lies in the tree, but for the fuzzers' inputs
    bad=$(files '*' | grep -v '^\(\./\)\?tests/fuzz/corpus/' | xargs -r -d '\n' grep -LI '')
    if [ -n "$bad" ]; then
        printf '%s: binary, or empty\n' "$bad"
        exit 1
    fi
    ;;
tidy)
    # the test kernel's runner and its Linux process, as the build compiles them; what of hosted/
    # the build does not know is the kernel's, compiled otherwise
    known=$(files 'tests/ntkernel/host/*.c' 'tests/ntkernel/hosted/*.c' | while IFS= read -r f; do
        if grep -qF "\"$PWD/${f#./}\"" "$3/compile_commands.json"; then printf '%s\n' "$f"; fi
    done)
    [ -n "$known" ]
    printf '%s\n' "$known" | xargs -P 2 -n 4 clang-tidy --quiet -p "$3" \
        --header-filter='/tests/ntkernel/(host|hosted)/' 2>/dev/null
    ;;
*)
    echo "run.sh: unknown check '$what'" >&2
    exit 2
    ;;
esac
