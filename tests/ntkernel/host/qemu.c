// SPDX-License-Identifier: GPL-3.0-or-later
/* QEMU as what the kernel runs in. */
#include "tests/ntkernel/host/guest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MEMORY "256"

static void describe(const struct guest_options *o, const char *property, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s%s", o->device, property,
             o->iommu ? ",iommu_platform=on,disable-legacy=on" : "",
             o->port ? ",bus=root-port" : "");
}

static _Noreturn void exec_qemu(const struct guest_options *o, const struct peer *peer,
                                const char *driver)
{
    char device[512], second[512], append[1024], cpus[40], accel[64];
    const char *argv[48];
    size_t n = 0;

    describe(o, peer->property, device, sizeof(device));
    describe(o, o->second ? peer->second_property : "", second, sizeof(second));
    guest_command_line(o, append, sizeof(append));
    /* TCG leaves out the memory barriers of a machine that can have but one processor, though the
     * device is served by another thread, so that a notification may be lost. So there may be two,
     * each with a thread, unless the clock wants it otherwise. */
    snprintf(cpus, sizeof(cpus), "%u,maxcpus=%u", o->cpus, o->cpus > 1 || o->icount ? o->cpus : 2);
    snprintf(accel, sizeof(accel), "%s%s", o->accel,
             strcmp(o->accel, "tcg") ? ""
             : o->icount             ? ",thread=single"
                                     : ",thread=multi");
    argv[n++] = o->qemu;
    argv[n++] = "-accel", argv[n++] = accel;
    argv[n++] = "-M", argv[n++] = o->machine;
    argv[n++] = "-m", argv[n++] = MEMORY;
    argv[n++] = "-smp", argv[n++] = cpus;
    argv[n++] = "-nodefaults", argv[n++] = "-no-user-config", argv[n++] = "-no-reboot";
    argv[n++] = "-display", argv[n++] = "none";
    argv[n++] = "-kernel", argv[n++] = o->kernel;
    argv[n++] = "-initrd", argv[n++] = driver;
    argv[n++] = "-append", argv[n++] = append;
    argv[n++] = "-device", argv[n++] = "isa-debug-exit,iobase=0xf4,iosize=4";
    argv[n++] = "-debugcon", argv[n++] = "stdio";
    argv[n++] = "-chardev", argv[n++] = "socket,id=qmp,fd=3"; /* GUEST_FD_FIRST */
    argv[n++] = "-mon", argv[n++] = "chardev=qmp,mode=control";
    argv[n++] = "-chardev", argv[n++] = "socket,id=serial,fd=5";
    argv[n++] = "-serial", argv[n++] = "chardev:serial";
    argv[n++] = "-D", argv[n++] = GUEST_TRACE_FILE;
    argv[n++] = "-trace", argv[n++] = "virtio_queue_notify";
    if (o->icount)
        argv[n++] = "-icount", argv[n++] = "shift=0,sleep=off";
    if (o->iommu) /* devices created before it would not be behind it */
        argv[n++] = "-device", argv[n++] = "intel-iommu";
    if (o->port)
        argv[n++] = "-device", argv[n++] = "pcie-root-port,id=root-port,chassis=1";
    if (peer->backend)
        argv[n++] = peer->backend, argv[n++] = peer->argument;
    argv[n++] = "-device", argv[n++] = device;
    if (peer->child)
        argv[n++] = "-device", argv[n++] = peer->child;
    if (o->second) {
        argv[n++] = peer->backend, argv[n++] = peer->second_argument;
        argv[n++] = "-device", argv[n++] = second;
    }
    argv[n] = NULL;

    execvp(o->qemu, (char *const *)argv);
    dprintf(STDERR_FILENO, "%s: %s\n", o->qemu, strerror(errno));
    _exit(GUEST_STATUS_NO_START);
}

static const char usage[] =
    "Usage: ntrun --driver FILE.sys --device DEVICE[,PROPERTIES] --scenario NAME [OPTION ...]\n"
    "Boots the test kernel in QEMU, loads the driver and drives it against the device.\n\n"
    "  --accel tcg|kvm|auto  default tcg; kvm is tried by booting the kernel; auto takes tcg if "
    "that "
    "fails\n"
    "  --machine q35|pc    default q35\n"
    "  --cpus N            processors, 1 to 8; default 1\n"
    "  --icount            the clock counts instructions: a nanosecond and a cycle are one\n"
    "  --iommu             let the device reach only what the driver may give it (q35)\n"
    "  --port              put the device behind a PCI Express root port (q35, no --iommu)\n"
    "  --second            another device of the same kind beside it (virtio-blk, virtio-rng; no "
    "--port)\n"
    "  --seed N            of the data and of the random choices, default 1\n"
    "  --set NAME=VALUE    an option of the kernel or the scenario; may be repeated\n"
    "  --timeout SECONDS   after which the guest is killed, default 60\n"
    "  --expect TEXT       succeed only if the kernel reports something with this text\n"
    "  --json              one line of JSON on standard output\n"
    "  --log               the guest's log on standard error even if it passes\n"
    "  --qemu FILE, --kernel FILE   other than qemu-system-x86_64 and the kernel built beside "
    "ntrun\n"
    "\nExit status: 0 passed, 1 not passed, 2 wrong usage, 4 could not be run,\n"
    "77 KVM was asked for and does not run the kernel here.\n";

const struct guest_machine guest_machine = {
    .program = "ntrun",
    .usage = usage,
    .kernel = "ntkernel",
    .is_virtual = true,
    .no_start = "QEMU cannot be started; is QEMU for x86 (qemu-system-x86) installed?",
    .become = exec_qemu,
};
