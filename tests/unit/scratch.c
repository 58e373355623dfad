/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In every unit test's program: it works in a fresh folder within the one that it is started in,
 * and takes that along when it ends. */
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEPTH 16 /* folders that nftw() has open at once */

static char folder[PATH_MAX];
static pid_t owner; /* not a child that a test makes */

__attribute__((constructor)) static void enter(void)
{
    char name[] = "unit.XXXXXX";

    if (!mkdtemp(name) || !realpath(name, folder) || chdir(folder) != 0) {
        perror(name);
        _exit(1);
    }
    owner = getpid();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)type;
    (void)place;
    return remove(path);
}

__attribute__((destructor)) static void leave(void)
{
    if (getpid() == owner && nftw(folder, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) != 0)
        perror(folder);
}
