// SPDX-License-Identifier: BSD-3-Clause
//
// Who the disk is: INQUIRY, its vital product data pages, REPORT LUNS (SPC-4, 6.6, 6.33 and 7.8).

#include "scsi_private.h"

static const char vendor[SCSI_VENDOR_BYTES + 1] = "Red Hat ";
static const char product[SCSI_PRODUCT_BYTES + 1] = "VirtIO          ";
static const char revision[4 + 1] = "0001";

// Longest page: designator of vendor, product and serial number behind an 8-byte header.
#define PAGE_MAX (8u + SCSI_VENDOR_BYTES + SCSI_PRODUCT_BYTES + SCSI_SERIAL_MAX)

struct page {
    uint8_t code;
    // Whether this disk has it; NULL: always.
    bool (*is_there)(const struct scsi_disk *disk);
    // Writes what follows the page's header; returns the length, at most PAGE_MAX - 4.
    uint8_t (*write)(const struct scsi_disk *disk, uint8_t *body);
};

static uint8_t write_supported(const struct scsi_disk *disk, uint8_t *body);
static uint8_t write_serial(const struct scsi_disk *disk, uint8_t *body);
static uint8_t write_identification(const struct scsi_disk *disk, uint8_t *body);

static bool has_serial(const struct scsi_disk *disk)
{
    return disk->serial_length != 0;
}

// In ascending order, as page 00h lists them.
static const struct page pages[] = {
    {0x00, NULL, write_supported},
    {0x80, has_serial, write_serial},
    {0x83, NULL, write_identification},
};

#define PAGE_COUNT (sizeof(pages) / sizeof(pages[0]))

static bool page_is_there(const struct page *page, const struct scsi_disk *disk)
{
    return page->is_there == NULL || page->is_there(disk);
}

static uint8_t put_text(uint8_t *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        to[i] = (uint8_t)text[i];
    return (uint8_t)length;
}

static uint8_t write_supported(const struct scsi_disk *disk, uint8_t *body)
{
    uint8_t length = 0;

    for (size_t i = 0; i < PAGE_COUNT; i++) {
        if (page_is_there(&pages[i], disk))
            body[length++] = pages[i].code;
    }
    return length;
}

static uint8_t write_serial(const struct scsi_disk *disk, uint8_t *body)
{
    return put_text(body, disk->serial, disk->serial_length);
}

// One designator. With a serial number it is the T10 vendor identification, which must be unique
// in the world; without one it is of the vendor specific type, which need not be.
static uint8_t write_identification(const struct scsi_disk *disk, uint8_t *body)
{
    uint8_t length = 4;

    body[0] = 0x02;                           // code set: ASCII
    body[1] = has_serial(disk) ? 0x01 : 0x00; // of the logical unit; the type
    body[2] = 0;
    length += put_text(body + length, vendor, SCSI_VENDOR_BYTES);
    length += put_text(body + length, product, SCSI_PRODUCT_BYTES);
    length += put_text(body + length, disk->serial, disk->serial_length);
    body[3] = length - 4;
    return length;
}

static void answer_page(struct scsi_run *run, uint8_t code, uint16_t allocation)
{
    uint8_t bytes[PAGE_MAX] = {0};

    for (size_t i = 0; i < PAGE_COUNT; i++) {
        if (pages[i].code != code || !page_is_there(&pages[i], run->disk))
            continue;
        bytes[1] = code;
        bytes[3] = pages[i].write(run->disk, bytes + 4);
        scsi_answer(run, bytes, 4u + bytes[3], allocation);
        return;
    }
    scsi_fail_field(run, 2);
}

void scsi_do_inquiry(struct scsi_run *run)
{
    uint8_t bytes[36] = {0};
    uint16_t allocation = scsi_get16(run->cdb + 3);

    if ((run->cdb[1] & 0x02) != 0) {
        scsi_fail_field(run, 1); // CMDDT: withdrawn since SPC-3
        return;
    }
    if ((run->cdb[1] & 0x01) != 0) {
        answer_page(run, run->cdb[2], allocation);
        return;
    }
    if (run->cdb[2] != 0) {
        scsi_fail_field(run, 2); // a page without EVPD
        return;
    }
    bytes[0] = 0x00;              // direct access block device, connected
    bytes[2] = 0x06;              // SPC-4
    bytes[3] = 0x12;              // hierarchical addressing; response format 2
    bytes[4] = sizeof(bytes) - 5; // bytes that follow
    bytes[7] = 0x02;              // CMDQUE: commands are queued
    put_text(bytes + 8, vendor, SCSI_VENDOR_BYTES);
    put_text(bytes + 16, product, SCSI_PRODUCT_BYTES);
    put_text(bytes + 32, revision, sizeof(revision) - 1);
    scsi_answer(run, bytes, sizeof(bytes), allocation);
}

void scsi_do_report_luns(struct scsi_run *run)
{
    uint8_t bytes[16] = {0};
    uint32_t list = 8; // one entry, all zeros: unit 0

    switch (run->cdb[2]) {
    case 0x00: // all but well known units
    case 0x02: // all
        break;
    case 0x01: // well known units: none
        list = 0;
        break;
    default:
        scsi_fail_field(run, 2);
        return;
    }
    scsi_put32(bytes, list);
    scsi_answer(run, bytes, 8 + list, scsi_get32(run->cdb + 6));
}

void scsi_disk_set_serial(struct scsi_disk *disk, const void *serial, size_t length)
{
    const uint8_t *bytes = serial;
    size_t first = 0;
    size_t end = 0;

    if (length > SCSI_SERIAL_MAX)
        length = SCSI_SERIAL_MAX;
    while (end < length && bytes[end] != 0)
        end++;
    while (first < end && bytes[first] == ' ')
        first++;
    while (end > first && bytes[end - 1] == ' ')
        end--;
    disk->serial_length = (uint8_t)(end - first);
    for (size_t i = 0; i < disk->serial_length; i++) {
        uint8_t c = bytes[first + i];

        disk->serial[i] = c >= 0x20 && c < 0x7f ? (char)c : '_';
    }
}
