/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directory that "sign test-cert" makes: key, certificate in two forms, script for Windows. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder/sign/key.h"
#include "util/file.h"
#include "util/outfile.h"

/* For the test machine; cmd.exe wants CR LF. */
static const char trust_script[] =
    "@echo off\r\n"
    "rem Make this Windows accept drivers signed with the certificate test.cer beside this "
    "file.\r\n"
    "rem For test machines only: run as administrator, Secure Boot switched off, then restart.\r\n"
    "certutil -f -addstore Root \"%~dp0test.cer\" || exit /b 1\r\n"
    "certutil -f -addstore TrustedPublisher \"%~dp0test.cer\" || exit /b 1\r\n"
    "bcdedit /set testsigning on || exit /b 1\r\n"
    "echo Restart Windows for test signing to take effect.\r\n";

/* A file that only its owner may read, in a directory nobody else knows yet. */
static enum vf_code write_private(const char *path, struct vf_view content, struct vf_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return vf_fail_errno(err, errno, "cannot create %s", path);
    size_t done = 0;
    int failed = 0;
    while (!failed && content.data && done < content.size) {
        ssize_t wrote = write(fd, content.data + done, content.size - done);
        if (wrote < 0)
            failed = errno == EINTR ? 0 : errno;
        else
            done += (size_t)wrote;
    }
    if (!failed && fsync(fd) != 0)
        failed = errno;
    if (close(fd) != 0 && !failed)
        failed = errno;
    return failed ? vf_fail_errno(err, failed, "cannot write %s", path) : VF_OK;
}

static enum vf_code encode_script(const struct sign_key *key, struct vf_buf *out,
                                  struct vf_err *err)
{
    (void)key;
    vf_buf_append_text(out, trust_script);
    return vf_buf_ok(out) ? VF_OK : vf_fail_memory(err);
}

static const struct entry {
    const char *name;
    enum vf_code (*encode)(const struct sign_key *key, struct vf_buf *out, struct vf_err *err);
    bool private;
} entries[] = {
    {"test.key", sign_key_pem, true},
    {"test.pem", sign_key_certificate_pem, false},
    {"test.cer", sign_key_certificate_der, false},
    {"trust.cmd", encode_script, false},
};

static enum vf_code write_entry(const struct entry *entry, const char *dir,
                                const struct sign_key *key, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;

    char *path = vf_path_join(dir, entry->name);
    if (!path)
        return vf_fail_memory(err);
    enum vf_code code = entry->encode(key, &content, err);
    if (!code)
        code = entry->private ? write_private(path, vf_view_of(&content), err)
                              : vf_out_file(path, false, vf_view_of(&content), err);
    if (content.data)
        explicit_bzero(content.data, content.size);
    vf_buf_free(&content);
    free(path);
    return code;
}

enum vf_code sign_key_write_dir(const struct sign_key *key, const char *path, bool force,
                                struct vf_err *err)
{
    struct vf_outdir *dir;

    enum vf_code code = vf_outdir_open(path, force, &dir, err);
    if (code)
        return code;
    for (size_t i = 0; !code && i < sizeof(entries) / sizeof(entries[0]); i++)
        code = write_entry(&entries[i], vf_outdir_path(dir), key, err);
    if (!code)
        return vf_outdir_commit(dir, err);
    vf_outdir_abort(dir);
    return code;
}
