/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows' own device setup classes ("System-Defined Device Setup Classes"). */
#ifndef INF_CLASSES_H
#define INF_CLASSES_H

#include <stdbool.h>

struct inf_class {
    const char *name;
    const char *guid; /* with braces */
    bool reserved;    /* for use by Windows alone */
};

/* The class of a name or a GUID, compared without case; NULL where Windows defines none. */
const struct inf_class *inf_class_named(const char *name);
const struct inf_class *inf_class_guid(const char *guid);

#endif
