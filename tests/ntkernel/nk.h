/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The test kernel's own interfaces: everything below the Windows personality.
 *
 * Life cycle: boot-x86_64.S enters nk_start() with the loader's information; memory, traps,
 * interrupt controllers and time come up in that order; nk_main() loads the driver given as the
 * first boot module and runs one scenario. The first problem ends the run: nk_report() prints one
 * line that names its kind, then exits to the host. There is nothing to recover, so there is no
 * error path back from a report.
 *
 * IRQL is CR8, so that drivers may read and write it inline; a vector's upper four bits are its
 * IRQL.
 */
#ifndef NK_H
#define NK_H

#include "ntos/nt_types.h"

#include "machine.h"

/* Log and verdict (cpu/console.c). Lines beginning with '@' are read by ntrun. */

/** Format as DbgPrint does (Windows length modifiers); returns the length without the NUL, or -1
 * when the text was cut. `size` is the buffer's size in bytes, at least 1. */
int nk_vformat(char *out, size_t size, const char *format, va_list args);
int nk_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Write one formatted piece of text (at most 511 bytes) to the debug console. Any IRQL. */
void nk_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** A named number for the run's record. */
void nk_counter(const char *name, ULONG64 value);
/** End the run as failed. `kind` is one word out of the README's table of reports. Any IRQL. */
_Noreturn void nk_report(const char *kind, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** End the run as passed. */
_Noreturn void nk_pass(void);
/** True once a report is being written (a second fault must not start another). */
bool nk_reporting(void);

/** Have QEMU do something: a command of its machine protocol, at most 383 bytes of JSON. Returns
 * the answer, valid until the next one; a refusal fails the run. PASSIVE_LEVEL. */
const char *nk_qmp(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** The first number of this name in an answer. */
bool nk_qmp_number(const char *answer, const char *name, LONG64 *value);

#define NK_EXPECT(condition, ...)            \
    do {                                     \
        if (!(condition))                    \
            nk_report("check", __VA_ARGS__); \
    } while (0)

/** Value of `name=` on the kernel's command line, or `fallback`. */
ULONG64 nk_option(const char *name, ULONG64 fallback);
/** The same for text; at most size-1 bytes. False when absent. */
bool nk_option_text(const char *name, char *out, size_t size);
void nk_options_set(const char *command_line);

void *nk_memset(void *dest, int value, size_t size);
void *nk_memcpy(void *dest, const void *src, size_t size);
int nk_memcmp(const void *a, const void *b, size_t size);
size_t nk_strlen(const char *text);
bool nk_streq(const char *a, const char *b);
bool nk_streq_nocase(const char *a, const char *b);

/* Lists. */

static inline void nk_list_init(LIST_ENTRY *head)
{
    head->Flink = head->Blink = head;
}
static inline bool nk_list_empty(const LIST_ENTRY *head)
{
    return head->Flink == head;
}
static inline void nk_list_append(LIST_ENTRY *head, LIST_ENTRY *entry)
{
    entry->Flink = head;
    entry->Blink = head->Blink;
    head->Blink->Flink = entry;
    head->Blink = entry;
}
static inline void nk_list_remove(LIST_ENTRY *entry)
{
    entry->Flink->Blink = entry->Blink;
    entry->Blink->Flink = entry->Flink;
}

/* Processor (inline). What differs between the bare machine and a Linux process is in machine.h:
 * nk_irql(), nk_irql_set(), nk_sti(), nk_cli(), nk_interrupts_off(), nk_relax(),
 * nk_machine_after_call(), nk_fault_address(), NK_SYSTEM_BASE, NK_CODE_READ_IRQL. */

static inline ULONG64 nk_tsc(void)
{
    ULONG low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (ULONG64)high << 32 | low;
}

/* Processors (cpu/smp.c). Each runs the same kernel with IRQL, DPC queue, held locks and watchdog
 * of its own. The first one runs the scenario; the others wait for work it gives them. */

#define NK_CPUS 8

/** Start the other processors, `count` in all; called once. */
void nk_cpus_start(unsigned count);
unsigned nk_cpu_count(void);
static inline unsigned nk_cpu_index(void)
{
    unsigned index;
    __asm__ volatile("movl %%gs:0x1a4, %0" : "=r"(index)); /* where drivers look for it, too */
    return index;
}
/** Have processor 1.. run fn(context) at PASSIVE_LEVEL; it must be idle. */
void nk_cpu_run(unsigned cpu, void (*fn)(void *context), void *context);
/** Wait until a processor is idle again. */
void nk_cpu_wait(unsigned cpu);

/** A short section of the kernel's own that no interrupt and no other processor may enter: one
 * lock for all, taken with interrupts off, recursive. Driver code must not be called inside.
 * Returns whether interrupts were on. */
bool nk_critical_enter(void);
void nk_critical_leave(bool were_on);
/** Append to a list, or take its first entry (NULL for none), inside such a section. */
void nk_list_put(LIST_ENTRY *head, LIST_ENTRY *entry);
LIST_ENTRY *nk_list_take(LIST_ENTRY *head);

/* The function of this kernel that the driver has called on this processor, and from where: the
 * import thunks (image/image.c) note it, so that reports name both and what the driver takes is
 * entered as taken there. What calls the driver, interrupts it or changes threads clears it, and
 * puts the former one back after. */

struct nk_service {
    const struct nk_export *function; /* NULL for none */
    void *caller;
};
static inline struct nk_service nk_service(void)
{
    struct nk_service s;
    __asm__ volatile("movq %%gs:0x1f00, %0; movq %%gs:0x1f08, %1"
                     : "=r"(s.function), "=r"(s.caller));
    return s;
}
static inline void nk_service_set(struct nk_service s)
{
    __asm__ volatile("movq %0, %%gs:0x1f00; movq %1, %%gs:0x1f08"
                     :
                     : "r"(s.function), "r"(s.caller)
                     : "memory");
}
static inline struct nk_service nk_service_clear(void)
{
    struct nk_service former = nk_service();

    nk_service_set((struct nk_service){NULL, NULL});
    return former;
}
/** The code that takes something: the driver's that has called, or else the kernel's. */
#define nk_taker() (nk_service().caller ? nk_service().caller : __builtin_return_address(0))

/* Memory (cpu/pages.c, cpu/memory.c, cpu/space.c). Physical memory is handed out in scattered
 * single pages, so that a driver that takes virtual contiguity for physical contiguity is noticed.
 * Virtual addresses are never used twice, so that stale pointers fault. */

#define NK_MAP_WRITE    1u
#define NK_MAP_EXECUTE  2u
#define NK_MAP_UNCACHED 4u

ULONG64 nk_page_alloc(void);
void nk_page_free(ULONG64 physical);
/** Whether so many can be had without using up what the kernel itself may need. */
bool nk_pages_left(size_t pages);
/** `pages` consecutive pages that end at or below `highest` and do not cross `boundary` (a power of
 * two, 0 for none); 0 when there are none. */
ULONG64 nk_pages_alloc(size_t pages, ULONG64 highest, ULONG64 boundary);
/** Reserve address space with an unmapped page on each side. */
ULONG64 nk_va_reserve(size_t pages);
#define NK_PAGES(size) (((size) + NK_PAGE_SIZE - 1) / NK_PAGE_SIZE)
#define NK_FRESH       (~0ull)
/** Reserve and map: pages from `physical` on, or NK_FRESH ones. */
ULONG64 nk_va_map(size_t pages, ULONG64 physical, unsigned flags);
/** Unmap all pages that the range touches; `give_back` frees them. */
void nk_va_unmap(const volatile void *start, ULONG64 size, bool give_back);
void nk_map(ULONG64 va, ULONG64 physical, unsigned flags);
void nk_protect(ULONG64 va, unsigned flags);
/** Remove a page's mapping; returns what it mapped, 0 for nothing. */
ULONG64 nk_unmap(ULONG64 va);
/** Physical address behind `va`, paged out or not; ~0 when nothing is mapped. */
ULONG64 nk_physical(const volatile void *va);
/** The kernel's own view of a physical address. */
void *nk_direct(ULONG64 physical);
/** Map device registers, uncached. The address carries the offset within the page. */
volatile void *nk_map_device(ULONG64 physical, size_t size);
/** A stack of `pages` with a guard page below; returns its top. */
ULONG64 nk_stack_alloc(size_t pages);
/** True if `va` lies in a stack's guard page. */
bool nk_stack_guard(ULONG64 va);

/** Pageable memory: absent until touched at IRQL < DISPATCH_LEVEL, taken out again whenever the
 * IRQL rises to DISPATCH_LEVEL or above, so that touching it there always faults. */
void nk_pageable_set(ULONG64 va);
void nk_pageable_out(void);
/** For the page fault handler: bring `va` in; false if it is not pageable memory. */
bool nk_pageable_in(ULONG64 va);
bool nk_pageable_is(ULONG64 va);

/* Traps and interrupts (cpu/trap.c, cpu/apic.c). */

struct nk_frame {
    ULONG64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    ULONG64 vector, error, rip, cs, rflags, rsp, ss;
};

typedef void nk_vector_fn(void *context);

/** Once for each processor. */
void nk_trap_init(void);
/** Connect a vector (0x30..0xEF). The function runs at IRQL vector >> 4 with interrupts on. Returns
 * when the former function runs on no processor any more. */
void nk_vector_set(UCHAR vector, nk_vector_fn *fn, void *context);
/** Connect nobody. An interrupt that is on its way to a processor still goes nowhere; one that
 * comes after that is reported. */
void nk_vector_close(UCHAR vector);
/** An unused device vector (IRQL 5 to 11), each handed out once; 0 when none is left. */
UCHAR nk_vector_alloc(void);
/** Interrupt this processor as a device's message with this vector does. */
void nk_vector_raise(UCHAR vector);
/** Write what is known about the place of a fault, and the code addresses found on the stack. */
void nk_trace_frame(const struct nk_frame *frame);
void nk_trace_stack(ULONG64 rsp);
/** The code addresses on the stack, at most `limit`; returns how many. */
unsigned nk_trace_collect(ULONG64 rsp, void **out, unsigned limit);

/** Once for each processor, the first one first. */
void nk_apic_init(void);
/** Wake processors that wait for the loader's start-up message at the page's address. */
void nk_apic_start_others(ULONG page);
void nk_apic_eoi(void);
/** Address and data a device has to write for its n-th message, with this vector: message 0 goes to
 * the first processor, the others go round. */
ULONG64 nk_msi_address(unsigned message);
ULONG nk_msi_data(UCHAR vector);
void nk_ioapic_connect(UCHAR pin, UCHAR vector);
void nk_ioapic_disconnect(UCHAR pin);

/* Time (cpu/clock.c). 100 ns units since boot. */
ULONG64 nk_time(void);
ULONG64 nk_tsc_hz(void);
void nk_stall_us(ULONG microseconds);
/** Let the processor rest until the next interrupt; at PASSIVE_LEVEL. `condition` is tested with
 * interrupts off, so that a wake-up between test and rest cannot be lost. */
void nk_rest_unless(const volatile LONG *condition);
/** A processor's clock interrupts, one each millisecond; fewer where the host has no time for it.
 */
ULONG64 nk_ticks(unsigned cpu);
/** Called from the clock interrupt. */
void nk_timers_tick(ULONG64 now);

/** The watchdog reports a driver routine that runs longer than `ms`. Returns the former deadline
 * (TSC) for nk_watchdog_restore(), which returns the one it replaces; 0 is none. */
ULONG64 nk_watchdog_arm(const char *what, ULONG ms);
ULONG64 nk_watchdog_restore(ULONG64 former);

/* IRQL, DPCs, spin locks (cpu/irql.c). */

/** Raise; a lower target is reported. Returns the former IRQL. */
KIRQL nk_irql_raise(KIRQL level);
/** Lower; a higher target is reported. Drains DPCs when the IRQL falls below DISPATCH_LEVEL. */
void nk_irql_lower(KIRQL level);
/** On the way out of an interrupt: interrupts are off on entry and on return. */
void nk_dpc_drain_at_exit(KIRQL former);
void nk_dpc_init(KDPC *dpc, KDEFERRED_ROUTINE *routine, void *context);
bool nk_dpc_queue(KDPC *dpc, void *arg1, void *arg2);
bool nk_dpc_unqueue(KDPC *dpc);
/** Wait until no processor has a DPC queued or running. PASSIVE_LEVEL. */
void nk_dpcs_flush(void);
/** True while a queued DPC lies inside the given memory. */
bool nk_dpc_queued_within(ULONG64 start, ULONG64 size);

/** Locks are kept in order of acquisition; a release out of order is allowed, a second acquisition
 * and a release by a non-holder are reported. */
void nk_lock_acquire(KSPIN_LOCK *lock);
void nk_lock_release(KSPIN_LOCK *lock);
/** The same at `level`, or at a higher one that the processor is at; returns the former IRQL. */
KIRQL nk_lock_raise(KSPIN_LOCK *lock, KIRQL level);
void nk_lock_lower(KSPIN_LOCK *lock, KIRQL former);
unsigned nk_lock_count(void);
void nk_lock_describe(char *out, size_t size);

/* PCI (cpu/pci.c): configuration space through the ports, of bus 0 and what its bridges lead to. */

struct nk_bar {
    ULONG64 address;
    ULONG64 size; /* 0: the register is unused */
    bool memory;
};

struct nk_pci {
    UCHAR bus, device, function;
    USHORT vendor, product;
    UCHAR line, pin; /* interrupt line register, pin 1..4 or 0 */
    struct nk_bar bar[6];
    USHORT msix; /* capability offset, 0 for none */
    USHORT msix_vectors;
    volatile ULONG *msix_table; /* mapped once message interrupts are in use */
};

ULONG nk_pci_read(const struct nk_pci *pci, USHORT offset, unsigned size);
void nk_pci_write(const struct nk_pci *pci, USHORT offset, unsigned size, ULONG value);
/** Copy bytes of it as a bus driver does; returns how many: `length`, or 0 if it ends before. */
ULONG nk_pci_bytes(const struct nk_pci *pci, PVOID buffer, ULONG offset, ULONG length, bool write);
/** The resource that holds the whole range, or NULL. */
const struct nk_bar *nk_pci_bar_at(const struct nk_pci *pci, ULONG64 address, ULONG64 length);
/** Find the first function with this vendor; false when there is none. */
bool nk_pci_find(USHORT vendor, struct nk_pci *pci);
/** The next one of the same vendor on the same bus. */
bool nk_pci_find_next(const struct nk_pci *former, struct nk_pci *pci);
/** Take the way to memory from all devices of bus 0, as the firmware has left them, until they are
 * found and described. */
void nk_pci_quiet_all(void);
/** Give a device that was put into the place of `former` its resources, and describe it there. */
void nk_pci_replace(struct nk_pci *former);
/** The hot-plug controller: the slots that wait to be emptied, or that were filled, a bit each; and
 * the way to empty one. It is asked for the root bus of the pc machine, and on q35 for what is
 * behind the root port. */
ULONG nk_hotplug_slots(bool emptied);
void nk_hotplug_eject(unsigned slot);
/** Route `count` MSI-X messages to vectors[] and enable MSI-X. */
void nk_pci_msix_enable(struct nk_pci *pci, const UCHAR *vectors, unsigned count);
void nk_pci_msix_disable(struct nk_pci *pci);
/** As if the device were pulled out: its registers answer no more, it reaches no memory, and its
 * line is quiet. At PASSIVE_LEVEL. */
void nk_pci_vanish(const struct nk_pci *pci);
/** Undo that: registers, memory, line. */
void nk_pci_enable(const struct nk_pci *pci);

/* What the device may reach (cpu/iommu.c). With the option iommu=1 that is only what is mapped
 * here; a page stays mapped as long as any of its mappings lasts. Anything else is reported.
 * Without the option nothing is confined. */

#define NK_DMA_READ  1u /* by the device */
#define NK_DMA_WRITE 2u

void nk_dma_init(void);
/** Memory that is in place now; unmapped before its pages are given up. Any IRQL. */
void nk_dma_map(const volatile void *va, ULONG64 size, unsigned access);
void nk_dma_unmap(const volatile void *va, ULONG64 size, unsigned access);
/** Report what the device has reached for in vain, if anything. */
void nk_dma_check(void);

/* Boot modules. */

struct nk_module {
    const UCHAR *data;
    size_t size;
    char name[64];
};
const struct nk_module *nk_boot_module(unsigned index);

_Noreturn void nk_main(void);
_Noreturn void nk_run_on_stack(void (*fn)(void), ULONG64 stack_top);

#endif
