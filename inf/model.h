/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one Windows would install from an INF: devices, files with their destinations, services,
 * registry values. The model borrows lines and texts from the file and must not outlive it.
 *
 * Decorated sections are chosen as Windows does: the models section whose decoration is closest
 * to the target, for each [Manufacturer] line; an install section as NAME.NTarch, NAME.NT or NAME,
 * the first that exists, and its companions behind the same name (NAME.NT.HW, NAME.NT.Services).
 * Needs is followed within the file; what Include brings from other INFs is listed, not read.
 */
#ifndef INF_MODEL_H
#define INF_MODEL_H

#include "inf/inf.h"
#include "inf/target.h"

/* Lines and names looked at for one model; an INF that needs more repeats itself endlessly. */
#define INF_MODEL_STEPS_MAX 400000u
/* How deep Needs may lead from section to section. */
#define INF_NEEDS_DEPTH_MAX 16u

/* A line of a models section that serves the target. */
struct inf_device {
    const struct inf_line *line;       /* key: description; fields: install section, hardware ids */
    const struct inf_section *install; /* NULL where the section it names does not exist */
};

/* One file copied. */
struct inf_copy {
    const char *name;   /* lower case, at the destination */
    const char *source; /* lower case, in the package */
    bool placed;        /* does [DestinationDirs] say where? */
    int64_t dirid;
    const char *directory; /* below the dirid's, as written */
    int64_t flags;         /* COPYFLG_* */
    const char *section;   /* the list it stands in; "" for CopyFiles=@name */
    struct inf_place place;
};

/* An AddService line and the section it leads to. Numbers are -1 where absent or no number. */
struct inf_service {
    const char *name;                  /* "" for the null service of a device without driver */
    int64_t flags;                     /* of AddService: 2 marks the device's function driver */
    const struct inf_section *section; /* NULL where it does not exist */
    const char *section_name;
    int64_t type, start, error_control;
    const char *binary; /* ServiceBinary with its %dirid% */
    const char *file;   /* lower case: the part behind the last backslash */
    const char *display_name, *group;
    const struct inf_section *event_log; /* NULL where absent */
    struct inf_place place;              /* of the AddService line */
    struct inf_place binary_place;
};

/* Whose keys HKR means. */
enum inf_registry_owner {
    INF_REGISTRY_SOFTWARE, /* the device's driver key: AddReg of an install section */
    INF_REGISTRY_HARDWARE, /* the device's hardware key: .HW */
    INF_REGISTRY_SERVICE,
    INF_REGISTRY_EVENT_LOG,
};

/* A line of an AddReg section: fields root, key, value name, flags, data... */
struct inf_registry {
    enum inf_registry_owner owner;
    const char *service; /* name, for the last two owners; else "" */
    const struct inf_line *line;
};

struct inf_model {
    struct inf_device *devices;
    size_t device_count;
    struct inf_copy *copies;
    size_t copy_count;
    struct inf_service *services;
    size_t service_count;
    struct inf_registry *registry;
    size_t registry_count;
    const char **includes; /* names of other INFs, as written */
    size_t include_count;
};

/*
 * Make the model for a target; free with inf_model_free(). An INF that does not serve the target
 * gives a model without devices and without error. VF_MALFORMED beyond INF_MODEL_STEPS_MAX.
 */
enum vf_code inf_model_make(const struct inf_file *file, const struct inf_target *target,
                            struct inf_model **model, struct vf_err *err);
void inf_model_free(struct inf_model *model);

/* The install section that a name means on an architecture; NULL where there is none. */
const struct inf_section *inf_install_section(const struct inf_file *file, const char *name,
                                              enum inf_arch arch);
/* The section whose name is that of section and suffix (".HW") together; NULL where none is. */
const struct inf_section *inf_companion(const struct inf_file *file,
                                        const struct inf_section *section, const char *suffix);
/* The part of a path behind its last backslash or slash. */
const char *inf_path_base(const char *path);

#endif
