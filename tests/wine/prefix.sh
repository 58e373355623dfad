#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# prefix.sh start|stop PREFIX: make a fresh Wine prefix for the tests, and end it.
set -eu

export LC_ALL=C.UTF-8 WINEPREFIX=$2 WINEARCH=win64 WINEDEBUG=-all
unset DISPLAY
case $1 in
start)
    rm -rf "$WINEPREFIX"
    wine wineboot -i >/dev/null 2>&1
    wineserver -w
    [ -d "$WINEPREFIX/drive_c/windows/system32" ]
    ;;
stop)
    wineserver -k || true
    wineserver -w || true # until then it may write into the prefix
    rm -rf "$WINEPREFIX"
    ;;
*)
    echo "prefix.sh: start or stop, not '$1'" >&2
    exit 2
    ;;
esac
