/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signing PE images and catalogs, and judging such signatures.
 *
 * Both are PKCS #7 SignedData around a content of Microsoft's: a PE image carries one whose content
 * states the image's digest (spc.h), a catalog is one whose content is a certificate trust list.
 * The signed attributes are content type, statement type, message digest and program name; there is
 * no signing time, so the same key over the same input gives the same bytes (but for a time stamp,
 * where one is asked for). A signature holds the
 * signer's certificate and intermediates, no root.
 *
 * Reading is distrustful: structure goes through OpenSSL's ASN.1 decoder only, every length is
 * checked, and nothing is believed that the signature does not cover.
 */
#ifndef BUILDER_SIGN_SIGN_H
#define BUILDER_SIGN_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "builder/sign/key.h"
#include "builder/sign/timestamp.h"
#include "util/bytes.h"
#include "util/digest.h"
#include "util/error.h"

/* A signed file larger than this is refused by those who read one. */
#define SIGN_FILE_MAX ((size_t)256 << 20)

enum sign_subject { SIGN_NOTHING, SIGN_IMAGE, SIGN_CATALOG };

/* What the file's first bytes say it is: an image, a PKCS #7 container, or nothing to be signed. */
enum sign_subject sign_subject_of(struct vf_view file);

struct sign_options {
    const char *name;                       /* program name shown to users; NULL for none */
    const char *url;                        /* where to read about it; NULL for none */
    bool page_hashes;                       /* images: state a digest for each page too */
    const struct sign_authority *authority; /* who stamps the time; NULL for nobody */
    bool replace; /* an existing signature is replaced, with all nested in it */
    bool append;  /* images: one is nested in it instead; with neither, VF_POLICY */
};

/* An image's signature holds at most so many nested ones; one with more is wrong. */
#define SIGN_NESTED_MAX 8

/*
 * Append to out (empty) the image or catalog with its signature. VF_MALFORMED where file is
 * neither; its bytes are never changed otherwise. Appending leaves the first signature's signed
 * part as it is and puts the new one, a SignedData of its own over the same image, among what that
 * does not cover; a file without a signature is just signed. VF_POLICY where the file is a catalog,
 * which carries one signature, or the signature present is wrong, not in DER or full.
 */
enum vf_code sign_file(struct vf_view file, const struct sign_key *key,
                       const struct sign_options *options, struct vf_buf *out, struct vf_err *err);

/* Append the file without its signature: the image, or a catalog with no signer. */
enum vf_code sign_strip(struct vf_view file, struct vf_buf *out, struct vf_err *err);

/*
 * What a catalog holds: append the trust list's whole element to element (VF_MALFORMED where file
 * is no catalog), or the catalog without signer around such an element to out.
 */
enum vf_code sign_catalog_content(struct vf_view file, struct vf_buf *element, struct vf_err *err);
enum vf_code sign_catalog_wrap(struct vf_view element, struct vf_buf *out, struct vf_err *err);

#define SIGN_NAME_MAX   256
#define SIGN_SERIAL_MAX 64
#define SIGN_USAGES_MAX 16
#define SIGN_OID_MAX    64

struct sign_certificate {
    char subject[SIGN_NAME_MAX]; /* RFC 2253 text, cut at the end */
    char issuer[SIGN_NAME_MAX];
    char serial[SIGN_SERIAL_MAX];  /* hexadecimal */
    struct vf_digest thumbprint;   /* SHA-1 of the certificate, as Windows shows it */
    int64_t not_before, not_after; /* seconds since 1970 */
    bool self_signed;
    unsigned usage_count;
    char usages[SIGN_USAGES_MAX][SIGN_OID_MAX]; /* extended key usages, dotted */
};

enum sign_chain {
    SIGN_CHAIN_UNKNOWN,  /* no roots were given */
    SIGN_CHAIN_TRUSTED,  /* leads to one of them */
    SIGN_CHAIN_UNTRUSTED /* does not; why tells */
};

enum sign_timestamp { SIGN_TIME_NONE, SIGN_TIME_RFC3161, SIGN_TIME_COUNTERSIGNED };

/* A signature nested in an image's first one. */
struct sign_nested {
    bool valid;                 /* as in the report */
    char why[256];              /* why not valid, or not vouched; "" otherwise */
    char algorithm[16];         /* "SHA256" */
    char signer[SIGN_NAME_MAX]; /* subject, RFC 2253 text */
};

struct sign_report {
    enum sign_subject subject;
    bool present;             /* there is a signature; all below means something only then */
    bool valid;               /* it covers exactly this content, the signer's key made it, and
                                 none of those nested in it is wrong */
    char why[256];            /* why not valid, or why the chain is untrusted; "" otherwise */
    char algorithm[16];       /* "SHA256" */
    char name[SIGN_NAME_MAX]; /* program name stated, "" for none */
    enum sign_timestamp timestamp;
    bool timestamp_valid;   /* it is for this signature, and its signer's key made it */
    int64_t timestamp_time; /* seconds since 1970, where valid */
    char timestamp_signer[SIGN_NAME_MAX]; /* subject of the stamp's signer */
    bool timestamp_trusted;     /* leads to a root given; the chain is judged at its time */
    unsigned certificate_count; /* certificates carried */
    struct sign_certificate signer;
    bool vouched; /* the certificate of the signer, and of those of all nested signatures, is signed
                     by itself or by one carried along */
    enum sign_chain chain;
    struct vf_digest stated; /* images: the digest that was signed */
    unsigned nested_count;   /* images: of nested, those judged */
    struct sign_nested nested[SIGN_NESTED_MAX];
};

/* Root certificates to lead a chain to. */
struct sign_roots;
enum vf_code sign_roots_new(struct sign_roots **out, struct vf_err *err);
/* Add every certificate of a PEM file, or the one of a DER file. */
enum vf_code sign_roots_add(struct sign_roots *roots, const char *path, struct vf_err *err);
void sign_roots_free(struct sign_roots *roots);

/*
 * Judge the signature of an image or catalog. roots may be NULL. A broken or wrong signature is not
 * an error but a report with valid false; VF_MALFORMED means that the file itself cannot be read
 * (no image, no catalog).
 */
enum vf_code sign_inspect(struct vf_view file, const struct sign_roots *roots,
                          struct sign_report *out, struct vf_err *err);

#endif
