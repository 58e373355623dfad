/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loaded driver and the device it is given. */
#ifndef NK_DRIVER_H
#define NK_DRIVER_H

#include "image/image.h"
#include "ntos/ke.h"
#include "ntos/nt_io.h"

struct nk_driver {
    DRIVER_OBJECT object;
    DRIVER_EXTENSION extension;
    struct nk_image *image;
};

/** Load the first boot module and run its DriverEntry; a failure status is reported. */
void nk_driver_load(struct nk_driver *driver);
/** Load the same file once more, as for writing a crash dump: all of it resident, DriverEntry
 * without arguments, at the IRQL of the caller. Returns its status. */
NTSTATUS nk_driver_load_dump(struct nk_driver *driver);
/** Call DriverUnload if there is one, check for leaks, unmap the image. */
void nk_driver_unload(struct nk_driver *driver);

/** The second device that ntrun --second makes; reported if missing. */
struct nk_pci *nk_second_pci(void);
/** The device under test: the first PCI function of the virtio vendor; reported if missing. */
struct nk_pci *nk_target_pci(void);

#endif
