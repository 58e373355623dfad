/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registry values as the test provides them: ntrun --set reg.NAME=VALUE. They are there under
 * every key a driver may open. A VALUE of digits is a number (REG_DWORD), any other a text
 * (REG_SZ); names have no case.
 */
#ifndef NK_REGISTRY_H
#define NK_REGISTRY_H

#include "nk.h"

#define NK_REGISTRY_NAME 48
#define NK_REGISTRY_TEXT 64

enum { NK_REG_SZ = 1, NK_REG_DWORD = 4 };

struct nk_registry_value {
    ULONG type;
    ULONG number;                /* of a REG_DWORD */
    char text[NK_REGISTRY_TEXT]; /* as given, of either type */
};

/** False if there is no such value. */
bool nk_registry_find(const char *name, struct nk_registry_value *out);
bool nk_registry_find_wide(const UNICODE_STRING *name, struct nk_registry_value *out);
/** The value's bytes as the registry holds them (text wide, with its NUL); returns the length. */
ULONG nk_registry_bytes(const struct nk_registry_value *value, UCHAR out[2 * NK_REGISTRY_TEXT]);

#endif
