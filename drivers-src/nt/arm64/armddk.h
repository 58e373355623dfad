// SPDX-License-Identifier: BSD-3-Clause
//
// The machine's part of <wdm.h> for arm64, which includes it by this name; see kdk.h. Functions are
// declared as the arm64 kernel exports them.

#ifndef ARMDDK_H
#define ARMDDK_H

#define PASSIVE_LEVEL  0
#define LOW_LEVEL      0
#define APC_LEVEL      1
#define DISPATCH_LEVEL 2
#define CLOCK_LEVEL    13
#define IPI_LEVEL      14
#define DRS_LEVEL      14
#define POWER_LEVEL    14
#define PROFILE_LEVEL  15
#define HIGH_LEVEL     15

#define PAGE_SIZE  0x1000
#define PAGE_SHIFT 12L

#define YieldProcessor() __asm__ __volatile__("yield" ::: "memory")

NTKERNELAPI KIRQL NTAPI KeGetCurrentIrql(VOID);
NTHALAPI KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql);
NTHALAPI VOID NTAPI KfLowerIrql(KIRQL NewIrql);
#define KeRaiseIrql(level, old) (*(old) = KfRaiseIrql(level))
#define KeLowerIrql(level)      KfLowerIrql(level)

NTKERNELAPI KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
NTKERNELAPI VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
#define KeAcquireSpinLock(lock, old) (*(old) = KeAcquireSpinLockRaiseToDpc(lock))

#endif
