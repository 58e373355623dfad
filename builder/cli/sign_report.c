/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cli/sign_report.h"

#include <stdio.h>

#include "builder/cli/text.h"
#include "util/epoch.h"

void cli_time_text(int64_t seconds, char out[CLI_TIME_SIZE])
{
    struct tm fields;

    vf_epoch_utc(seconds, &fields);
    if (!strftime(out, CLI_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &fields))
        out[0] = '\0';
}

bool cli_sign_report_good(const struct sign_report *report)
{
    return report->present && report->valid && report->chain != SIGN_CHAIN_UNTRUSTED &&
           (report->vouched || report->chain == SIGN_CHAIN_TRUSTED);
}

static const char *const chains[] = {
    [SIGN_CHAIN_UNKNOWN] = "not checked",
    [SIGN_CHAIN_TRUSTED] = "trusted",
    [SIGN_CHAIN_UNTRUSTED] = "untrusted",
};

static const char *const timestamps[] = {
    [SIGN_TIME_NONE] = "none",
    [SIGN_TIME_RFC3161] = "RFC 3161",
    [SIGN_TIME_COUNTERSIGNED] = "PKCS #9 countersignature",
};

static void print_timestamp(const struct sign_report *report, const char *indent)
{
    char time[CLI_TIME_SIZE];

    printf("%stimestamp:   %s", indent, timestamps[report->timestamp]);
    if (report->timestamp_valid) {
        cli_time_text(report->timestamp_time, time);
        printf(", %s, by %s%s", time, report->timestamp_signer,
               report->timestamp_trusted ? " (trusted)" : "");
    }
    putchar('\n');
}

void cli_sign_report_print(const struct cli_call *call, const struct sign_report *report,
                           const char *indent)
{
    char from[CLI_TIME_SIZE], to[CLI_TIME_SIZE], thumbprint[VF_DIGEST_HEX_MAX];
    const struct sign_certificate *signer = &report->signer;
    bool good = cli_sign_report_good(report);

    if (!report->present) {
        printf("%ssignature:   none\n", indent);
        return;
    }
    const char *verdict = good ? "right" : report->valid ? "right, but" : "wrong";
    const char *why = report->why[0] ? report->why
                      : good         ? ""
                                     : "nothing vouches for the signer's certificate";
    printf("%ssignature:   %s%s%s%s%s\n", indent, cli_tone_on(call, good ? CLI_GOOD : CLI_BAD),
           verdict, cli_tone_off(call), why[0] ? ": " : "", why);
    if (!signer->subject[0] && !signer->serial[0])
        return;
    cli_time_text(signer->not_before, from);
    cli_time_text(signer->not_after, to);
    vf_digest_hex(&signer->thumbprint, thumbprint);
    printf("%sdigest:      %s\n", indent, report->algorithm);
    printf("%ssigner:      %s\n", indent, signer->subject);
    printf("%sissuer:      %s%s\n", indent, signer->issuer,
           signer->self_signed ? " (self-signed)" : "");
    printf("%sserial:      %s\n", indent, signer->serial);
    printf("%sthumbprint:  %s\n", indent, thumbprint);
    printf("%svalid:       %s to %s\n", indent, from, to);
    if (report->name[0])
        printf("%sprogram:     %s\n", indent, report->name);
    print_timestamp(report, indent);
    printf("%schain:       %s\n", indent, chains[report->chain]);
    for (unsigned i = 0; i < report->nested_count; i++) {
        const struct sign_nested *nested = &report->nested[i];
        printf("%snested:      %s%s%s, %s by %s%s%s\n", indent,
               cli_tone_on(call, nested->valid ? CLI_GOOD : CLI_BAD),
               nested->valid ? "right" : "wrong", cli_tone_off(call),
               nested->algorithm[0] ? nested->algorithm : "unknown",
               nested->signer[0] ? nested->signer : "nobody", nested->why[0] ? ": " : "",
               nested->why);
    }
}

json_t *cli_sign_report_json(const struct sign_report *report)
{
    char from[CLI_TIME_SIZE], to[CLI_TIME_SIZE], thumbprint[VF_DIGEST_HEX_MAX];
    const struct sign_certificate *signer = &report->signer;

    if (!report->present)
        return json_pack("{s:b}", "present", 0);
    cli_time_text(signer->not_before, from);
    cli_time_text(signer->not_after, to);
    vf_digest_hex(&signer->thumbprint, thumbprint);
    char stamped[CLI_TIME_SIZE] = "";
    if (report->timestamp_valid)
        cli_time_text(report->timestamp_time, stamped);
    json_t *usages = json_array();
    for (unsigned i = 0; usages && i < signer->usage_count; i++)
        json_array_append_new(usages, json_string(signer->usages[i]));
    json_t *timestamp =
        json_pack("{s:s, s:b, s:s, s:o, s:b}", "kind", timestamps[report->timestamp], "valid",
                  report->timestamp_valid, "time", stamped, "signer",
                  cli_text_json(report->timestamp_signer), "trusted", report->timestamp_trusted);
    json_t *nested = json_array();
    for (unsigned i = 0; nested && i < report->nested_count; i++)
        json_array_append_new(
            nested, json_pack("{s:b, s:s, s:s, s:o}", "valid", report->nested[i].valid, "why",
                              report->nested[i].why, "digest", report->nested[i].algorithm,
                              "signer", cli_text_json(report->nested[i].signer)));
    return json_pack("{s:b, s:b, s:b, s:s, s:s, s:o, s:s, s:o, s:o,"
                     " s:{s:o, s:o, s:s, s:s, s:s, s:s, s:b, s:o}}",
                     "present", 1, "valid", report->valid, "vouched", report->vouched, "why",
                     report->why, "digest", report->algorithm, "program",
                     cli_text_json(report->name), "chain", chains[report->chain], "timestamp",
                     timestamp, "nested", nested, "signer", "subject",
                     cli_text_json(signer->subject), "issuer", cli_text_json(signer->issuer),
                     "serial", signer->serial, "thumbprint", thumbprint, "not_before", from,
                     "not_after", to, "self_signed", signer->self_signed, "usages", usages);
}
