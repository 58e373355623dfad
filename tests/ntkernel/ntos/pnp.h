/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PnP and power managers' part towards a WDM function driver, and a bus driver below it: the
 * PDO answers what pci.sys would (resources, BUS_INTERFACE_STANDARD, power).
 *
 * Life cycle: nk_pnp_add, nk_pnp_start, then any order of stop and start, power, I/O, then
 * nk_pnp_remove; the driver may be unloaded after that. After stop and removal the driver must
 * hold no interrupt and no register mapping.
 *
 * There may be several devices of the driver. All but reads and writes, which go where their file
 * was opened, is for the one that is selected, at first the first.
 */
#ifndef NK_PNP_H
#define NK_PNP_H

#include "ntos/driver.h"

#define NK_PNP_DEVICES 2

void nk_pnp_select(unsigned n);
/** Make the PDO for the device and call AddDevice. */
void nk_pnp_add(struct nk_driver *driver, struct nk_pci *pci);
void nk_pnp_start(void);
/** The same for a driver that may refuse; the status. One that refused must hold nothing: after
 * AddDevice no device is left, after the start nk_pnp_remove() is due. */
NTSTATUS nk_pnp_try_add(struct nk_driver *driver, struct nk_pci *pci);
NTSTATUS nk_pnp_try_start(void);
/** Send a PnP IRP without parameters and wait; its final status. */
NTSTATUS nk_pnp_send(UCHAR minor);
/** Query-stop, stop; the driver must accept. */
void nk_pnp_stop(void);
/** Query-remove (or surprise removal with the device's decoding off), then remove. */
void nk_pnp_remove(bool surprise);
/** Query and set device power state, 1 (D0) to 4 (D3). */
void nk_pnp_power(ULONG state);
/** Query and set system power state, 1 (S0) to 6 (S5); the driver must change the device's. */
void nk_pnp_system_power(ULONG state);

/** One read or write in flight. */
struct nk_io {
    IRP *volatile irp; /* NULL once finished */
    FILE_OBJECT *file;
    UCHAR *buffer;
    ULONG length;
    void *system_buffer;
    bool write;
    NTSTATUS status;
    ULONG64 information;
    KEVENT finished;
};
NTSTATUS nk_io_open(FILE_OBJECT *file);
void nk_io_close(FILE_OBJECT *file);
/* The two parts of closing: the last handle is gone; the last reference is. */
void nk_io_cleanup(FILE_OBJECT *file);
void nk_io_release(FILE_OBJECT *file);
/** Send a read; returns the dispatch routine's status. io must stay until finished. */
NTSTATUS nk_io_read(struct nk_io *io, FILE_OBJECT *file, void *buffer, ULONG length);
/** The same for a write. */
NTSTATUS nk_io_write(struct nk_io *io, FILE_OBJECT *file, void *buffer, ULONG length);
/** Wait for the end of a read or write; its final status. */
NTSTATUS nk_io_wait(struct nk_io *io);
/** Cancel if still in flight; true if a cancel routine ran. */
bool nk_io_cancel(struct nk_io *io);

/* For the Io exports, and other managers. */

/** Put a device on top of another's stack; returns the device below it. */
DEVICE_OBJECT *nk_device_attach(DEVICE_OBJECT *device, DEVICE_OBJECT *target);
/** The link's buffer is the driver's to free. */
NTSTATUS nk_interface_register(DEVICE_OBJECT *pdo, const GUID *class, UNICODE_STRING *reference,
                               UNICODE_STRING *link);
typedef VOID REQUEST_POWER_COMPLETE(DEVICE_OBJECT *device, UCHAR minor, ULONG64 state,
                                    PVOID context, IO_STATUS_BLOCK *status);
/** As PoRequestPowerIrp. */
NTSTATUS nk_power_request(DEVICE_OBJECT *device, UCHAR minor, ULONG64 state,
                          REQUEST_POWER_COMPLETE *routine, PVOID context, IRP **out);

DEVICE_OBJECT *nk_device_create(DRIVER_OBJECT *driver, ULONG extension, ULONG type,
                                ULONG characteristics);
void nk_device_delete(DEVICE_OBJECT *device);
DEVICE_OBJECT *nk_device_top(DEVICE_OBJECT *device);
/** Report anything else. */
void nk_pnp_check_pdo(const DEVICE_OBJECT *device);
const struct nk_pci *nk_pnp_pci(const DEVICE_OBJECT *pdo);
bool nk_pnp_interface_set(bool enable);
UCHAR nk_pnp_line_vector(void);
void nk_pnp_line_enable(bool enable);
unsigned nk_pnp_message_vectors(const UCHAR **vectors);
void nk_pnp_count_interrupt(void);
ULONG64 nk_pnp_interrupts(void);
/* Interrupts of the device, as the Io and Ke functions have them. */
NTSTATUS nk_interrupt_connect(IO_CONNECT_INTERRUPT_PARAMETERS *parameters);
void nk_interrupt_disconnect(const IO_DISCONNECT_INTERRUPT_PARAMETERS *parameters);
BOOLEAN nk_interrupt_synchronize(void *interrupt, BOOLEAN (*routine)(PVOID), PVOID context);
/* Work items, whose routines get two arguments; the first is the device for those of Io. */
struct work_item;
typedef VOID nk_work_routine(void *first, void *second);
struct work_item *nk_work_item_create(void *device);
void nk_work_item_queue(struct work_item *item, nk_work_routine *routine, void *first,
                        void *second);
void nk_work_item_free(struct work_item *item);
void nk_pnp_state_invalid(const DEVICE_OBJECT *pdo);
/** Whether the driver has asked for its device's state to be queried. */
bool nk_pnp_state_is_invalid(void);

#endif
