#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs a compiler with all paths in the current directory made relative to it: CMake names sources
# by their absolute paths, which would end up in the debug records.
for arg; do
    shift
    set -- "$@" "${arg#"$PWD"/}"
done
exec "$@"
