#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Install what building and testing vioforge needs: Debian 12 packages, and for one test the schema
# of SARIF from npm, which no Debian package holds.
set -eu

packages='
binutils-mingw-w64-i686
binutils-mingw-w64-x86-64
clang
clang-format
clang-tidy
cmake
cppcheck
gcc
gcc-mingw-w64-i686
gcc-mingw-w64-x86-64
gcc-multilib
git
gcovr
genisoimage
libarchive-dev
libc6-dev
libcdio-dev
libclang-rt-14-dev
libcmocka-dev
libengine-pkcs11-openssl
libgcab-dev
libiso9660-dev
libjansson-dev
liblzma-dev
libssl-dev
libzstd-dev
lld
llvm
mandoc
mingw-w64-common
ninja-build
openssl
osslsigncode
p7zip-full
pkg-config
qemu-system-x86
shellcheck
softhsm2
valgrind
wine
wine64
xorriso
xz-utils
'

usage() {
    cat <<'TEXT'
Usage: ./bootstrap.sh [--check]

Installs the Debian packages that vioforge is built and tested with; does nothing where all are
there. With --check it installs nothing, lists what is missing, and exits with 1 if there is any.

For the test oracle.sarif it also installs, into tests/oracle/sarif/node_modules, the npm packages
that package-lock.json there pins. Where that cannot be done it says so, and the test is skipped.
TEXT
}

# The one thing that is no Debian package, and that nothing fails without.
install_schema() {
    sarif=$(dirname "$0")/tests/oracle/sarif
    [ ! -d "$sarif/node_modules" ] || return 0
    if ! command -v npm >/dev/null 2>&1; then
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            npm || true
    fi
    echo 'bootstrap.sh: installing the SARIF schema'
    if ! command -v npm >/dev/null 2>&1 ||
        ! (cd "$sarif" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund \
            --fetch-retries=1 --fetch-timeout=20000); then
        rm -rf "$sarif/node_modules"
        echo 'bootstrap.sh: no SARIF schema; the test oracle.sarif will be skipped' >&2
    fi
}

check=no
case "${1-}" in
'') ;;
--check) check=yes ;;
-h | --help)
    usage
    exit 0
    ;;
*)
    usage >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "bootstrap.sh: this is not a Debian system; install the counterparts of these packages:" >&2
    # shellcheck disable=SC2086 # one word each
    echo $packages >&2
    exit 2
fi

missing=
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done
as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
fi
if [ -z "$missing" ]; then
    [ "$check" = yes ] || install_schema
    echo 'bootstrap.sh: everything needed is installed'
    exit 0
fi
if [ "$check" = yes ]; then
    echo "bootstrap.sh: missing:$missing" >&2
    echo 'bootstrap.sh: run ./bootstrap.sh to install these packages' >&2
    exit 1
fi

if [ -n "$as_root" ] && ! command -v sudo >/dev/null 2>&1; then
    echo "bootstrap.sh: not root and no sudo; as root, install:$missing" >&2
    exit 1
fi
echo "bootstrap.sh: installing:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086 # a list of words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
install_schema
echo 'bootstrap.sh: done'
