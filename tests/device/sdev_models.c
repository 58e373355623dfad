// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/sdev_models.h"

#include <string.h>

static uint32_t echo_handle(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    uint8_t piece[256];
    uint64_t done = 0;

    (void)ctx;
    (void)queue;
    while (done < chain->writable) {
        size_t len = sizeof(piece);

        if (chain->readable != 0) {
            len = sdev_chain_read(chain, done % chain->readable, piece, len);
        } else {
            for (size_t i = 0; i < len; i++)
                piece[i] = (uint8_t)(done + i);
        }
        len = sdev_chain_write(chain, done, piece, len);
        if (len == 0) // memory that is not there has been reported
            break;
        done += len;
    }
    return (uint32_t)done;
}

struct sdev_model sdev_model_echo(uint64_t features)
{
    struct sdev_model model = {
        .name = "echo",
        .device_id = 42,
        .transitional_id = 0x103f,
        .features = features,
        .queues = 4,
        .queue_size = 256,
        .config_len = 16,
        .handler = echo_handle,
    };

    for (unsigned i = 0; i < model.config_len; i++)
        model.config[i] = (uint8_t)(0x10 + i);
    return model;
}

static uint32_t rng_handle(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    struct sdev_rand *rand = ctx;
    uint64_t done = 0;

    (void)queue;
    while (done < chain->writable) {
        uint64_t word = sdev_rand_next(rand);
        size_t len = sdev_chain_write(chain, done, &word, sizeof(word));

        if (len == 0)
            break;
        done += len;
    }
    return (uint32_t)done;
}

struct sdev_model sdev_model_rng(uint64_t features, struct sdev_rand *rand)
{
    return (struct sdev_model){
        .name = "rng",
        .device_id = 4,
        .transitional_id = 0x1005,
        .features = features,
        .queues = 1,
        .queue_size = 64,
        .handler = rng_handle,
        .ctx = rand,
    };
}

static uint8_t blk_transfer(struct sdev_disk *disk, const struct sdev_blk_header *header,
                            const struct sdev_chain *chain, uint64_t *written)
{
    bool in = header->type == SDEV_BLK_T_IN;
    uint64_t bytes = in ? chain->writable - 1 : chain->readable - sizeof(*header);
    uint64_t first = header->sector;

    if (bytes % 512 != 0 || first > disk->sectors || bytes / 512 > disk->sectors - first)
        return SDEV_BLK_S_IOERR;
    if (in)
        *written = sdev_chain_write(chain, 0, disk->data + first * 512, bytes);
    else
        sdev_chain_read(chain, sizeof(*header), disk->data + first * 512, bytes);
    return SDEV_BLK_S_OK;
}

static uint32_t blk_handle(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    static const char id[20] = "software disk";
    struct sdev_disk *disk = ctx;
    struct sdev_blk_header header;
    uint64_t written = 0;
    uint8_t status = SDEV_BLK_S_UNSUPP;

    (void)queue;
    if (chain->writable == 0 ||
        sdev_chain_read(chain, 0, &header, sizeof(header)) != sizeof(header))
        return 0;

    switch (header.type) {
    case SDEV_BLK_T_IN:
    case SDEV_BLK_T_OUT:
        status = blk_transfer(disk, &header, chain, &written);
        break;
    case SDEV_BLK_T_FLUSH:
        disk->flushes++;
        status = SDEV_BLK_S_OK;
        break;
    case SDEV_BLK_T_GET_ID:
        written = chain->writable - 1 < sizeof(id) ? chain->writable - 1 : sizeof(id);
        sdev_chain_write(chain, 0, id, written);
        status = SDEV_BLK_S_OK;
        break;
    default:
        break;
    }
    sdev_chain_write(chain, chain->writable - 1, &status, 1);
    return (uint32_t)(written + 1);
}

struct sdev_model sdev_model_blk(uint64_t features, struct sdev_disk *disk)
{
    struct sdev_model model = {
        .name = "blk",
        .device_id = 2,
        .transitional_id = 0x1001,
        .features = features,
        .queues = 1,
        .queue_size = 128,
        .config_len = 60,
        .handler = blk_handle,
        .ctx = disk,
    };

    memcpy(model.config, &disk->sectors, sizeof(disk->sectors)); // virtio 1.2, 5.2.4: capacity
    return model;
}
