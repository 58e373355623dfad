/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking a server one question over HTTP or HTTPS (RFC 9110).
 *
 * The answer is bounded in size and the whole exchange in time, however the server deals it out.
 * Over HTTPS the server must prove that it has the host name or address asked for (RFC 9525), to
 * authorities of the user's choice or those of the system.
 */
#ifndef BUILDER_SIGN_SERVER_H
#define BUILDER_SIGN_SERVER_H

#include "util/bytes.h"
#include "util/error.h"

struct sign_server;

/* What one exchange may cost; the defaults are for a server far away. */
#define SIGN_SERVER_SECONDS    30u
#define SIGN_SERVER_ANSWER_MAX ((size_t)1 << 20)

/*
 * url: http:// or https://. authorities: a PEM file with the certificates that an HTTPS server's
 * must lead to, NULL for those the system trusts. VF_USAGE for another URL.
 */
enum vf_code sign_server_new(const char *url, const char *authorities, struct sign_server **out,
                             struct vf_err *err);
void sign_server_free(struct sign_server *server);

/* Give an exchange this many seconds in all. */
void sign_server_set_patience(struct sign_server *server, unsigned seconds);

/*
 * POST the question and append the answer's body, which must be of the type answer_type and one DER
 * element. VF_IO where the server cannot be reached or does not answer so in time, VF_POLICY where
 * it cannot prove who it is.
 */
enum vf_code sign_server_post(const struct sign_server *server, struct vf_view question,
                              const char *question_type, const char *answer_type,
                              struct vf_buf *answer, struct vf_err *err);

#endif
