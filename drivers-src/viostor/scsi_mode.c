// SPDX-License-Identifier: BSD-3-Clause
//
// MODE SENSE (SPC-4, 6.11 and 6.12; SBC-3, 6.4). Nothing can be changed, so there is no MODE
// SELECT.

#include "scsi_private.h"

enum page_control { CURRENT, CHANGEABLE, DEFAULT, SAVED };

#define PAGE_ALL    0x3f
#define SUBPAGE_ALL 0xff

// The longest answer: header, block descriptor, all pages.
#define MODE_MAX (8u + 8u + 20u + 12u)

struct page {
    uint8_t code;
    uint8_t length; // header included
    // Fills the page's current values; the bytes are zero, the header is there.
    void (*write)(const struct scsi_disk *disk, uint8_t *page);
};

static void write_caching(const struct scsi_disk *disk, uint8_t *page)
{
    if (disk->write_cache)
        page[2] = 0x04; // WCE
}

static void write_control(const struct scsi_disk *disk, uint8_t *page)
{
    (void)disk;
    page[3] = 0x10; // unrestricted reordering: the device orders nothing by itself
}

static const struct page pages[] = {
    {0x08, 20, write_caching},
    {0x0a, 12, write_control},
};

// Appends the pages that were asked for. Returns the new length, or `length` if there is none.
static uint32_t append_pages(const struct scsi_run *run, uint8_t *bytes, uint32_t length)
{
    uint8_t wanted = run->cdb[2] & 0x3f;
    enum page_control control = (enum page_control)(run->cdb[2] >> 6);

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        const struct page *page = &pages[i];

        if (wanted != page->code && wanted != PAGE_ALL)
            continue;
        bytes[length] = page->code;
        bytes[length + 1] = page->length - 2;
        if (control != CHANGEABLE)
            page->write(run->disk, bytes + length);
        length += page->length;
    }
    return length;
}

// The short block descriptor (SBC-3, 6.4.2.2). It has 24 bits for the block length.
static uint32_t append_descriptor(const struct scsi_disk *disk, uint8_t *bytes, uint32_t length)
{
    uint32_t blocks = disk->blocks < UINT32_MAX ? (uint32_t)disk->blocks : UINT32_MAX;

    scsi_put32(bytes + length, blocks);
    scsi_put32(bytes + length + 4, disk->block_bytes);
    return length + 8;
}

// Both commands differ in their headers alone: `header` bytes, of which the rest is filled here.
static void mode_sense(struct scsi_run *run, uint32_t header, uint32_t allocation)
{
    uint8_t bytes[MODE_MAX] = {0};
    uint8_t specific = 0x10; // DPOFUA: FUA is honoured
    uint32_t descriptor = 0;
    uint32_t pages_at;
    uint32_t length = header;

    if (run->cdb[2] >> 6 == SAVED) {
        scsi_fail(run, SCSI_ILLEGAL_REQUEST, SCSI_ASC_SAVING_NOT_SUPPORTED);
        return;
    }
    if (run->cdb[3] != 0 && run->cdb[3] != SUBPAGE_ALL) {
        scsi_fail_field(run, 3);
        return;
    }
    if ((run->cdb[1] & 0x08) == 0) { // DBD
        length = append_descriptor(run->disk, bytes, length);
        descriptor = length - header;
    }
    pages_at = length;
    length = append_pages(run, bytes, length);
    if (length == pages_at) {
        scsi_fail_field(run, 2);
        return;
    }
    if (run->disk->read_only)
        specific |= 0x80; // WP
    if (header == 4) {
        bytes[0] = (uint8_t)(length - 1);
        bytes[2] = specific;
        bytes[3] = (uint8_t)descriptor;
    } else {
        scsi_put16(bytes, (uint16_t)(length - 2));
        bytes[3] = specific;
        scsi_put16(bytes + 6, (uint16_t)descriptor);
    }
    scsi_answer(run, bytes, length, allocation);
}

void scsi_do_mode_sense_6(struct scsi_run *run)
{
    mode_sense(run, 4, run->cdb[4]);
}

void scsi_do_mode_sense_10(struct scsi_run *run)
{
    mode_sense(run, 8, scsi_get16(run->cdb + 7));
}
