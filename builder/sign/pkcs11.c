/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that do not leave their token (PKCS #11), through OpenSSL's engine "pkcs11" of libp11: the
 * one way that OpenSSL 3.0 and Debian 12 offer. The engine interface is deprecated, but not
 * replaced there.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdlib.h>
#include <string.h>

#include <openssl/engine.h>

#include "builder/sign/sign_private.h"

#define ENGINE_NAME "pkcs11"
#define PIN_MAX     256

/* The engine, set up; a functional reference. */
static enum vf_code open_engine(const char *module, const char *pin, ENGINE **out,
                                struct vf_err *err)
{
    ENGINE_load_dynamic();
    ENGINE *engine = ENGINE_by_id(ENGINE_NAME);
    if (!engine)
        return sign_fail_openssl(
            err, VF_POLICY, "OpenSSL has no engine 'pkcs11'; install libengine-pkcs11-openssl");
    bool good = (!module || ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module, 0) == 1) &&
                ENGINE_ctrl_cmd_string(engine, "PIN", pin, 0) == 1 && ENGINE_init(engine) == 1;
    ENGINE_free(engine);
    if (!good)
        return sign_fail_openssl(err, VF_POLICY, "cannot use the PKCS #11 module %s",
                                 module ? module : "of p11-kit");
    *out = engine;
    return VF_OK;
}

static void close_engine(void *engine)
{
    ENGINE_finish(engine);
}

enum vf_code sign_key_load_pkcs11(const char *uri, const char *module,
                                  const char *certificates_path, struct sign_passphrase passphrase,
                                  struct sign_key **out, struct vf_err *err)
{
    char pin[PIN_MAX];
    ENGINE *engine = NULL;

    int size = sign_passphrase_read(passphrase, pin, sizeof(pin) - 1);
    if (size < 0)
        return vf_fail(err, VF_POLICY, "%s: the PIN is needed; give --passphrase-fd", uri);
    pin[size] = '\0';
    enum vf_code code = open_engine(module, pin, &engine, err);
    OPENSSL_cleanse(pin, sizeof(pin));
    if (code)
        return code;
    struct sign_key *key = calloc(1, sizeof(*key));
    if (!key) {
        close_engine(engine);
        return vf_fail_memory(err);
    }
    key->keeper = engine;
    key->release_keeper = close_engine;
    key->key = ENGINE_load_private_key(engine, uri, NULL, NULL);
    if (!key->key)
        code = sign_fail_openssl(err, VF_POLICY,
                                 "%s: no such private key on a token (is the PIN right?)", uri);
    if (!code)
        code = sign_key_adopt_file(key, certificates_path, err);
    if (code)
        sign_key_free(key);
    else
        *out = key;
    return code;
}
