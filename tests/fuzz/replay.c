// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs a fuzz target over files, or over the files of folders, without libFuzzer: so the corpus is
// an ordinary test. Exit status 0 when all were run, 1 when there were none, 4 when one could not
// be read.

#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUT_MAX = 1 << 20 };

static unsigned runs;

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 4;
    }

    // The input is copied into room of its exact size, so that a sanitizer sees a read behind it.
    uint8_t *room = malloc(INPUT_MAX);
    size_t size = room == NULL ? 0 : fread(room, 1, INPUT_MAX, file);
    fclose(file);
    uint8_t *exact = malloc(size != 0 ? size : 1);
    if (room == NULL || exact == NULL) {
        free(room);
        free(exact);
        return 4;
    }
    memcpy(exact, room, size);
    free(room);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    runs++;
    return 0;
}

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        perror(path);
        return 4;
    }

    int status = 0;
    const struct dirent *entry = NULL;
    while (status == 0 && (entry = readdir(folder)) != NULL) { // each entry once
        char name[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        status = run_file(name);
    }
    closedir(folder);
    return status;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat info;
        int status = 0;

        if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode))
            status = run_folder(argv[i]);
        else
            status = run_file(argv[i]);
        if (status != 0)
            return status;
    }
    printf("%u inputs\n", runs);
    return runs == 0;
}
