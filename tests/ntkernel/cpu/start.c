/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the boot loader's information to nk_main(). */
#include "nk.h"
#include "cpu/memory.h"

#define MODULE_LIMIT 4
#define STACK_PAGES  8 /* 32 KiB: Windows gives a thread 24 */

struct multiboot_info {
    ULONG flags, mem_lower, mem_upper, boot_device, command_line, module_count, modules;
};

struct multiboot_module {
    ULONG start, end, name, reserved;
};

extern UCHAR nk_image_end[];

static struct nk_module modules[MODULE_LIMIT];
static unsigned module_count;

void nk_start(ULONG information);

const struct nk_module *nk_boot_module(unsigned index)
{
    return index < module_count ? &modules[index] : NULL;
}

/* The loader's data lies behind the kernel: note where it ends, so that nothing is put on it. */
static ULONG read_modules(const struct multiboot_info *info)
{
    const struct multiboot_module *m = (const void *)(ULONG64)info->modules;
    ULONG end = (ULONG)(ULONG64)nk_image_end;
    unsigned n;

    for (n = 0; n < info->module_count && n < MODULE_LIMIT; n++) {
        const char *path = (const char *)(ULONG64)m[n].name, *p, *name = path;

        for (p = path; *p && *p != ' '; p++) {
            if (*p == '/')
                name = p + 1;
        }
        nk_format(modules[n].name, sizeof(modules[n].name), "%.*s", (int)(p - name), name);
        modules[n].data = (const UCHAR *)(ULONG64)m[n].start;
        modules[n].size = m[n].end - m[n].start;
        if (m[n].end > end)
            end = m[n].end;
    }
    module_count = n;
    if (info->modules > end)
        end = info->modules;
    return end + 16 * NK_PAGE_SIZE;
}

void nk_start(ULONG information)
{
    const struct multiboot_info *info = (const void *)(ULONG64)information;
    ULONG reserved;
    unsigned n;

    nk_cpu_identify(0);
    nk_options_set((const char *)(ULONG64)info->command_line);
    reserved = read_modules(info);
    nk_memory_init((info->mem_upper + 1024) * 1024, reserved);
    for (n = 0; n < module_count; n++)
        modules[n].data = nk_direct((ULONG64)modules[n].data);
    nk_trap_init();
    nk_apic_init();
    nk_dma_init();
    nk_run_on_stack(nk_main, nk_stack_alloc(STACK_PAGES));
}
