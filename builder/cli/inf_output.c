/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cli/inf_output.h"

#include <stdlib.h>
#include <string.h>

#include "builder/cli/version.h"
#include "util/bytes.h"
#include "util/outfile.h"

static const char *level_text(char level)
{
    return level == 'E' ? "error" : level == 'W' ? "warning" : "none";
}

json_t *inf_rule_json(const struct inf_rule *rule)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s}}", "code", rule->code, "what", rule->what,
        "why", rule->why, "fix", rule->fix, "levels", "k", level_text(rule->levels[INF_MODE_K]),
        "u", level_text(rule->levels[INF_MODE_U]), "w", level_text(rule->levels[INF_MODE_W]), "h",
        level_text(rule->levels[INF_MODE_H]));
}

json_t *inf_report_json(const char *path, const struct inf_report *report)
{
    json_t *findings = json_array();

    for (size_t i = 0; i < report->count; i++) {
        const struct inf_finding *f = &report->findings[i];
        json_array_append_new(
            findings, json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s}", "code", f->rule->code,
                                "level", f->error ? "error" : "warning", "line",
                                (json_int_t)f->place.line, "column", (json_int_t)f->place.column,
                                "text", f->text, "why", f->rule->why, "fix", f->rule->fix));
    }
    return json_pack("{s:s, s:I, s:I, s:b, s:o}", "file", path, "errors",
                     (json_int_t)report->errors, "warnings", (json_int_t)report->warnings, "cut",
                     report->cut, "findings", findings);
}

/* A path as the URI reference that SARIF asks for: reserved bytes as %XX. */
static void append_uri(struct vf_buf *out, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~/";

    for (; *path; path++) {
        if (strchr(plain, *path))
            vf_buf_append_byte(out, (uint8_t)*path);
        else
            vf_buf_printf(out, "%%%02X", (unsigned char)*path);
    }
}

void inf_sarif_add(json_t *results, const char *path, const struct inf_report *report)
{
    struct vf_buf uri = VF_BUF_INIT;

    append_uri(&uri, path);
    const char *text = vf_buf_text(&uri);
    for (size_t i = 0; text && i < report->count; i++) {
        const struct inf_finding *f = &report->findings[i];
        json_t *location =
            json_pack("{s:{s:{s:s}, s:{s:I, s:I}}}", "physicalLocation", "artifactLocation", "uri",
                      text, "region", "startLine", (json_int_t)f->place.line, "startColumn",
                      (json_int_t)f->place.column);
        json_array_append_new(results,
                              json_pack("{s:s, s:s, s:{s:s}, s:[o]}", "ruleId", f->rule->code,
                                        "level", f->error ? "error" : "warning", "message", "text",
                                        f->text, "locations", location));
    }
    vf_buf_free(&uri);
}

static json_t *sarif_rules(void)
{
    json_t *rules = json_array();
    const struct inf_rule *rule;

    for (size_t i = 0; (rule = inf_rule_at(i)); i++)
        json_array_append_new(rules,
                              json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}}", "id", rule->code,
                                        "shortDescription", "text", rule->what, "fullDescription",
                                        "text", rule->why, "help", "text", rule->fix));
    return rules;
}

enum vf_code inf_sarif_write(const char *path, bool force, json_t *results, struct vf_err *err)
{
    json_t *log =
        json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:O}]}", "$schema",
                  "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
                  "tool", "driver", "name", "vioforge inf lint", "version", VIOFORGE_VERSION,
                  "rules", sarif_rules(), "columnKind", "unicodeCodePoints", "results", results);
    char *text = log ? json_dumps(log, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    enum vf_code code = VF_IO;

    if (text)
        code = vf_out_file(path, force, (struct vf_view){(const uint8_t *)text, strlen(text)}, err);
    else
        code = vf_fail_memory(err);
    free(text);
    json_decref(log);
    return code;
}
