/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Architectures, Windows releases, and the decorations by which an INF chooses among them
 * (Windows driver documentation, "Combining Platform Extensions with Operating System Versions").
 */
#ifndef INF_TARGET_H
#define INF_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inf_arch {
    INF_ARCH_NONE, /* none named */
    INF_ARCH_X86,
    INF_ARCH_AMD64,
    INF_ARCH_ARM,
    INF_ARCH_ARM64,
    INF_ARCH_IA64,
    INF_ARCH_COUNT,
};

/* Sets of architectures are bits of this kind. */
#define INF_ARCH_BIT(arch) (1u << (arch))

/* "x86", "amd64", "arm", "arm64", "ia64"; "" for INF_ARCH_NONE. */
const char *inf_arch_name(enum inf_arch arch);
/* The architecture of a name (case does not count); INF_ARCH_NONE where it is none. */
enum inf_arch inf_arch_named(const char *name);

/* VER_NT_* of winnt.h; 0 where it does not matter */
enum inf_product {
    INF_PRODUCT_ANY = 0,
    INF_PRODUCT_WORKSTATION = 1,
    INF_PRODUCT_DOMAIN_CONTROLLER = 2,
    INF_PRODUCT_SERVER = 3,
};

/* A Windows to install on. */
struct inf_target {
    enum inf_arch arch;
    uint32_t major, minor, build;
    enum inf_product product;
};

/* A Windows release by the name of its folder on a driver disc. */
struct inf_release {
    const char *name; /* "w11", "2k22" */
    const char *title;
    uint32_t major, minor, build;
    enum inf_product product;
};

/* The releases, oldest first; index counts from 0, NULL behind the last. */
const struct inf_release *inf_release_at(size_t index);
/* The release of a name (case does not count); NULL where there is none. */
const struct inf_release *inf_release_named(const char *name);

/*
 * Read "RELEASE/ARCH" ("w11/amd64") or "MAJOR.MINOR.BUILD/ARCH" ("10.0.19045/x86"). False where
 * text is neither.
 */
bool inf_target_parse(const char *text, struct inf_target *target);

/* The parts of a decoration; *_given tells which ones it names. */
struct inf_decoration {
    enum inf_arch arch;
    bool major_given, minor_given, product_given, suite_given, build_given;
    uint32_t major, minor, product, suite, build;
};

/* NT[arch][.[major][.[minor][.[product][.[suite][.[build]]]]]]; false where text is not that. */
bool inf_decoration_parse(const char *text, struct inf_decoration *decoration);

/*
 * Does a decoration serve a target? Without an architecture it serves x86 only, as Windows has it
 * since Server 2003 SP1; decorations that ask for a suite serve none, as no target here has one.
 */
bool inf_decoration_fits(const struct inf_decoration *decoration, const struct inf_target *target);

/* Of two that fit the same target, is a closer to it than b? */
bool inf_decoration_closer(const struct inf_decoration *a, const struct inf_decoration *b);

#endif
