/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make_image x86|amd64|arm64 FILE: writes the unit tests' small finished driver image. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/pe_fixture.h"
#include "util/outfile.h"

static const uint16_t machines[] = {PE_MACHINE_X86, PE_MACHINE_AMD64, PE_MACHINE_ARM64};

int main(int argc, char **argv)
{
    struct vf_buf image = VF_BUF_INIT;
    struct vf_err err;

    for (size_t i = 0; argc == 3 && i < sizeof(machines) / sizeof(machines[0]); i++)
        if (strcmp(argv[1], pe_machine_name(machines[i])) == 0)
            pe_fixture_finished(machines[i], &image);
    if (!image.size) {
        fputs("usage: make_image x86|amd64|arm64 FILE\n", stderr);
        return VF_USAGE;
    }
    enum vf_code code = vf_out_file(argv[2], true, vf_view_of(&image), &err);
    if (code)
        fprintf(stderr, "make_image: %s\n", err.text);
    vf_buf_free(&image);
    return (int)code;
}
