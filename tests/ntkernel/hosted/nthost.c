// SPDX-License-Identifier: GPL-3.0-or-later
/* A Linux process as what the kernel runs in. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/ntkernel/host/guest.h"
#include "tests/ntkernel/hosted/device.h"
#include "tests/ntkernel/hosted/process.h"

static void *read_file(const char *name, size_t *size)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *data;
    size_t done = 0;

    if (fd < 0 || fstat(fd, &st))
        process_die(name);
    *size = (size_t)st.st_size;
    data = malloc(*size);
    while (data && done < *size) {
        ssize_t n = read(fd, data + done, *size - done);

        if (n <= 0)
            process_die(name);
        done += (size_t)n;
    }
    if (!data)
        process_die(name);
    close(fd);
    return data;
}

static _Noreturn void become_process(const struct guest_options *o, const struct peer *peer,
                                     const char *driver)
{
    char line[1024];
    struct os_driver given = {.name = driver, .options = line};
    int backend = peer->file ? open(peer->file, O_RDWR | O_CLOEXEC) : -1;
    const char *wrong;

    guest_command_line(o, line, sizeof(line));
    if (peer->file && backend < 0)
        process_die(peer->file);
    given.data = read_file(driver, &given.size);
    process_become_machine();
    wrong = device_make(o->device, backend);
    if (wrong) {
        printf("%s: %s", o->device, wrong);
        fflush(stdout);
        _exit(GUEST_STATUS_NO_START);
    }
    kernel_start(&given);
}

static const char usage[] =
    "Usage: nthost --driver FILE.sys --device DEVICE[,PROPERTIES] --scenario NAME [OPTION ...]\n"
    "Loads the driver into this process and drives it against a software device.\n\n"
    "  virtio-blk, virtio-rng   the devices (or as QEMU calls them, with -pci), modern ones;\n"
    "                           properties, as NAME=VALUE:\n"
    "      packed, event_idx, indirect_desc, in_order, queue_reset, notification_data,\n"
    "      iommu_platform   on or off\n"
    "      vectors, queue-size, max-bytes (that an entropy device serves in all)\n"
    "      shuffle=1 (answers out of order), shadow=0 (doorbells are trapped like registers)\n"
    "  --seed N            of the data and of the random choices, default 1\n"
    "  --set NAME=VALUE    an option of the kernel or the scenario; may be repeated\n"
    "  --timeout SECONDS   after which the run is killed, default 60\n"
    "  --expect TEXT       succeed only if the kernel reports something with this text\n"
    "  --json              one line of JSON on standard output\n"
    "  --log               the log on standard error even if it passes\n"
    "\nExit status: 0 passed, 1 not passed, 2 wrong usage, 4 could not be run.\n";

const struct guest_machine guest_machine = {
    .program = "nthost",
    .usage = usage,
    .no_start = "the process cannot become a machine",
    .become = become_process,
};
