/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options by which every verb that signs is told its key. */
#ifndef BUILDER_CLI_SIGN_OPTIONS_H
#define BUILDER_CLI_SIGN_OPTIONS_H

#include "builder/cli/cli.h"
#include "builder/sign/key.h"
#include "builder/sign/sign.h"

#define CLI_PASSPHRASE_OPTION                                                  \
    {                                                                          \
        0, "passphrase-fd", "FD",                                              \
            "read the passphrase from this file descriptor, up to its newline" \
    }

/* clang-format off */
#define CLI_KEY_OPTIONS                                                                  \
    {0, "key", "FILE", "private key, PEM; or the pkcs11: URI of one that stays on its token"}, \
    {0, "cert", "FILE", "its certificate and intermediates, PEM (default: in the key's file)"}, \
    {0, "pkcs12", "FILE", "key and certificates in one PKCS #12 file"},                  \
    {0, "pkcs11-module", "FILE", "the token's library (default: those p11-kit knows)"},  \
    CLI_PASSPHRASE_OPTION
/* clang-format on */

/* --passphrase-fd as given; VF_USAGE where it is no number. */
enum vf_code cli_passphrase(const struct cli_call *call, struct sign_passphrase *out,
                            struct vf_err *err);

/* The key that CLI_KEY_OPTIONS name; VF_USAGE where they name none or two. */
enum vf_code cli_sign_key(const struct cli_call *call, struct sign_key **out, struct vf_err *err);

#define CLI_STAMP_OPTIONS                                                                         \
    {0, "timestamp-url", "URL", "ask this RFC 3161 authority for a time stamp"},                  \
        {0, "timestamp-ca", "FILE", "trust this certificate for an https URL, not the system's"}, \
        {0, "timestamp-key", "FILE", "stamp with this key, PEM"},                                 \
    {                                                                                             \
        0, "timestamp-cert", "FILE", "and its certificate for time stamping, PEM"                 \
    }

/* The time stamp authority of CLI_STAMP_OPTIONS; NULL in *out where they name none. */
enum vf_code cli_sign_authority(const struct cli_call *call, struct sign_authority **out,
                                struct vf_err *err);

/* Was a key given? */
bool cli_sign_key_given(const struct cli_call *call);

#define CLI_ROOT_OPTION                                                          \
    {                                                                            \
        0, "root", "FILE", "a certificate to trust, PEM or DER; may be repeated" \
    }

/* The certificates given with --root; NULL in *out where there are none. */
enum vf_code cli_sign_roots(const struct cli_call *call, struct sign_roots **out,
                            struct vf_err *err);

#endif
