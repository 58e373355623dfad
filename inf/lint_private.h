/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the families of lint checks share. */
#ifndef INF_LINT_PRIVATE_H
#define INF_LINT_PRIVATE_H

#include "inf/index.h"
#include "inf/inf_private.h"
#include "inf/lint.h"
#include "inf/model.h"
#include "inf/package.h"
#include "inf/pool.h"

enum lint_rule {
    RULE_1001,
    RULE_1002,
    RULE_1003,
    RULE_1005,
    RULE_1008,
    RULE_1010,
    RULE_1011,
    RULE_1013,
    RULE_1084,
    RULE_1087,
    RULE_1088,
    RULE_1100,
    RULE_1102,
    RULE_1201,
    RULE_1202,
    RULE_1203,
    RULE_1204,
    RULE_1209,
    RULE_1211,
    RULE_1213,
    RULE_1214,
    RULE_1217,
    RULE_1218,
    RULE_1220,
    RULE_1222,
    RULE_1223,
    RULE_1224,
    RULE_1225,
    RULE_1229,
    RULE_1230,
    RULE_1231,
    RULE_1233,
    RULE_1234,
    RULE_1235,
    RULE_1241,
    RULE_1242,
    RULE_1243,
    RULE_1245,
    RULE_1250,
    RULE_1251,
    RULE_1252,
    RULE_1253,
    RULE_1254,
    RULE_1261,
    RULE_1265,
    RULE_1267,
    RULE_1268,
    RULE_1271,
    RULE_1272,
    RULE_1273,
    RULE_1274,
    RULE_1275,
    RULE_1280,
    RULE_1281,
    RULE_1284,
    RULE_1285,
    RULE_1286,
    RULE_1287,
    RULE_1288,
    RULE_1289,
    RULE_1293,
    RULE_1294,
    RULE_1295,
    RULE_1296,
    RULE_1297,
    RULE_1300,
    RULE_1301,
    RULE_1302,
    RULE_1303,
    RULE_1304,
    RULE_1305,
    RULE_1306,
    RULE_1308,
    RULE_1309,
    RULE_1310,
    RULE_1311,
    RULE_1312,
    RULE_1313,
    RULE_1314,
    RULE_1315,
    RULE_1316,
    RULE_1320,
    RULE_1321,
    RULE_1322,
    RULE_1323,
    RULE_1324,
    RULE_1329,
    RULE_1330,
    RULE_1331,
    RULE_1332,
    RULE_1333,
    RULE_1340,
    RULE_1341,
    RULE_1380,
    RULE_1381,
    RULE_1382,
    RULE_1383,
    RULE_1384,
    RULE_1402,
    RULE_1420,
    RULE_1421,
    RULE_1422,
    RULE_1423,
    RULE_1430,
    RULE_1431,
    RULE_2006,
    RULE_2010,
    RULE_2083,
    RULE_2084,
    RULE_2085,
    RULE_2600,
    RULE_2601,
    RULE_2602,
    RULE_2603,
    RULE_VF101,
    RULE_VF102,
    RULE_VF103,
    RULE_VF104,
    RULE_VF105,
    RULE_VF106,
    RULE_VF107,
    RULE_VF108,
    RULE_COUNT,
};

/* In which roles a section is met; each role is judged once for each scope. */
enum lint_role {
    ROLE_NAMED,     /* some field somewhere has its name */
    ROLE_MODELS,    /* a [Manufacturer] line leads to it */
    ROLE_INSTALL,   /* a device is installed by it */
    ROLE_COMPANION, /* it goes with an install section */
    ROLE_SERVICE_INSTALL,
    ROLE_COPY,     /* a list of files */
    ROLE_SOFTWARE, /* AddReg lists, by what HKR means in them; needed sections likewise */
    ROLE_HARDWARE,
    ROLE_SERVICE,
    ROLE_EVENT_LOG,
    ROLE_NEEDED,
    ROLE_COUNT = ROLE_NEEDED + INF_REGISTRY_EVENT_LOG + 1,
};

/*
 * For which Windows something is judged. A scope stands for one decoration of models sections:
 * what is installed within one may meet on one machine, what belongs to different ones does not.
 */
struct lint_windows {
    enum inf_arch arch;
    uint32_t scope;
    uint32_t build; /* the first one served, 0 where the decoration names none */
};

#define LINT_SCOPES_MAX 63u /* more of them share the last one */

struct lint_target {
    const char *key;    /* "dirid|folder|name", lower case */
    const char *source; /* lower case */
};

struct lint_service {
    const struct inf_line *line; /* AddService */
};

