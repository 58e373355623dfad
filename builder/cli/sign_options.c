/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cli/sign_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum vf_code cli_passphrase(const struct cli_call *call, struct sign_passphrase *out,
                            struct vf_err *err)
{
    const char *text = cli_value(call, "passphrase-fd");
    char *end;

    out->fd = -1;
    if (!text)
        return VF_OK;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value > 65535)
        return vf_fail(err, VF_USAGE,
                       "--passphrase-fd takes the number of an open descriptor, not "
                       "'%s'",
                       text);
    out->fd = (int)value;
    return VF_OK;
}

bool cli_sign_key_given(const struct cli_call *call)
{
    return cli_value(call, "key") || cli_value(call, "pkcs12");
}

enum vf_code cli_sign_key(const struct cli_call *call, struct sign_key **out, struct vf_err *err)
{
    const char *key = cli_value(call, "key"), *pkcs12 = cli_value(call, "pkcs12");
    struct sign_passphrase passphrase;

    if (!key == !pkcs12)
        return vf_fail(err, VF_USAGE,
                       "what shall sign? Give either --key (and --cert) or --pkcs12; "
                       "'vioforge sign test-cert' makes a key for tests");
    enum vf_code code = cli_passphrase(call, &passphrase, err);
    if (code)
        return code;
    if (key && strncmp(key, "pkcs11:", 7) == 0) {
        if (!cli_value(call, "cert"))
            return vf_fail(err, VF_USAGE, "a key on a token needs --cert");
        return sign_key_load_pkcs11(key, cli_value(call, "pkcs11-module"), cli_value(call, "cert"),
                                    passphrase, out, err);
    }
    return pkcs12 ? sign_key_load_pkcs12(pkcs12, passphrase, out, err)
                  : sign_key_load_pem(key, cli_value(call, "cert"), passphrase, out, err);
}

enum vf_code cli_sign_roots(const struct cli_call *call, struct sign_roots **out,
                            struct vf_err *err)
{
    *out = NULL;
    if (!cli_value(call, "root"))
        return VF_OK;
    enum vf_code code = sign_roots_new(out, err);
    const char *path;
    for (size_t i = 0; !code && (path = cli_value_at(call, "root", i)); i++)
        code = sign_roots_add(*out, path, err);
    if (code) {
        sign_roots_free(*out);
        *out = NULL;
    }
    return code;
}

enum vf_code cli_sign_authority(const struct cli_call *call, struct sign_authority **out,
                                struct vf_err *err)
{
    const char *url = cli_value(call, "timestamp-url"), *key = cli_value(call, "timestamp-key");
    struct sign_passphrase passphrase;

    *out = NULL;
    if (cli_value(call, "timestamp-ca") && !url)
        return vf_fail(err, VF_USAGE, "--timestamp-ca goes with --timestamp-url");
    if (!url && !key)
        return VF_OK;
    if (url && key)
        return vf_fail(err, VF_USAGE, "give either --timestamp-url or --timestamp-key");
    if (url)
        return sign_authority_url(url, cli_value(call, "timestamp-ca"), out, err);
    enum vf_code code = cli_passphrase(call, &passphrase, err);
    if (!code)
        code = sign_authority_local(key, cli_value(call, "timestamp-cert"), passphrase, out, err);
    return code;
}
