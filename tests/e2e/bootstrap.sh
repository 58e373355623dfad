#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bootstrap.sh is content where it has run, changes nothing then, and every missing tool or library
# of the build is answered with its name.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

if command -v dpkg-query >/dev/null; then
    expect 0 '' "$SOURCE/bootstrap.sh" --check
    # where the npm packages are not there, none are fetched now
    expect 0 '' env npm_config_offline=true "$SOURCE/bootstrap.sh"
    says 'everything needed is installed'
fi
expect 0 '' "$SOURCE/bootstrap.sh" --help
says '^Usage:'
expect 2 'Usage:' "$SOURCE/bootstrap.sh" --frobnicate

# A system without some program: all of the path but that one, and no look elsewhere.
mkdir tools
for dir in /usr/local/bin /usr/bin /bin; do
    [ ! -d "$dir" ] || find "$dir" -maxdepth 1 \( -type f -o -type l \) -print0 |
        xargs -0 -r ln -sf -t tools
done
without() {
    rm -rf configured "tools/$1"
    expect 1 "$1 .*missing: run ./bootstrap.sh" env PATH="$work/tools" cmake -G Ninja -S "$SOURCE" \
        -B configured -DVIOFORGE_TESTS=ON -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
    [ ! -e "/usr/bin/$1" ] || ln -s "/usr/bin/$1" "tools/$1"
}
without xorriso
without lld-link
without osslsigncode

# and without a library
mkdir only
for dir in /usr/lib/*/pkgconfig /usr/share/pkgconfig; do
    [ ! -d "$dir" ] || ln -sf "$dir"/* only/
done
rm -rf configured only/libiso9660.pc
expect 1 'libiso9660 .*is missing' env PKG_CONFIG_LIBDIR="$work/only" \
    cmake -G Ninja -S "$SOURCE" -B configured
grep -q './bootstrap.sh' .err || fail "a missing library's message does not name bootstrap.sh"
finish
