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
    RULE_1003,
    RULE_1005,
    RULE_1008,
    RULE_1010,
    RULE_1011,
    RULE_1084,
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
    RULE_1224,
    RULE_1229,
    RULE_1230,
    RULE_1231,
    RULE_1233,
    RULE_1234,
    RULE_1235,
    RULE_1241,
    RULE_1243,
    RULE_1245,
    RULE_1250,
    RULE_1251,
    RULE_1252,
    RULE_1253,
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
    RULE_1294,
    RULE_1295,
    RULE_1296,
    RULE_1297,
    RULE_1300,
    RULE_1303,
    RULE_1304,
    RULE_1305,
    RULE_1306,
    RULE_1308,
    RULE_1309,
    RULE_1310,
    RULE_1311,
    RULE_1315,
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
    RULE_1380,
    RULE_1381,
    RULE_1382,
    RULE_1383,
    RULE_1384,
    RULE_1402,
    RULE_1421,
    RULE_1422,
    RULE_1423,
    RULE_1431,
    RULE_2006,
    RULE_2010,
    RULE_2083,
    RULE_2084,
    RULE_2085,
    RULE_VF101,
    RULE_VF102,
    RULE_VF103,
    RULE_VF104,
    RULE_VF105,
    RULE_COUNT,
};

/* In which roles a section was met: each role is judged once. */
enum lint_role {
    ROLE_NAMED = 1 << 0,     /* some field somewhere has its name */
    ROLE_MODELS = 1 << 1,    /* a [Manufacturer] line leads to it */
    ROLE_INSTALL = 1 << 2,   /* a device is installed by it */
    ROLE_COMPANION = 1 << 3, /* it goes with an install section */
    ROLE_SOFTWARE = 1 << 4,  /* AddReg lists, by what HKR means in them */
    ROLE_HARDWARE = 1 << 5,
    ROLE_SERVICE = 1 << 6,
    ROLE_EVENT_LOG = 1 << 7,
    ROLE_SERVICE_INSTALL = 1 << 8,
    ROLE_COPY = 1 << 9, /* a list of files; shifted by the architecture, whose sources may differ */
};

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
    uint32_t *roles; /* per section: enum lint_role bits */

    struct lint_target *targets; /* every destination copied to */
    size_t target_count, target_room;
    struct inf_index target_index; /* scope: architecture */
    struct inf_index copied;       /* source names seen in CopyFiles -> targets */
    struct inf_index sources;      /* lower-case source names, scope: architecture -> sources */
    struct lint_service *services; /* one a name */
    size_t service_count, service_room;
    struct inf_index service_index;

    struct lint_value *values; /* registry values that several sections may set */
    size_t value_count, value_room;
    struct inf_index value_index;

    uint32_t steps;
    bool overrun; /* more steps than INF_LINT_STEPS_MAX */
    bool failed;  /* memory was short */
};

/* Where a directive stands. */
struct lint_at {
    enum inf_arch arch;
    const struct inf_section *section; /* the one the directive stands in */
    enum inf_registry_owner owner;
    const char *service; /* for HKR below a service */
    bool includes;       /* the section includes other INFs: what is missing may be there */
};

/* Report against a rule, unless its level in the mode is '-'. */
void lint_add(struct lint *lint, enum lint_rule rule, struct inf_place place, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/* Count one unit of work; false where there was too much or the report is full: return then. */
bool lint_step(struct lint *lint);

/* Note a role of a section; true the first time. */
bool lint_role(struct lint *lint, const struct inf_section *section, unsigned role);

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

/* An install section and its companions, for an architecture. */
void lint_install(struct lint *lint, const struct inf_section *install, enum inf_arch arch);

/* Directives of install sections. */
void lint_copy_files(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_add_reg(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_add_service(struct lint *lint, const struct lint_at *at, const struct inf_line *line);
void lint_framework(struct lint *lint, const struct lint_at *at, const struct inf_line *line);

#endif
