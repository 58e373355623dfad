/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "tests/unit/sign_fixture.h"
#include "util/file.h"
#include "util/outfile.h"

#define NO_PASSPHRASE ((struct sign_passphrase){-1})

static void written_directory_can_be_loaded(void **state)
{
    struct sign_key *loaded;
    struct stat status;
    char subject[64];
    assert_int_equal(sign_key_write_dir(*state, "made", true, NULL), VF_OK);
    assert_int_equal(stat("made/test.key", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(
        sign_key_load_pem("made/test.key", "made/test.pem", NO_PASSPHRASE, &loaded, NULL), VF_OK);
    sign_key_subject(loaded, subject, sizeof(subject));
    assert_string_equal(subject, "CN=unit test");
    sign_key_free(loaded);
}

static void existing_directory_is_not_replaced_unasked(void **state)
{
    assert_int_equal(sign_key_write_dir(*state, "made", true, NULL), VF_OK);
    assert_int_equal(sign_key_write_dir(*state, "made", false, NULL), VF_USAGE);
}

static void one_key_always_gets_the_same_certificate(void **state)
{
    struct vf_buf first = VF_BUF_INIT, second = VF_BUF_INIT;
    assert_int_equal(sign_key_write_dir(*state, "made", true, NULL), VF_OK);
    for (int i = 0; i < 2; i++) {
        struct sign_key *key;
        assert_int_equal(
            sign_key_make_for("made/test.key", NO_PASSPHRASE, "again", 1700000000, &key, NULL),
            VF_OK);
        assert_int_equal(sign_key_certificate_der(key, i ? &second : &first, NULL), VF_OK);
        sign_key_free(key);
    }
    assert_true(vf_view_equal(vf_view_of(&first), vf_view_of(&second)));
    vf_buf_free(&first);
    vf_buf_free(&second);
}

static void foreign_certificate_is_refused(void **state)
{
    struct sign_key *other, *loaded;
    struct vf_err err;
    assert_int_equal(sign_key_write_dir(*state, "made", true, NULL), VF_OK);
    assert_int_equal(sign_key_make("other", 1700000000, &other, NULL), VF_OK);
    assert_int_equal(sign_key_write_dir(other, "other", true, NULL), VF_OK);
    assert_int_equal(
        sign_key_load_pem("made/test.key", "other/test.pem", NO_PASSPHRASE, &loaded, &err),
        VF_POLICY);
    assert_non_null(strstr(err.text, "other/test.pem"));
    sign_key_free(other);
}

/* A descriptor from which the text can be read. */
static int pipe_with(const char *text)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    return ends[0];
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(key);
    return key;
}

static void encrypted_key_takes_its_passphrase_from_the_descriptor(void **state)
{
    struct sign_key *loaded;
    assert_int_equal(sign_key_write_dir(*state, "made", true, NULL), VF_OK);
    EVP_PKEY *key = read_key("made/test.key");
    FILE *file = fopen("locked.key", "w");
    assert_non_null(file);
    assert_int_equal(
        PEM_write_PKCS8PrivateKey(file, key, EVP_aes_256_cbc(), "secret", 6, NULL, NULL), 1);
    fclose(file);
    EVP_PKEY_free(key);

    struct sign_passphrase right = {pipe_with("secret\nrest")}, wrong = {pipe_with("guess\n")};
    assert_int_equal(sign_key_load_pem("locked.key", "made/test.pem", right, &loaded, NULL), VF_OK);
    sign_key_free(loaded);
    struct vf_err err;
    assert_int_equal(sign_key_load_pem("locked.key", "made/test.pem", wrong, &loaded, &err),
                     VF_POLICY);
    assert_non_null(strstr(err.text, "locked.key"));
    char rest[8] = "";
    assert_int_equal(read(right.fd, rest, sizeof(rest)), 4);
    assert_string_equal(rest, "rest");
    close(right.fd);
    close(wrong.fd);
}

static void pkcs12_is_loaded_with_its_passphrase(void **state)
{
    struct sign_key *loaded;
    assert_int_equal(sign_key_write_dir(*state, "made", true, NULL), VF_OK);
    EVP_PKEY *key = read_key("made/test.key");
    FILE *file = fopen("made/test.pem", "r");
    assert_non_null(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    PKCS12 *container = PKCS12_create("secret", "unit test", key, certificate, NULL, 0, 0, 0, 0, 0);
    assert_non_null(container);
    file = fopen("made.p12", "w");
    assert_non_null(file);
    assert_int_equal(i2d_PKCS12_fp(file, container), 1);
    fclose(file);
    PKCS12_free(container);
    X509_free(certificate);
    EVP_PKEY_free(key);

    struct sign_passphrase right = {pipe_with("secret")}, wrong = {pipe_with("guess")};
    assert_int_equal(sign_key_load_pkcs12("made.p12", right, &loaded, NULL), VF_OK);
    sign_key_free(loaded);
    assert_int_equal(sign_key_load_pkcs12("made.p12", wrong, &loaded, NULL), VF_POLICY);
    assert_int_equal(sign_key_load_pkcs12("made/test.pem", wrong, &loaded, NULL), VF_MALFORMED);
    close(right.fd);
    close(wrong.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_directory_can_be_loaded),
        cmocka_unit_test(existing_directory_is_not_replaced_unasked),
        cmocka_unit_test(one_key_always_gets_the_same_certificate),
        cmocka_unit_test(foreign_certificate_is_refused),
        cmocka_unit_test(encrypted_key_takes_its_passphrase_from_the_descriptor),
        cmocka_unit_test(pkcs12_is_loaded_with_its_passphrase),
    };
    return cmocka_run_group_tests(tests, sign_fixture_setup, sign_fixture_teardown);
}
