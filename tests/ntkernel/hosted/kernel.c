/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine below the kernel when that is a process: start, interrupts, clock, configuration. */
#include "nk.h"
#include "cpu/memory.h"
#include "hosted/os.h"
#include "ntos/verifier.h"

#define RESERVED    0x10000
#define STACK_PAGES 16 /* the process' own code runs on it, too */
#define KPCR_SIZE   0x2000
#define KPCR_NUMBER 0x1A4
#define TICK_US     1000
#define REST_US     200
#define MSI_ADDRESS 0xFEE00000ull

#define INTERRUPT_FLAG 0x200ull

#define CALLS_WITHOUT_DEVICE 256

volatile bool nk_interrupts_allowed, nk_interrupts_pending;
ULONG64 nk_last_fault_address;

static UCHAR control_region[KPCR_SIZE] __attribute__((aligned(4096)));
static bool pending[256];
static UCHAR line_vector; /* 0 while no line is connected */
static ULONG64 next_tick;
static unsigned calls_without_device;
static struct nk_module module;

NK_SIZE(struct nk_frame, 22 * sizeof(os_word));

/* Interrupts. */

static void set_pending(UCHAR vector)
{
    pending[vector] = true;
    nk_interrupts_pending = true;
}

void nk_vector_raise(UCHAR vector)
{
    set_pending(vector);
}

void kernel_interrupt(unsigned vector)
{
    UCHAR number = vector ? (UCHAR)vector : line_vector;

    if (number)
        set_pending(number);
}

/* The highest that is pending; 0 for none. */
static unsigned highest_pending(void)
{
    unsigned vector;

    for (vector = NK_COUNT(pending) - 1; vector && !pending[vector]; vector--)
        ;
    nk_interrupts_pending = vector;
    return vector;
}

void nk_interrupts_take(void)
{
    unsigned vector;

    while (nk_interrupts_allowed && (vector = highest_pending()) != 0 && vector >> 4 > nk_irql()) {
        struct nk_frame frame = {.vector = vector, .rip = (ULONG64)__builtin_return_address(0)};

        pending[vector] = false;
        nk_cli();
        nk_trap(&frame);
        nk_interrupts_allowed = true;
    }
}

void nk_apic_eoi(void)
{
    if (line_vector && device_line()) /* a level: still asserted, it comes again */
        set_pending(line_vector);
}

void nk_ioapic_connect(UCHAR pin, UCHAR vector)
{
    (void)pin;
    line_vector = vector;
    nk_apic_eoi();
}

void nk_ioapic_disconnect(UCHAR pin)
{
    (void)pin;
    line_vector = 0;
}

ULONG64 nk_msi_address(unsigned message)
{
    (void)message;
    return MSI_ADDRESS;
}

ULONG nk_msi_data(UCHAR vector)
{
    return vector;
}

void kernel_trap(os_word frame[22], os_word address)
{
    struct nk_frame *f = (struct nk_frame *)frame;
    bool were_on = nk_interrupts_off();

    nk_last_fault_address = address;
    f->rflags &= ~INTERRUPT_FLAG;
    f->rflags |= were_on ? INTERRUPT_FLAG : 0;
    nk_trap(f);
    nk_interrupts_allowed = were_on;
}

os_word kernel_physical(os_word va)
{
    return nk_physical((void *)va);
}

/* Time. */

void kernel_watch(os_word rip)
{
    nk_interrupted_at[0] = (void *)rip;
    nk_watchdog_check();
}

static void check_device(void)
{
    const char *fault = device_fault();

    if (fault && !nk_reporting())
        nk_report("device", "the driver has done wrong by the device: %s", fault);
}

bool nk_machine_poll(void)
{
    bool any = device_run();

    check_device();
    calls_without_device = 0;
    if (nk_tsc() >= next_tick) {
        next_tick = nk_tsc() + nk_tsc_hz() / 1000000 * TICK_US;
        set_pending(NK_VECTOR_CLOCK);
    }
    if (nk_interrupts_pending && nk_interrupts_allowed)
        nk_interrupts_take();
    return any;
}

/* The device works when the kernel rests, as if it were slower than the driver; but not for ever.
 */
void nk_machine_after_call(void)
{
    device_doorbells();
    check_device();
    if (++calls_without_device > CALLS_WITHOUT_DEVICE)
        nk_machine_poll();
}

void nk_rest_unless(const volatile LONG *condition)
{
    if (!*condition && !nk_machine_poll())
        os_sleep_us(REST_US);
}

/* Processors: this one. */

void nk_cpus_start(unsigned count)
{
    if (count > 1)
        nk_report("usage", "%u processors are asked for; a process has one", count);
}

unsigned nk_cpu_count(void)
{
    return 1;
}

void nk_cpu_run(unsigned cpu, void (*fn)(void *context), void *context)
{
    (void)fn;
    (void)context;
    nk_report("kernel", "processor %u is given work", cpu);
}

void nk_cpu_wait(unsigned cpu)
{
    (void)cpu;
}

/* DMA is not confined here. */

void nk_dma_init(void)
{
}

void nk_dma_map(const volatile void *va, ULONG64 size, unsigned access)
{
    (void)va;
    (void)size;
    (void)access;
}

void nk_dma_unmap(const volatile void *va, ULONG64 size, unsigned access)
{
    (void)va;
    (void)size;
    (void)access;
}

void nk_dma_check(void)
{
}

/* Configuration space, console, start and end. */

ULONG nk_pci_read(const struct nk_pci *pci, USHORT offset, unsigned size)
{
    if (pci->device || pci->function)
        return ~0u;
    return device_config_read(offset, size);
}

void nk_pci_write(const struct nk_pci *pci, USHORT offset, unsigned size, ULONG value)
{
    if (!pci->device && !pci->function)
        device_config_write(offset, size, value);
}

void nk_console_write(const char *text)
{
    os_write(text, nk_strlen(text));
}

/* The device heeds commands at once (os_write()), and its answer is always the same. */
bool nk_host_read(char *c)
{
    static const char answer[] = "{\"return\": {}}\n";
    static size_t next;

    *c = answer[next];
    next = (next + 1) % (sizeof(answer) - 1);
    return true;
}

void nk_machine_leave(bool passed)
{
    os_leave(passed);
}

const struct nk_module *nk_boot_module(unsigned index)
{
    return index ? NULL : &module;
}

void kernel_start(const struct os_driver *driver)
{
    os_control_region(control_region);
    *(ULONG *)&control_region[KPCR_NUMBER] = 0;
    nk_options_set(driver->options);
    module.data = driver->data;
    module.size = driver->size;
    nk_format(module.name, sizeof(module.name), "%s", driver->name);
    nk_memory_init(OS_RAM_SIZE, RESERVED); /* address 0 is nobody's */
    nk_clock_start(os_tsc_per_ms());
    nk_vector_set(NK_VECTOR_CLOCK, nk_clock_tick, NULL);
    os_watch();
    nk_run_on_stack(nk_main, nk_stack_alloc(STACK_PAGES));
}
