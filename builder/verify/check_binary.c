/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of rules about one driver binary. */
#include "builder/verify/verify_private.h"

#include "builder/pe/pe.h"

static const char *machine_text(uint16_t machine)
{
    const char *name = pe_machine_name(machine);
    return name ? name : "an unknown machine";
}

bool verify_binary(struct verify_run *run, const char *path, struct vf_view content,
                   const struct verify_asked *asked)
{
    struct pe_image image;
    struct pe_section section;
    struct vf_err err;

    if (pe_read(content, &image, &err)) {
        verify_add(run->report, RULE_PE_FORMAT, path, 0, "%s", err.text);
        return false;
    }
    if (asked->machine && image.machine != asked->machine)
        verify_add(run->report, RULE_PE_MACHINE, path, 0, "built for %s, stands where %s belongs",
                   machine_text(image.machine), machine_text(asked->machine));
    /* what follows is asked of the kernel's images only, which programs and their libraries are not
     */
    bool kernel = image.subsystem == PE_SUBSYSTEM_NATIVE;
    if (kernel && pe_checksum(&image) != image.checksum)
        verify_add(run->report, RULE_PE_CHECKSUM, path, 0, "stores 0x%08x, should be 0x%08x",
                   (unsigned)image.checksum, (unsigned)pe_checksum(&image));
    if (kernel && asked->integrity && pe_writable_code(&image, &section))
        verify_add(run->report, RULE_PE_WRITABLE_CODE, path, 0, "section %s", section.name);
    return verify_embedded(run, path, content, asked->boot);
}
