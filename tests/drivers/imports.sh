#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imports.sh ARCH FILE.sys: every function the driver imports is one that Windows 10 exports.
#
# The judge of ntoskrnl and hal is MinGW-w64's own list of Windows 7 exports, which is not the one
# the drivers are linked by; what came with Windows 8 and 10 is listed here. arm64 is held against
# amd64's, and what its hal exports besides.
# Storport has no such list: its functions are held against the one here, of Windows 7.
set -euo pipefail
export LC_ALL=C
arch=$1
sys=$2

case $arch in
x86) libraries=/usr/i686-w64-mingw32/lib ;;
*) libraries=/usr/x86_64-w64-mingw32/lib ;;
esac
more_kernel='MmAllocateContiguousNodeMemory MmMapIoSpaceEx'
more_hal=''
if [ "$arch" = arm64 ]; then
    more_hal='KfLowerIrql KfRaiseIrql'
fi
storport='AllocateRegistryBuffer Busy CompleteRequest DebugPrint DeviceBusy DeviceReady
ExtendedFunction FreeDeviceBase FreeRegistryBuffer GetBusData GetDeviceBase GetLogicalUnit
GetPhysicalAddress GetScatterGatherList GetSrb GetUncachedExtension GetVirtualAddress Initialize
LogError MoveMemory Notification Pause PauseDevice QuerySystemTime ReadPortUchar ReadPortUlong
ReadPortUshort ReadRegisterUchar ReadRegisterUlong ReadRegisterUshort Ready RegistryRead
RegistryWrite Resume ResumeDevice SetBusDataByOffset SetDeviceQueueDepth StallExecution
SynchronizeAccess ValidateRange WritePortUchar WritePortUlong WritePortUshort WriteRegisterUchar
WriteRegisterUlong WriteRegisterUshort'

# library_names FILE: the names it exports, without a machine's decoration
library_names() {
    llvm-nm "$1" 2>/dev/null | awk '$2 == "T" || $2 == "I" {print $3}' |
        sed -e 's/^__imp_//' -e 's/^[_@]//' -e 's/@[0-9]*$//'
}

# known DLL: the names that may be imported from it
known() {
    local word
    case $1 in
    ntoskrnl.exe)
        library_names "$libraries/libntoskrnl.a"
        for word in $more_kernel; do echo "$word"; done
        ;;
    HAL.dll)
        library_names "$libraries/libhal.a"
        for word in $more_hal; do echo "$word"; done
        ;;
    storport.sys) for word in $storport; do echo "StorPort$word"; done ;;
    *)
        echo "$sys: imports from $1, which is no part of the kernel" >&2
        return 1
        ;;
    esac
}

# "DLL name" for each import
list=$(llvm-readobj --coff-imports "$sys" | awk '$1 == "Name:" {dll = $2} $1 == "Symbol:" {print dll, $2}')
if [ -z "$list" ]; then
    echo "$sys: imports nothing, so it is no driver" >&2
    exit 1
fi
bad=0
while IFS= read -r dll; do
    names=$(known "$dll" | sort -u)
    unknown=$(awk -v dll="$dll" '$1 == dll {print $2}' <<<"$list" | sort -u | comm -23 - <(echo "$names"))
    if [ -n "$unknown" ]; then
        echo "$sys: not known to be exported by $dll: ${unknown//$'\n'/ }" >&2
        bad=1
    fi
done < <(cut -d' ' -f1 <<<"$list" | sort -u)
exit $bad
