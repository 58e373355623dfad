// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The process as a machine: its memory, and its signals as exceptions.
 *
 * Device registers lie on pages that cannot be accessed. An access faults, and its instruction is
 * carried out here (hosted/access.c) against the device.
 */
#include "tests/ntkernel/hosted/process.h"

#include <asm/prctl.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/ntkernel/host/guest.h"
#include "tests/ntkernel/hosted/access.h"
#include "tests/ntkernel/hosted/device.h"

#define SIGNAL_STACK (256u << 10)
#define WATCH_US     20000
#define CALIBRATE_US 10000

#define TRAP_GENERAL   13
#define TRAP_PAGE      14
#define ERROR_FROM_IDT 2u

static int memory_file = -1;
static uint8_t *direct;

_Noreturn void process_die(const char *what)
{
    fprintf(stderr, "nthost: %s: %s\n", what, strerror(errno));
    _exit(GUEST_STATUS_NO_START);
}

/* Memory. */

void *os_direct(void)
{
    return direct;
}

static int protection(unsigned use)
{
    if (use & OS_HIDDEN)
        return PROT_NONE;
    return PROT_READ | (use & OS_WRITE ? PROT_WRITE : 0) | (use & OS_EXECUTE ? PROT_EXEC : 0);
}

/* Present at once: a page fault on first use would be counted as the driver's time. Code is
 * private, or a debugger could set no breakpoint in it. */
void os_map(os_word va, os_word offset, unsigned use)
{
    int sharing = use & OS_EXECUTE ? MAP_PRIVATE : MAP_SHARED;

    if (mmap((void *)va, OS_PAGE, protection(use), sharing | MAP_FIXED_NOREPLACE | MAP_POPULATE,
             memory_file, (off_t)offset) != (void *)va)
        process_die("mmap");
}

void os_protect(os_word va, unsigned use)
{
    if (mprotect((void *)va, OS_PAGE, protection(use)))
        process_die("mprotect");
}

void os_unmap(os_word va)
{
    if (munmap((void *)va, OS_PAGE))
        process_die("munmap");
}

void *os_table(size_t size)
{
    void *table = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (table == MAP_FAILED)
        process_die("mmap");
    return table;
}

void os_control_region(void *base)
{
    if (syscall(SYS_arch_prctl, ARCH_SET_GS, base))
        process_die("arch_prctl");
}

/* Time. */

static os_word now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (os_word)t.tv_sec * 1000000000u + (os_word)t.tv_nsec;
}

os_word os_tsc_per_ms(void)
{
    os_word ns = now_ns(), tsc = __builtin_ia32_rdtsc();

    while (now_ns() - ns < CALIBRATE_US * 1000ull)
        ;
    tsc = __builtin_ia32_rdtsc() - tsc;
    return tsc * 1000000 / (now_ns() - ns);
}

void os_sleep_us(unsigned us)
{
    struct timespec t = {.tv_nsec = (long)us * 1000};

    nanosleep(&t, NULL); /* a signal may cut it short: the caller looks again */
}

/* The log and the end. */

void os_write(const char *text, size_t length)
{
    const char *wrong =
        length > 5 && memcmp(text, "@qmp ", 5) == 0 ? device_command(text + 5) : NULL;

    if (wrong != NULL) {
        os_write("\n@report host: ", 15);
        os_write(wrong, strlen(wrong));
        _exit(GUEST_STATUS_REPORT);
    }
    while (length) {
        ssize_t n = write(STDOUT_FILENO, text, length);

        if (n < 0 && errno != EINTR)
            _exit(GUEST_STATUS_NO_START);
        if (n > 0) {
            text += n;
            length -= (size_t)n;
        }
    }
}

void os_leave(bool passed)
{
    char line[64];

    snprintf(line, sizeof(line), "@counter doorbells %llu\n", device_doorbell_count());
    os_write(line, strlen(line));
    _exit(passed ? GUEST_STATUS_PASS : GUEST_STATUS_REPORT);
}

/* Signals. */

/* In the order of struct nk_frame, followed by rip, cs, rflags, rsp, ss. */
static const int frame_registers[] = {REG_R15, REG_R14, REG_R13, REG_R12, REG_R11,
                                      REG_R10, REG_R9,  REG_R8,  REG_RDI, REG_RSI,
                                      REG_RBP, REG_RBX, REG_RDX, REG_RCX, REG_RAX};

static void fill_frame(os_word frame[22], const greg_t *r)
{
    os_word vector = (os_word)r[REG_TRAPNO], error = (os_word)r[REG_ERR];

    for (size_t n = 0; n < sizeof(frame_registers) / sizeof(frame_registers[0]); n++)
        frame[n] = (os_word)r[frame_registers[n]];
    if (vector == TRAP_GENERAL && (error & 7) == ERROR_FROM_IDT) { /* a software interrupt */
        vector = error >> 3;
        error = 0;
    }
    frame[15] = vector;
    frame[16] = error;
    frame[17] = (os_word)r[REG_RIP];
    frame[18] = 0;
    frame[19] = (os_word)r[REG_EFL];
    frame[20] = (os_word)r[REG_RSP];
    frame[21] = 0;
}

static void on_exception(int signal, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    os_word frame[22], address = (os_word)r[REG_CR2];

    (void)signal;
    (void)info;
    if (r[REG_TRAPNO] == TRAP_PAGE && access_register(r, address))
        return;
    if (r[REG_TRAPNO] == TRAP_GENERAL && (r[REG_ERR] & 7) != ERROR_FROM_IDT && access_cr8(r))
        return;
    fill_frame(frame, r);
    kernel_trap(frame, address);
    r[REG_EFL] = (greg_t)frame[19]; /* the kernel may begin or end stepping */
}

static void on_alarm(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    kernel_watch((os_word)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP]);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | flags};

    if (sigaction(signal, &action, NULL))
        process_die("sigaction");
}

void os_watch(void)
{
    struct itimerval watch = {{0, WATCH_US}, {0, WATCH_US}};

    handle(SIGALRM, on_alarm, SA_RESTART);
    if (setitimer(ITIMER_REAL, &watch, NULL))
        process_die("setitimer");
}

void process_become_machine(void)
{
    static const int exceptions[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    stack_t stack = {.ss_sp = malloc(SIGNAL_STACK), .ss_size = SIGNAL_STACK};
    os_word size = OS_RAM_SIZE + (os_word)DEVICE_PAGES * OS_PAGE;

    memory_file = memfd_create("nthost", MFD_CLOEXEC);
    if (memory_file < 0 || ftruncate(memory_file, (off_t)size))
        process_die("memfd_create");
    direct = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory_file, 0);
    if (direct == MAP_FAILED)
        process_die("mmap");
    if (!stack.ss_sp || sigaltstack(&stack, NULL))
        process_die("sigaltstack");
    for (size_t n = 0; n < sizeof(exceptions) / sizeof(exceptions[0]); n++)
        handle(exceptions[n], on_exception, SA_NODEFER);
}
