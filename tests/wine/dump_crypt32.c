/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dump_crypt32.exe CATALOG OUTPUT: the list of a catalog as crypt32 and wintrust decode it. Exit
 * status 1 where they refuse it.
 */
#include <windows.h>

#include <wincrypt.h>
#include <wintrust.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENCODING       (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)
#define FILE_MAX       (16u << 20)
#define TEXT_ROOM      65536
#define OID_MEMBERS_V1 "1.3.6.1.4.1.311.12.1.2"
#define OID_MEMBERS_V2 "1.3.6.1.4.1.311.12.1.3"
#define OID_INFO_V2    "1.3.6.1.4.1.311.12.2.3"
#define OID_STATEMENT  "1.3.6.1.4.1.311.2.1.4"
#define OID_IMAGE      "1.3.6.1.4.1.311.2.1.15"
#define OID_CABINET    "1.3.6.1.4.1.311.2.1.28"
#define OID_SHA1       "1.3.14.3.2.26"
#define GUID_IMAGE     L"{C689AAB8-8E78-11D0-8C47-00C04FC295EE}"
#define TICKS_TO_1970  116444736000000000ll
#define TICKS_A_SECOND 10000000ll
#define V1_SHA1        82  /* bytes: 40 digits as UTF-16, with NUL */
#define V1_SHA256      130 /* and 64 */

static FILE *out;

static void print_wide(const WCHAR *text)
{
    static char utf8[4 * TEXT_ROOM];

    WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof(utf8), NULL, NULL);
    fputs(utf8, out);
}

static void print_hex(const BYTE *data, DWORD size)
{
    for (DWORD i = 0; i < size; i++)
        fprintf(out, "%02x", data[i]);
}

/* A decoded structure, to be freed with LocalFree; NULL where it is none. */
static void *decode(LPCSTR type, const BYTE *data, DWORD size)
{
    void *decoded = NULL;
    DWORD decoded_size = 0;

    if (!CryptDecodeObjectEx(ENCODING, type, data, size, CRYPT_DECODE_ALLOC_FLAG, NULL, &decoded,
                             &decoded_size))
        return NULL;
    return decoded;
}

static void print_value(const char *indent, const CRYPT_DATA_BLOB *der)
{
    CAT_NAMEVALUE *value = decode(CAT_NAMEVALUE_STRUCT, der->pbData, der->cbData);

    if (!value) {
        fprintf(out, "%svalue refused\n", indent);
        return;
    }
    fprintf(out, "%svalue ", indent);
    print_wide(value->pwszTag);
    fprintf(out, " %lx ", (unsigned long)value->fdwFlags);
    print_wide((const WCHAR *)value->Value.pbData);
    fputc('\n', out);
    LocalFree(value);
}

static void print_statement(const CRYPT_DATA_BLOB *der)
{
    SPC_INDIRECT_DATA_CONTENT *statement =
        decode(SPC_INDIRECT_DATA_CONTENT_STRUCT, der->pbData, der->cbData);

    if (!statement) {
        fputs(" statement refused\n", out);
        return;
    }
    fprintf(out, " statement %s %s ",
            strcmp(statement->Data.pszObjId, OID_IMAGE) == 0     ? "image"
            : strcmp(statement->Data.pszObjId, OID_CABINET) == 0 ? "cabinet"
                                                                 : "file",
            strcmp(statement->DigestAlgorithm.pszObjId, OID_SHA1) == 0 ? "sha1" : "sha256");
    print_hex(statement->Digest.pbData, statement->Digest.cbData);
    fputc('\n', out);
    LocalFree(statement);
}

static void print_info(const char *oid, const CRYPT_DATA_BLOB *der)
{
    if (strcmp(oid, OID_INFO_V2) == 0) {
        static const char *const kinds[] = {"image", "cabinet", "file"};
        unsigned tag = der->cbData ? der->pbData[0] & 0x7fu : 3;
        fprintf(out, " info %s\n", tag < 3 ? kinds[tag] : "unknown");
        return;
    }
    CAT_MEMBERINFO *info = decode(CAT_MEMBERINFO_STRUCT, der->pbData, der->cbData);
    if (!info) {
        fputs(" info refused\n", out);
        return;
    }
    fprintf(out, " info %s\n", wcscmp(info->pwszSubjGuid, GUID_IMAGE) == 0 ? "image" : "file");
    LocalFree(info);
}

/* One pass for each kind of attribute, so that their order in the file does not matter. */
static void print_attributes(const CTL_ENTRY *entry)
{
    for (int pass = 0; pass < 3; pass++) {
        for (DWORD i = 0; i < entry->cAttribute; i++) {
            const CRYPT_ATTRIBUTE *attribute = &entry->rgAttribute[i];
            const char *oid = attribute->pszObjId;
            if (!attribute->cValue)
                continue;
            if (pass == 0 && strcmp(oid, CAT_NAMEVALUE_OBJID) == 0)
                print_value(" ", attribute->rgValue);
            else if (pass == 1 && strcmp(oid, OID_STATEMENT) == 0)
                print_statement(attribute->rgValue);
            else if (pass == 2 &&
                     (strcmp(oid, CAT_MEMBERINFO_OBJID) == 0 || strcmp(oid, OID_INFO_V2) == 0))
                print_info(oid, attribute->rgValue);
        }
    }
}

static void print_identifier(const CRYPT_DATA_BLOB *identifier)
{
    fputs("entry ", out);
    if (identifier->cbData == V1_SHA1 || identifier->cbData == V1_SHA256) {
        for (DWORD i = 0; i + 2 < identifier->cbData; i += 2)
            fputc(identifier->pbData[i] | (identifier->pbData[i] >= 'A' ? 0x20 : 0), out);
    } else {
        print_hex(identifier->pbData, identifier->cbData);
    }
    fputc('\n', out);
}

static void print_list(const CTL_INFO *list)
{
    const char *algorithm = list->SubjectAlgorithm.pszObjId;
    long long ticks =
        ((long long)list->ThisUpdate.dwHighDateTime << 32) | list->ThisUpdate.dwLowDateTime;

    fprintf(out, "version %s\nid ",
            strcmp(algorithm, OID_MEMBERS_V1) == 0   ? "1"
            : strcmp(algorithm, OID_MEMBERS_V2) == 0 ? "2"
                                                     : algorithm);
    print_hex(list->ListIdentifier.pbData, list->ListIdentifier.cbData);
    fprintf(out, "\ntime %lld\n", (ticks - TICKS_TO_1970) / TICKS_A_SECOND);
    for (DWORD i = 0; i < list->cExtension; i++)
        print_value("", &list->rgExtension[i].Value);
    for (DWORD i = 0; i < list->cCTLEntry; i++) {
        print_identifier(&list->rgCTLEntry[i].SubjectIdentifier);
        print_attributes(&list->rgCTLEntry[i]);
    }
}

int main(int argc, char **argv)
{
    static BYTE file[FILE_MAX];

    if (argc != 3)
        return 2;
    FILE *in = fopen(argv[1], "rb");
    out = fopen(argv[2], "wb");
    if (!in || !out)
        return 2;
    DWORD size = (DWORD)fread(file, 1, sizeof(file), in);
    fclose(in);
    PCCTL_CONTEXT context = CertCreateCTLContext(ENCODING, file, size);
    int status = context == NULL;
    if (context) {
        print_list(context->pCtlInfo);
        CertFreeCTLContext(context);
    } else {
        fprintf(out, "error %lx\n", (unsigned long)GetLastError());
    }
    return fclose(out) == 0 ? status : 2;
}
