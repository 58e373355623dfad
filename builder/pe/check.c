/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/pe/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGE            4096u
#define SECTION_SHARED  0x10000000u
#define FILE_EXECUTABLE 0x0002
#define BUILD_WINDOWS_8 9200

struct check {
    const struct pe_image *image;
    const struct pe_target *target;
    pe_finding_seen *seen;
    void *context;
    bool ended;
    const char *told; /* the module that all is said of */
};

static void tell(struct check *check, enum pe_level level, const char *code, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

static void tell(struct check *check, enum pe_level level, const char *code, const char *format,
                 ...)
{
    char text[VF_ERR_TEXT_MAX];
    va_list args;

    if (check->ended)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    check->ended = !check->seen(check->context, level, code, text);
}

static void check_header(struct check *check)
{
    const struct pe_image *image = check->image;
    uint32_t computed = pe_checksum(image);

    if (!pe_machine_name(image->machine))
        tell(check, PE_ERROR, "pe.machine", "machine 0x%x is none that Windows runs on",
             image->machine);
    if (image->subsystem != PE_SUBSYSTEM_NATIVE)
        tell(check, PE_ERROR, "pe.subsystem", "subsystem %u; a driver is native (1)",
             image->subsystem);
    if (!(image->characteristics & FILE_EXECUTABLE))
        tell(check, PE_ERROR, "pe.executable", "the file is not marked as executable image");
    if (image->checksum != computed)
        tell(check, PE_ERROR, "pe.checksum",
             "the checksum stored is 0x%08x, the file's is 0x%08x; drivers that start at boot are "
             "refused for that",
             image->checksum, computed);
    if (image->directories[PE_DIR_TLS].size)
        tell(check, PE_ERROR, "pe.tls", "the kernel knows no thread-local storage");
    if (!(image->dll_characteristics & PE_DLL_NX_COMPAT))
        tell(check, PE_WARNING, "pe.nx", "not marked as compatible with data execution prevention");
    if (!(image->dll_characteristics & PE_DLL_GUARD_CF))
        tell(check, PE_NOTE, "pe.cfg", "built without control flow guard");
    if (check->target->build && (image->subsystem_major > check->target->major ||
                                 (image->subsystem_major == check->target->major &&
                                  image->subsystem_minor > check->target->minor)))
        tell(check, PE_WARNING, "pe.version", "is made for Windows %u.%u, the target is %u.%u",
             image->subsystem_major, image->subsystem_minor, check->target->major,
             check->target->minor);
}

/* What memory integrity (hypervisor-protected code integrity) asks of sections. */
static void check_sections(struct check *check)
{
    const struct pe_image *image = check->image;
    const uint32_t both = PE_SECTION_WRITE | PE_SECTION_EXECUTE;
    uint64_t next = image->headers_size;
    bool entry_found = !image->entry;

    if (image->section_alignment < PAGE || image->section_alignment % PAGE)
        tell(check, PE_ERROR, "pe.alignment",
             "sections are aligned to 0x%x; memory integrity needs a multiple of 0x1000",
             image->section_alignment);
    for (unsigned i = 0; i < image->section_count; i++) {
        struct pe_section section;
        pe_section_at(image, i, &section);
        uint32_t size =
            section.virtual_size > section.file_size ? section.virtual_size : section.file_size;
        if ((section.flags & both) == both)
            tell(check, PE_ERROR, "pe.writable-code",
                 "section %s is writable and executable; memory integrity refuses that",
                 section.name);
        if (section.flags & SECTION_SHARED)
            tell(check, PE_WARNING, "pe.shared", "section %s is shared between processes",
                 section.name);
        if (section.address < next)
            tell(check, PE_ERROR, "pe.overlap", "section %s begins inside what stands before it",
                 section.name);
        next = (uint64_t)section.address + size;
        if (next > image->image_size)
            tell(check, PE_ERROR, "pe.size", "section %s ends behind the image's 0x%x bytes",
                 section.name, image->image_size);
        if (image->entry >= section.address && image->entry - section.address < size) {
            entry_found = true;
            if (!(section.flags & PE_SECTION_EXECUTE))
                tell(check, PE_ERROR, "pe.entry", "the entry point lies in %s, which is no code",
                     section.name);
        }
    }
    if (!entry_found)
        tell(check, PE_ERROR, "pe.entry", "the entry point 0x%x lies in no section", image->entry);
}

/* Modules that programs load, not the kernel. */
static bool is_user_mode(const char *dll)
{
    static const char *const names[] = {"kernel32.dll", "user32.dll",  "ntdll.dll",
                                        "advapi32.dll", "msvcrt.dll",  "kernelbase.dll",
                                        "ucrtbase.dll", "shell32.dll", "vcruntime140.dll"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(names[i], dll) == 0)
            return true;
    return false;
}

/* Say of a module as a whole, once, what one name imported from it shows. */
static void tell_module(struct check *check, enum pe_level level, const char *code, const char *dll,
                        const char *name, const char *why)
{
    if (check->told && strcasecmp(check->told, dll) == 0)
        return;
    check->told = dll;
    tell(check, level, code, "imports %s (%s, for one), %s", dll, name ? name : "by number", why);
}

static bool check_import(void *context, const char *dll, const char *name, uint16_t ordinal)
{
    struct check *check = context;

    if (is_user_mode(dll)) {
        tell_module(check, PE_ERROR, "pe.user-mode", dll, name, "which the kernel cannot load");
        return !check->ended;
    }
    if (!name) {
        tell(check, PE_WARNING, "pe.ordinal",
             "imports number %u of %s; numbers change between versions of Windows", ordinal, dll);
        return !check->ended;
    }
    uint32_t build = pe_export_build(dll, name);
    if (build == UINT32_MAX)
        tell_module(check, PE_NOTE, "pe.module", dll, name, "whose exports are not known here");
    else if (!build)
        tell(check, PE_WARNING, "pe.import", "imports %s, which %s is not known to export", name,
             dll);
    else if (check->target->build && build > check->target->build && build >= BUILD_WINDOWS_8)
        tell(check, PE_ERROR, "pe.import-new",
             "imports %s from %s, which exists since build %u; the target has build %u", name, dll,
             build, check->target->build);
    return !check->ended;
}

static enum vf_code check_debug(struct check *check, struct vf_err *err)
{
    struct pe_pdb pdb;
    bool found;

    enum vf_code code = pe_pdb(check->image, &pdb, &found, err);
    if (code)
        return code;
    if (!found)
        tell(check, PE_NOTE, "pe.symbols", "names no symbol file");
    else if (strpbrk(pdb.path, "/\\"))
        tell(check, PE_NOTE, "pe.symbols", "names its symbol file with a path: %.200s", pdb.path);
    return VF_OK;
}

enum vf_code pe_check(const struct pe_image *image, const struct pe_target *target,
                      pe_finding_seen *seen, void *context, struct vf_err *err)
{
    static const struct pe_target none = {0, 0, 0};
    struct check check = {image, target ? target : &none, seen, context, false, NULL};

    check_header(&check);
    check_sections(&check);
    enum vf_code code = pe_imports(image, check_import, &check, err);
    if (!code)
        code = check_debug(&check, err);
    return code;
}