struct lint_value {
    const char *key; /* "service|root|key|name", lower case */
    const struct inf_line *line;
};

struct lint {
    const struct inf_file *file;
    const struct inf_lint_options *options;
    const struct inf_package *package;
    struct inf_report *report;
    struct inf_pool *pool; /* the report's texts */
    size_t finding_room;
    struct inf_index told; /* texts of findings, scope: line and rule -> findings */
    uint64_t *visits;      /* per section and role: the scopes, as bits */
    const char *scopes[LINT_SCOPES_MAX + 1]; /* their decorations */
    uint32_t scope_count;
    bool includes; /* some section includes other INFs */

    struct lint_target *targets; /* every destination copied to */
    size_t target_count, target_room;
    struct inf_index target_index; /* scope: that of the Windows */
    struct inf_index copied;       /* source names seen in CopyFiles -> targets */
    struct inf_index sources;      /* lower-case source names, scope: architecture -> sources */
    struct lint_service *services; /* one a name */
    size_t service_count, service_room;
    struct inf_index service_index;

    struct lint_value *values; /* registry values that several sections may set */
    size_t value_count, value_room;
    struct inf_index value_index;

    uint32_t steps;
    bool overrun;                   /* more steps than INF_LINT_STEPS_MAX */
    const struct inf_line *endless; /* a Needs that leads back, or on and on; NULL for none */
    bool failed;                    /* memory was short */
};

/* Where a directive stands. */
struct lint_at {
    struct lint_windows windows;
    const struct inf_section *section; /* the one the directive stands in */
    const struct inf_section *first;   /* the one from which Needs led here, or section */
    enum inf_registry_owner owner;
    const char *service; /* for HKR below a service */
    bool includes;       /* the section includes other INFs: what is missing may be there */
    unsigned depth;      /* of Needs */
    const struct lint_at *needed_by; /* NULL for a section that no other one needs */
};

/* Report against a rule, unless its level in the mode is '-'. */
void lint_add(struct lint *lint, enum lint_rule rule, struct inf_place place, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/* Count one unit of work; false where there was too much or the report is full: return then. */
bool lint_step(struct lint *lint);

/* Note a role of a section in a scope; true the first time. */
bool lint_visit(struct lint *lint, const struct inf_section *section, unsigned role,
                uint32_t scope);

/* Has the section any role? */
bool lint_is_used(const struct lint *lint, const struct inf_section *section);

/* The scope of a decoration's text; 0 is that of no decoration. */
uint32_t lint_scope(struct lint *lint, const char *decoration);

/* Report a section that a directive names and this file lacks. */
void lint_missing(struct lint *lint, const struct lint_at *at, struct inf_place place,
                  const char *name);

/* NT[arch]..., where a variable not filled in yet stands for some architecture. */
bool lint_decoration(const char *text, struct inf_decoration *decoration);

/* Does the INF extend the driver of another one? */
bool lint_is_extension(const struct lint *lint);

/* Report a key that stands twice in a section which reads it once. */
void lint_once(struct lint *lint, const struct inf_section *section, const char *key);

/* Families, each in its own file. */
void lint_version(struct lint *lint);
void lint_strings(struct lint *lint);
void lint_text(struct lint *lint);
void lint_devices(struct lint *lint);
void lint_sections(struct lint *lint);
void lint_sources(struct lint *lint);
void lint_service_binaries(struct lint *lint);

/* An install section and its companions. */
void lint_install(struct lint *lint, const struct inf_section *install,
                  const struct lint_windows *windows);

/* The suffix by which Windows knows what a section is for, such as ".HW"; "" for none. */
const char *lint_suffix_of(const char *name);

/* The directives of a section; at->section is that one. */
void lint_directives(struct lint *lint, const struct lint_at *at);

/* Directives of install sections. */
void lint_copy_files(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_add_reg(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_add_service(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_framework(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_include(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_needs(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_part(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_reboot(struct lint *lint, const struct lint_at *at, const struct inf_line *line);

/* Is the INF one for display adapters? The rules of those, for a service and for a value. */
bool lint_is_display(const struct lint *lint);
void lint_display_service(struct lint *lint, const struct lint_at *at, const char *name,
                          const struct inf_section *section);
void lint_display_value(struct lint *lint, const struct lint_at *at, const struct inf_line *line);

/* The directory id that a path begins with ("%13%\..."); false where it begins with none. */
bool lint_path_dirid(const char *path, int64_t *dirid);
/* Report a path below a directory that is closed to drivers. */
void lint_path(struct lint *lint, const char *path, struct inf_place place);

#endif
