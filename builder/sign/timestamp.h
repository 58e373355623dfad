/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time stamps (RFC 3161): somebody else's word on when a signature existed, so that it stays good
 * after the signer's certificate has ended.
 *
 * An authority is either asked over HTTP or HTTPS, or it is a key and certificate at hand, which
 * serves tests and closed networks. Stamped signatures differ from run to run: a stamp holds the
 * present time.
 */
#ifndef BUILDER_SIGN_TIMESTAMP_H
#define BUILDER_SIGN_TIMESTAMP_H

#include "builder/sign/key.h"
#include "util/bytes.h"
#include "util/error.h"

struct sign_authority;

/*
 * Ask at an http:// or https:// URL. The answer is signed itself, so the connection need not be
 * safe; over https the server's certificate must lead to one in the file server_roots (PEM or DER),
 * or, with NULL, to one that the system trusts.
 */
enum vf_code sign_authority_url(const char *url, const char *server_roots,
                                struct sign_authority **out, struct vf_err *err);

/*
 * Stamp with the key in a PEM file; its certificate must be for time stamping and nothing else
 * (RFC 3161, 2.3).
 */
enum vf_code sign_authority_local(const char *key_path, const char *certificate_path,
                                  struct sign_passphrase passphrase, struct sign_authority **out,
                                  struct vf_err *err);

void sign_authority_free(struct sign_authority *authority);

/*
 * Append a local authority's answer (TimeStampResp) to a request (TimeStampReq), both DER; an
 * answer may be a refusal.
 */
enum vf_code sign_authority_answer(const struct sign_authority *authority, struct vf_view request,
                                   struct vf_buf *answer, struct vf_err *err);

/*
 * Append the token (DER of its SignedData) for these bytes, stamped by their SHA-256. VF_IO where
 * the authority cannot be reached, VF_POLICY where it cannot prove who it is, refuses, or its
 * answer is not to the question.
 */
enum vf_code sign_authority_stamp(const struct sign_authority *authority, struct vf_view bytes,
                                  struct vf_buf *token, struct vf_err *err);

#endif
