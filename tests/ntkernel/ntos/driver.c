/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntos/driver.h"

#define VENDOR_VIRTIO 0x1AF4

static WCHAR driver_name[] = L"\\Driver\\Test";
static WCHAR registry_path[] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Test";

static UNICODE_STRING string_of(WCHAR *text, size_t bytes)
{
    return (UNICODE_STRING){(USHORT)(bytes - 2), (USHORT)bytes, text};
}

typedef NTSTATUS DRIVER_ENTRY(DRIVER_OBJECT *driver, UNICODE_STRING *path);

static DRIVER_ENTRY *load(struct nk_driver *d, const char *prefix, bool resident)
{
    const struct nk_module *module = nk_boot_module(0);
    char name[80];

    if (!module)
        nk_report("image", "no driver is given as boot module");
    nk_memset(d, 0, sizeof(*d));
    nk_format(name, sizeof(name), "%s%s", prefix, module->name);
    d->image = nk_image_load(name, module->data, module->size, resident);
    nk_log("%s loaded at %016llx\n", d->image->name, d->image->base);
    return (DRIVER_ENTRY *)(d->image->base + d->image->pe.entry);
}

void nk_driver_load(struct nk_driver *d)
{
    DRIVER_ENTRY *entry = load(d, "", false);
    UNICODE_STRING path = string_of(registry_path, sizeof(registry_path));
    NTSTATUS status;

    d->object.Type = 4;
    d->object.Size = sizeof(d->object);
    d->object.DriverStart = (PVOID)d->image->base;
    d->object.DriverSize = d->image->pe.image_size;
    d->object.DriverExtension = &d->extension;
    d->object.DriverName = string_of(driver_name, sizeof(driver_name));
    d->extension.DriverObject = &d->object;
    d->object.DriverInit = (PVOID)entry;
    status = NK_CALL("DriverEntry", entry(&d->object, &path));
    NK_EXPECT(NT_SUCCESS(status), "DriverEntry returns %08x", status);
    nk_image_discard_init(d->image);
}

NTSTATUS nk_driver_load_dump(struct nk_driver *d)
{
    DRIVER_ENTRY *entry = load(d, "dump_", true);

    return NK_CALL("DriverEntry for dump", entry(NULL, NULL));
}

void nk_driver_unload(struct nk_driver *d)
{
    ULONG64 base = d->image->base, size = d->image->pe.image_size;

    if (d->object.DriverUnload)
        NK_CALL_VOID("DriverUnload", d->object.DriverUnload(&d->object));
    if (nk_dpc_queued_within(base, size) || nk_timer_set_within(base, size))
        nk_report("leak", "%s is unloaded with a DPC queued or a timer set", d->image->name);
    nk_resources_check(d->image->name);
    nk_image_unload(d->image);
}

struct nk_pci *nk_target_pci(void)
{
    static struct nk_pci pci;

    if (!pci.vendor && !nk_pci_find(VENDOR_VIRTIO, &pci))
        nk_report("check", "the machine has no virtio device");
    return &pci;
}

struct nk_pci *nk_second_pci(void)
{
    static struct nk_pci pci;

    if (!pci.vendor && !nk_pci_find_next(nk_target_pci(), &pci))
        nk_report("check", "the machine has no second virtio device");
    return &pci;
}
