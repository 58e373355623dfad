/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small bridges between OpenSSL's ways and this project's. */
#include "builder/sign/sign_private.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>

/* the analyser's stand-in is for callers */
#undef sign_fail_openssl

enum vf_code sign_fail_openssl(struct vf_err *err, enum vf_code code, const char *format, ...)
{
    char text[VF_ERR_TEXT_MAX / 2];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    vf_fail(err, code, reason ? "%s: %s" : "%s", text, reason);
    ERR_clear_error();
    return code;
}

bool sign_contents(struct vf_view element, struct vf_view *out)
{
    const unsigned char *p = element.data;
    long size;
    int tag, class;

    if (element.size > LONG_MAX)
        return false;
    int form = ASN1_get_object(&p, &size, &tag, &class, (long)element.size);
    if (form & 0x80) {
        ERR_clear_error();
        return false;
    }
    size_t header = (size_t)(p - element.data);
    if (form & 1) { /* indefinite length: two zero bytes end it */
        if (element.size - header < 2)
            return false;
        return vf_view_sub(element, header, element.size - header - 2, out);
    }
    return vf_view_sub(element, header, (uint64_t)size, out);
}

enum vf_code sign_append_der(unsigned char *data, int size, struct vf_buf *out, struct vf_err *err)
{
    if (size < 0)
        return sign_fail_openssl(err, VF_IO, "cannot encode a signature structure");
    vf_buf_append(out, data, (size_t)size);
    OPENSSL_free(data);
    return vf_buf_ok(out) ? VF_OK : vf_fail_memory(err);
}

bool sign_is_oid(const ASN1_OBJECT *object, const char *oid)
{
    char text[128];
    int size = OBJ_obj2txt(text, sizeof(text), object, 1);

    return size > 0 && (size_t)size < sizeof(text) && strcmp(text, oid) == 0;
}
