#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# README's four commands for a driver of one's own, taken out of README and run as they stand there
# on a package written here: its INF is not made of our templates.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir bin build mydriver && ln -s "$VIOFORGE" bin/vioforge && ln -s "$BUILD/keys" build/keys
export PATH="$work/bin:$PATH"
cp "$BUILD/drivers/amd64/viorng.sys" mydriver/acmedice.sys
sed 's/$/\r/' >mydriver/acmedice.inf <<'INF'
; Acme's electronic dice
[Version]
Signature   = "$WINDOWS NT$"
Class       = System
ClassGuid   = {4d36e97d-e325-11ce-bfc1-08002be10318}
Provider    = %Acme%
DriverVer   = 03/14/2024,2.7.18.28
CatalogFile = acmedice.cat
PnpLockdown = 1

[SourceDisksNames]
7 = %Disk%

[SourceDisksFiles]
acmedice.sys = 7

[DestinationDirs]
DefaultDestDir = 13

[Manufacturer]
%Acme% = Dice, NTamd64.10.0...16299

[Dice.NTamd64.10.0...16299]
%Dice.Six%    = Dice_Install, PCI\VEN_1234&DEV_0006
%Dice.Twenty% = Dice_Install, PCI\VEN_1234&DEV_0020

[Dice_Install.NT]
CopyFiles = Dice_Files

[Dice_Files]
acmedice.sys

[Dice_Install.NT.Services]
AddService = acmedice, 2, Dice_Service

[Dice_Service]
DisplayName   = %Dice.Service%
ServiceType   = 1
StartType     = 3
ErrorControl  = 1
ServiceBinary = %13%\acmedice.sys

[Strings]
Acme         = "Acme Gaming"
Disk         = "Dice disk"
Dice.Six     = "Acme six-sided die"
Dice.Twenty  = "Acme twenty-sided die"
Dice.Service = "Acme dice"
INF

# shellcheck disable=SC2016 # no expansion is meant
sed -n '/^## Your own driver/,/^## /{/^```$/,/^```$/{/^```$/d;p}}' "$SOURCE/README.md" >commands
[ "$(wc -l <commands)" -eq 4 ] || fail "README does not show four commands: $(cat commands)"
verbs=$(cut -d ' ' -f 2 <commands | tr '\n' ' ')
[ "$verbs" = 'inf catalog sign verify ' ] || fail "not linted, catalogued, signed and verified: $verbs"
while IFS= read -r line <&4; do
    bash -c "$line" >out 2>err || fail "'$line' ended with $?: $(cat err out)"
done 4<commands
grep -q 'acmedice .*good$' out || fail "the package is not good: $(cat out)"
grep -q ' 0 errors, 0 warnings' out || fail "there are findings: $(cat out)"
grep -qE 'amd64 .* yes \[[0-9]\]' out || fail "no Windows loads it with test signing on: $(cat out)"

# the last command can fail
printf '; changed\r\n' >>mydriver/acmedice.inf
expect 1 '' bash -c "$(tail -n 1 commands)"
finish
