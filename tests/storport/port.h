/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Storport's part for one adapter on the host: calls a miniport driver's routines as storport.sys
 * does and offers it the same services, in front of a software device. Whatever breaks Storport's
 * rules (locks taken twice or in the wrong routine, requests completed twice, memory overrun) fails
 * the test. One processor: interrupts arrive at once, DPCs when port_run() is called. */
#ifndef TESTS_STORPORT_PORT_H
#define TESTS_STORPORT_PORT_H

#include <stdbool.h>

#include "drivers-src/nt/kdk_storport.h"
#include "tests/device/sdev_models.h"
#include "tests/device/sdev_pci.h"

enum { PORT_ALLOCATIONS = 512, PORT_SG_MAX = 300, PORT_CANARY = 64 };

struct port_memory {
    uint8_t *host;
    uint64_t gpa;
    uint32_t bytes;
};

struct port {
    struct sdev_dev *dev;
    struct sdev_pci *pci;
    HW_INITIALIZATION_DATA data;
    PORT_CONFIGURATION_INFORMATION config;
    ACCESS_RANGE ranges[SDEV_PCI_BARS];
    void *extension;
    void *uncached;
    struct port_memory memory[PORT_ALLOCATIONS];
    unsigned messages; /* what the system gave; 0: line interrupt */
    bool interrupts;   /* connected */
    bool locked;       /* StartIo */
    bool in_interrupt;
    bool no_common_buffer;
    bool scattered_extensions; /* contiguous only for three quarters of their length */
    bool torn_extensions;      /* contiguous for no more than 16 bytes */
    PHW_PASSIVE_INITIALIZE_ROUTINE passive;
    PHW_DPC_ROUTINE dpc_routine;
    PSTOR_DPC dpc;
    bool dpc_queued;
    uint64_t stalled_us;
    unsigned outstanding;
    unsigned busy_calls;
    unsigned logged_errors;
    ULONG queue_depth;
};

/* A request in either format, with memory that ends in canaries. */
struct port_request {
    bool is_extended;
    bool done;
    uint8_t status;      /* SRB status, once done */
    uint8_t scsi_status; /* the same */
    uint8_t sense[32];
    uint8_t sense_length;
    uint8_t *data;
    uint64_t data_gpa;
    uint32_t data_length;
    uint8_t *extension;
    struct {
        ULONG NumberOfElements;
        ULONG_PTR Reserved;
        STOR_SCATTER_GATHER_ELEMENT List[PORT_SG_MAX];
    } sg;
    /* last, as one of them ends in an array of no size */
    union {
        SCSI_REQUEST_BLOCK classic;
        SCSI_PNP_REQUEST_BLOCK classic_pnp;
        STORAGE_REQUEST_BLOCK extended;
        uint8_t bytes[256];
    } srb;
};

/* Makes adapter and device. `vectors`: size of the device's MSI-X table. Nothing is called yet but
 * the driver's DriverEntry. */
void port_up(struct port *port, const struct sdev_model *model, enum sdev_pci_kind kind,
             uint16_t vectors);
void port_down(struct port *port);

/* HwFindAdapter; then HwInitialize and the passive routine. Return what Storport makes of it. */
ULONG port_find(struct port *port);
bool port_start(struct port *port);

/* Runs queued DPCs until there is none; with `device`, the device works before and in between. */
void port_run(struct port *port, bool device);

/* HwBuildIo, and HwStartIo if that wants it. */
void port_submit(struct port *port, struct port_request *request);

/* HwResetBus, HwAdapterControl. */
bool port_reset_bus(struct port *port);
bool port_control(struct port *port, SCSI_ADAPTER_CONTROL_TYPE type, void *parameters);

/* Frees the uncached extension of an adapter that was stopped for new resources. */
void port_take_back(struct port *port);

/* A request with `data_length` bytes of data, freed with the port's memory by the second. */
struct port_request *port_request_new(struct port *port, bool extended, uint32_t function,
                                      uint32_t data_length);
void port_request_free(struct port *port, struct port_request *request);

void port_request_cdb(struct port_request *request, const uint8_t *cdb, uint8_t length);
void port_request_pnp(struct port_request *request, STOR_PNP_ACTION action, bool for_adapter);
void port_request_address(struct port_request *request, uint8_t path, uint8_t target, uint8_t lun);
uint32_t port_request_length(const struct port_request *request);

#endif
