/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Segments, task state and interrupt gates of the bare machine's processors. */
#include "nk.h"
#include "cpu/memory.h"

extern const UCHAR nk_trap_stubs[];

struct gate {
    USHORT offset0, selector;
    UCHAR stack, type;
    USHORT offset16;
    ULONG offset32, zero;
};
NK_SIZE(struct gate, 16);

struct __attribute__((packed)) tss {
    ULONG reserved0;
    ULONG64 rsp[3], reserved1, ist[7], reserved2;
    USHORT reserved3, io_map;
};
NK_SIZE(struct tss, 104);

struct __attribute__((packed)) table_register {
    USHORT limit;
    void *base;
};

static struct gate idt[256] __attribute__((aligned(16)));

/* What each processor has to itself. */
static struct cpu_tables {
    ULONG64 gdt[5];
    struct tss tss;
    UCHAR fault_stack[16384] __attribute__((aligned(16)));
    UCHAR double_fault_stack[8192] __attribute__((aligned(16)));
} cpus[NK_CPUS];

static void fill_idt(void)
{
    unsigned n;

    for (n = 0; n < 256; n++) {
        ULONG64 stub = (ULONG64)nk_trap_stubs + 16 * n;

        idt[n] = (struct gate){.offset0 = (USHORT)stub,
                               .offset16 = (USHORT)(stub >> 16),
                               .offset32 = (ULONG)(stub >> 32),
                               .selector = 8,
                               .type = 0x8E,
                               .stack = n == NK_VECTOR_PAGE_FAULT ? 1
                                        : n == 8                  ? 2
                                                                  : 0};
    }
}

void nk_trap_init(void)
{
    struct cpu_tables *c = &cpus[nk_cpu_index()];
    ULONG64 base = (ULONG64)&c->tss;
    struct table_register gdtr = {sizeof(c->gdt) - 1, c->gdt}, idtr = {sizeof(idt) - 1, idt};

    if (!nk_cpu_index())
        fill_idt();
    c->tss.ist[0] = (ULONG64)(c->fault_stack + sizeof(c->fault_stack));
    c->tss.ist[1] = (ULONG64)(c->double_fault_stack + sizeof(c->double_fault_stack));
    c->tss.io_map = sizeof(c->tss);
    c->gdt[1] = 0x00209A0000000000ull;
    c->gdt[2] = 0x0000920000000000ull;
    c->gdt[3] =
        (sizeof(c->tss) - 1) | (base & 0xFFFFFF) << 16 | 0x89ull << 40 | (base >> 24 & 0xFF) << 56;
    c->gdt[4] = base >> 32;
    __asm__ volatile("lgdt %0; lidt %1; ltr %2" : : "m"(gdtr), "m"(idtr), "r"((USHORT)0x18));
}
