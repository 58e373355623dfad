/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cli/inf_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder/cli/text.h"
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

struct inf_finding inf_refused_finding(const char *path, const char *message)
{
    struct inf_finding finding = {inf_rule_named("1002"), true, {1, 1}, message};
    size_t size = strlen(path);
    unsigned line, column;
    int behind = 0;

    if (strncmp(message, path, size) == 0 && message[size] == ':')
        finding.text = message += size + 1;
    if (sscanf(message, "%u:%u: %n", &line, &column, &behind) == 2 && behind > 0) {
        finding.place = (struct inf_place){line, column};
        finding.text = message + behind;
    }
    finding.text += strspn(finding.text, " ");
    return finding;
}

json_t *inf_report_json(const char *path, const struct inf_report *report)
{
    json_t *findings = json_array();

    for (size_t i = 0; i < report->count; i++) {
        const struct inf_finding *f = &report->findings[i];
        json_array_append_new(findings,
                              json_pack("{s:s, s:s, s:I, s:I, s:o, s:s, s:s}", "code",
                                        f->rule->code, "level", f->error ? "error" : "warning",
                                        "line", (json_int_t)f->place.line, "column",
                                        (json_int_t)f->place.column, "text", cli_text_json(f->text),
                                        "why", f->rule->why, "fix", f->rule->fix));
    }
    return json_pack("{s:o, s:I, s:I, s:b, s:o}", "file", cli_text_json(path), "errors",
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

/* The location of a file, or of a place in it. */
static json_t *sarif_location(const char *path, const struct inf_place *place)
{
    struct vf_buf uri = VF_BUF_INIT;

    append_uri(&uri, path);
    const char *text = vf_buf_text(&uri);
    json_t *physical = json_pack("{s:{s:s}}", "artifactLocation", "uri", text ? text : "");
    if (place)
        json_object_set_new(physical, "region",
                            json_pack("{s:I, s:I}", "startLine", (json_int_t)place->line,
                                      "startColumn", (json_int_t)place->column));
    vf_buf_free(&uri);
    return json_pack("{s:o}", "physicalLocation", physical);
}

void inf_sarif_begin(struct inf_sarif *sarif, bool baseline)
{
    *sarif = (struct inf_sarif){json_array(), json_array(), baseline};
}

void inf_sarif_end(struct inf_sarif *sarif)
{
    json_decref(sarif->results);
    json_decref(sarif->unread);
}

void inf_sarif_add(struct inf_sarif *sarif, const char *path, const struct inf_finding *finding,
                   bool accepted)
{
    json_t *result =
        json_pack("{s:s, s:s, s:{s:o}, s:[o]}", "ruleId", finding->rule->code, "level",
                  finding->error ? "error" : "warning", "message", "text",
                  cli_text_json(finding->text), "locations", sarif_location(path, &finding->place));

    /* 3.27.23: where one result of a run has the property, all have */
    if (sarif->baseline)
        json_object_set_new(
            result, "suppressions",
            accepted ? json_pack("[{s:s, s:s}]", "kind", "external", "status", "accepted")
                     : json_array());
    json_array_append_new(sarif->results, result);
}

void inf_sarif_unread(struct inf_sarif *sarif, const char *path, const char *message)
{
    json_array_append_new(sarif->unread, json_pack("{s:s, s:{s:o}, s:[o]}", "level", "error",
                                                   "message", "text", cli_text_json(message),
                                                   "locations", sarif_location(path, NULL)));
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

enum vf_code inf_sarif_write(const char *path, bool force, const struct inf_sarif *sarif,
                             struct vf_err *err)
{
    json_t *log =
        json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[{s:b, s:O}], s:s, s:O}]}", "$schema",
                  "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
                  "tool", "driver", "name", "vioforge inf lint", "version", VIOFORGE_VERSION,
                  "rules", sarif_rules(), "invocations", "executionSuccessful",
                  json_array_size(sarif->unread) == 0, "toolExecutionNotifications", sarif->unread,
                  "columnKind", "unicodeCodePoints", "results", sarif->results);
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
