#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The inf verbs on a package of somebody's own, with the examples of their man pages.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
export SOURCE_DATE_EPOCH=1795305600 # 2026-11-22

cp "$SOURCE"/inf/templates/*.inf.in .

# stamp: the example, its date, and what it must refuse
expect 0 'made viorng.inf' "$VIOFORGE" inf stamp --for w11/amd64 --driver-version 0.1.0.0 \
    -o viorng.inf viorng.inf.in
grep -qx 'DriverVer   = 11/22/2026,0.1.0.0' viorng.inf || fail "DriverVer is not stamped"
expect 0 '' "$VIOFORGE" inf stamp --arch arm64 --date 11/22/2026 --driver-version 1.2.3.4 \
    -D OS=10.0 -D DIRID=13 viorng.inf.in
says 'NTarm64\.10\.0\]'
expect 2 'already exists|--force' "$VIOFORGE" inf stamp --for w11/amd64 -o viorng.inf viorng.inf.in
expect 2 'viorng\.inf\.in:22:18: the variable .DIRID. was given no value' \
    "$VIOFORGE" inf stamp viorng.inf.in
expect 2 'OS/ARCH' "$VIOFORGE" inf stamp --for w11 viorng.inf.in
expect 2 'NAME=VALUE' "$VIOFORGE" inf stamp -D OS viorng.inf.in
expect 2 'is no version' "$VIOFORGE" inf stamp --for w11/amd64 --driver-version 1.2 viorng.inf.in

# show
expect 0 '' "$VIOFORGE" inf stamp --crlf --for w11/amd64 --driver-version 0.1.0.0 -o viostor.inf \
    viostor.inf.in
expect 0 '' "$VIOFORGE" inf show viostor.inf
says '^hardware id    pci\\ven_1af4&dev_1042$'
expect 0 '' "$VIOFORGE" inf show --json --for w11/amd64 viostor.inf
says '"schema": "vioforge\.inf-show"'
says '"start": 0'
expect 0 '' "$VIOFORGE" inf show --for w11/arm64 viostor.inf
grep -q '^service' .out && fail "an amd64 INF installs a service on arm64"

# edit: one line changed, all other bytes the same
expect 0 'made edited.inf' "$VIOFORGE" inf edit --set '[version]pnplockdown=0' -o edited.inf viostor.inf
sed 's/^PnpLockdown = 1/PnpLockdown = 0/' viostor.inf | cmp - edited.inf || fail "more is edited"
expect 0 '' "$VIOFORGE" inf edit --set '[Version]PnpLockdown=1' -f -o edited.inf edited.inf
cmp viostor.inf edited.inf || fail "an edit undone left something"
expect 0 '' "$VIOFORGE" inf edit --remove '[Version]DriverVer' --add '[New]"k"="a, b"' viostor.inf
says '^"k" = "a, b"'
grep -q DriverVer .out && fail "DriverVer was not removed"
expect 2 'no .Absent. in \[Version\]' "$VIOFORGE" inf edit --remove '[Version]Absent' viostor.inf
expect 2 'not one line' "$VIOFORGE" inf edit --set '[Version]Class=a ; b' viostor.inf
expect 2 '\[SECTION\]KEY=VALUE' "$VIOFORGE" inf edit --set 'Version=1' viostor.inf
expect 2 'nothing to change' "$VIOFORGE" inf edit viostor.inf

# lint: a good file, a broken one, and one accepted by a baseline
expect 0 '1 file, 0 errors, 0 warnings' "$VIOFORGE" inf lint viostor.inf
sed 's/^PnpLockdown = 1/PnpLockdown = 0/' viostor.inf >broken.inf
expect 1 '1 error,' "$VIOFORGE" inf lint broken.inf viostor.inf
says '^broken\.inf:13:1: error 1324: '
expect 0 '' "$VIOFORGE" inf lint --mode k broken.inf
says 'warning 1324'
expect 1 '' "$VIOFORGE" inf lint --json broken.inf
says '"code": "1324"'
expect 1 '' "$VIOFORGE" inf lint --sarif findings.sarif broken.inf
grep -q '"ruleId": "1324"' findings.sarif || fail "no finding in findings.sarif"
expect 0 '1 finding accepted' "$VIOFORGE" inf lint --write-baseline known broken.inf
sed '1i\; one line more\r' broken.inf >moved && mv moved broken.inf
expect 0 '0 errors' "$VIOFORGE" inf lint --baseline known broken.inf
# neither does a line number inside a finding's text, nor a line end that Git made
printf '[DestinationDirs]\r\nNone = 13\r\n' | cat viostor.inf - >twice.inf
expect 1 '' "$VIOFORGE" inf lint twice.inf
says 'error 1209: \[DestinationDirs\] is also on line [1-9]'
expect 0 ' accepted' "$VIOFORGE" inf lint --write-baseline twice twice.inf
sed '1i\; one line more\r' twice.inf >moved && mv moved twice.inf
sed 's/$/\r/' twice >crlf
for baseline in twice crlf; do
    expect 0 '0 errors' "$VIOFORGE" inf lint --baseline $baseline twice.inf
done
printf '\n1324\tbroken.inf\ttext\n1324 broken.inf text\n' >damaged
expect 3 'damaged:3: no line of a baseline' "$VIOFORGE" inf lint --baseline damaged viostor.inf
: >nothing
expect 1 '1 error' "$VIOFORGE" inf lint --baseline nothing broken.inf
expect 0 '' "$VIOFORGE" inf lint --explain 1324
says 'PnpLockdown'
expect 0 '' "$VIOFORGE" inf lint --explain all
expect 2 "no rule '9999'" "$VIOFORGE" inf lint --explain 9999
expect 2 'no INF file' "$VIOFORGE" inf lint
expect 2 'k, u, w or h' "$VIOFORGE" inf lint --mode x viostor.inf

# what is no INF, whatever its name; the good file beside it is judged all the same
printf '<html>\n' >page.inf
printf '\376\377\0[\0V' >big_endian.inf
printf '[Version]\na\0b\n' >nul.inf
truncate -s 1G sparse.inf
expect 3 'page\.inf:1:1: text, and no' "$VIOFORGE" inf lint page.inf viostor.inf
expect 3 'UTF-16BE' "$VIOFORGE" inf show big_endian.inf
expect 3 'nul\.inf:2:2: a NUL' "$VIOFORGE" inf show nul.inf
expect 3 'at most' "$VIOFORGE" inf show sparse.inf
printf '[Manufacturer]\nM=S,NTamd64\n[S.NTamd64]\nD=A,ID\n[A]\nNeeds=B\n[B]\nNeeds=A\n' >circle.inf
expect 3 'circle\.inf:8:1: Needs leads back' "$VIOFORGE" inf lint circle.inf
expect 3 'circle\.inf:[68]:1: Needs leads' "$VIOFORGE" inf show --for w11/amd64 circle.inf
expect 4 'cannot open' "$VIOFORGE" inf lint absent.inf
: >empty.inf
for verb in lint show 'stamp --driver-version 1.2.3.4' 'edit --set [s]a=1'; do
    # shellcheck disable=SC2086
    expect 3 'empty\.inf:1:1: no \[section\]' "$VIOFORGE" inf $verb empty.inf
done
echo '[s]' >bare.inf
expect 1 '' "$VIOFORGE" inf lint bare.inf
says 'error 1001'
expect 3 'no \[Version\]' "$VIOFORGE" inf stamp --driver-version 1.2.3.4 bare.inf

finish
