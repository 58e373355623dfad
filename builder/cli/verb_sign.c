/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge sign" and "vioforge sign test-cert". */
#include "builder/cli/sign_options.h"
#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "util/epoch.h"
#include "util/file.h"
#include "util/outfile.h"

#define TEST_NAME "vioforge test signing"

static void note_done(const struct cli_call *call, const char *path, const struct sign_key *key)
{
    char signer[SIGN_NAME_MAX];

    if (key) {
        sign_key_subject(key, signer, sizeof(signer));
        cli_note(call, "signed %s as %s", path, signer);
    } else {
        cli_note(call, "took the signature off %s", path);
    }
}

/* key NULL: take the signature away. */
static enum vf_code sign_one(const struct cli_call *call, const char *path,
                             const struct sign_key *key, const struct sign_authority *authority,
                             struct vf_err *err)
{
    const struct sign_options options = {
        .name = cli_value(call, "name"),
        .url = cli_value(call, "url"),
        .authority = authority,
        .page_hashes = cli_flag(call, "page-hashes"),
        .replace = cli_flag(call, "force") && !cli_flag(call, "append"),
        .append = cli_flag(call, "append"),
    };
    struct vf_buf file = VF_BUF_INIT, out = VF_BUF_INIT;
    const char *output = cli_value(call, "output");

    enum vf_code code = vf_file_read(path, SIGN_FILE_MAX, &file, err);
    if (code)
        goto done;
    code = key ? sign_file(vf_view_of(&file), key, &options, &out, err)
               : sign_strip(vf_view_of(&file), &out, err);
    if (code) {
        vf_err_prefix(err, "%s", path);
        goto done;
    }
    code = vf_out_file(output ? output : path, !output || cli_flag(call, "force"), vf_view_of(&out),
                       err);
    if (!code)
        note_done(call, output ? output : path, key);
done:
    vf_buf_free(&file);
    vf_buf_free(&out);
    return code;
}

/* key NULL: of signatures taken away. */
static enum vf_code print_signed(const struct cli_call *call, const struct sign_key *key,
                                 struct vf_err *err)
{
    const char *output = cli_value(call, "output");
    char signer[SIGN_NAME_MAX] = "";

    if (key)
        sign_key_subject(key, signer, sizeof(signer));
    json_t *files = output ? json_pack("[o]", cli_text_json(output)) : cli_operands_json(call);
    return cli_json_print(
        "sign", 1, json_pack("{s:o, s:o}", "signer", cli_text_json(signer), "files", files), err);
}

static enum vf_code run_sign(const struct cli_call *call, struct vf_err *err)
{
    bool remove = cli_flag(call, "remove");
    struct sign_authority *authority = NULL;
    struct sign_key *key = NULL;

    if (cli_value(call, "output") && cli_operand_count(call) != 1)
        return vf_fail(err, VF_USAGE, "--output goes with one file, not %zu",
                       cli_operand_count(call));
    if (remove && cli_sign_key_given(call))
        return vf_fail(err, VF_USAGE, "--remove needs no key");
    if (remove && cli_flag(call, "append"))
        return vf_fail(err, VF_USAGE, "--remove and --append exclude each other");
    enum vf_code code = remove ? VF_OK : cli_sign_key(call, &key, err);
    if (!code && !remove)
        code = cli_sign_authority(call, &authority, err);
    for (size_t i = 0; !code && i < cli_operand_count(call); i++)
        code = sign_one(call, cli_operand(call, i), key, authority, err);
    if (!code && cli_json(call))
        code = print_signed(call, key, err);
    sign_authority_free(authority);
    sign_key_free(key);
    return code;
}

static enum vf_code run_test_cert(const struct cli_call *call, struct vf_err *err)
{
    const char *dir = cli_operand(call, 0), *key_path = cli_value(call, "key");
    const char *name = cli_value(call, "name") ? cli_value(call, "name") : TEST_NAME;
    struct sign_passphrase passphrase;
    struct sign_key *key = NULL;
    int64_t now = 0;

    enum vf_code code = cli_passphrase(call, &passphrase, err);
    if (!code)
        code = vf_epoch(&now, err);
    if (code)
        return code;
    code = key_path ? sign_key_make_for(key_path, passphrase, name, now, &key, err)
                    : sign_key_make(name, now, &key, err);
    if (!code)
        code = sign_key_write_dir(key, dir, cli_flag(call, "force"), err);
    if (!code && cli_json(call))
        code = cli_json_print(
            "sign-test-cert", 1,
            json_pack("{s:o, s:o}", "path", cli_text_json(dir), "name", cli_text_json(name)), err);
    else if (!code)
        cli_note(call, "made %s: test.key, test.pem, test.cer, trust.cmd", dir);
    sign_key_free(key);
    return code;
}

static const struct cli_option sign_options[] = {
    CLI_KEY_OPTIONS,
    CLI_STAMP_OPTIONS,
    {'o', "output", "FILE", "write here instead of changing the one file given"},
    {0, "name", "TEXT", "program name shown to users"},
    {0, "url", "URL", "where users read more"},
    {0, "page-hashes", NULL, "state a digest for each page of an image too"},
    {0, "append", NULL, "keep an image's signature and nest the new one in it"},
    {0, "remove", NULL, "take the signature away"},
    {'f', "force", NULL, "replace an existing signature, or --output"},
    CLI_OPTIONS_END,
};

static const char *const sign_examples[] = {
    "vioforge sign --key test/test.key --cert test/test.pem driver.sys driver.cat",
    "vioforge sign --pkcs12 vendor.p12 --passphrase-fd 3 driver.cat 3< passphrase",
    NULL,
};

const struct cli_verb verb_sign = {
    .name = "sign",
    .summary = "sign driver images and catalogs",
    .operands = "FILE...",
    .operands_min = 1,
    .operands_max = -1,
    .options = sign_options,
    .examples = sign_examples,
    .run = run_sign,
};

static const struct cli_option test_cert_options[] = {
    {0, "name", "TEXT", "common name of the certificate (default: " TEST_NAME ")"},
    {0, "key", "FILE", "make the certificate for this private key, PEM"},
    CLI_PASSPHRASE_OPTION,
    {'f', "force", NULL, "replace an existing directory"},
    CLI_OPTIONS_END,
};

static const char *const test_cert_examples[] = {
    "vioforge sign test-cert test",
    NULL,
};

const struct cli_verb verb_sign_test_cert = {
    .name = "sign test-cert",
    .summary = "make a key and certificate for test signing",
    .operands = "DIR",
    .operands_min = 1,
    .operands_max = 1,
    .options = test_cert_options,
    .examples = test_cert_examples,
    .run = run_test_cert,
};
