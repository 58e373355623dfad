/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntos/registry.h"
#include "image/image.h"
#include "ntos/ex.h"
#include "ntos/ob.h"

#define TAG_KEY     0x2079654Bu
#define TABLE_LIMIT 64

/* RtlQueryRegistryValues. */
#define QUERY_SUBKEYS   0x003u
#define QUERY_REQUIRED  0x004u
#define QUERY_NO_VALUE  0x010u
#define QUERY_DIRECT    0x020u
#define QUERY_DELETE    0x040u
#define QUERY_TYPECHECK 0x100u

/* Forms of ZwQueryValueKey. */
enum { VALUE_FULL = 1, VALUE_PARTIAL = 2 };

struct query_entry {
    NTSTATUS(*routine)
    (PWCHAR name, ULONG type, PVOID data, ULONG length, PVOID context, PVOID entry_context);
    ULONG flags;
    PWCHAR name;
    PVOID context;
    ULONG default_type;
    PVOID default_data;
    ULONG default_length;
};
NK_SIZE(struct query_entry, 0x38);
NK_OFFSET(struct query_entry, default_data, 0x28);

bool nk_registry_find(const char *name, struct nk_registry_value *out)
{
    char option[NK_REGISTRY_NAME + 4];
    const char *p;
    ULONG64 number = 0;

    nk_format(option, sizeof(option), "reg.%s", name);
    if (!*name || !nk_option_text(option, out->text, sizeof(out->text)))
        return false;
    for (p = out->text; *p >= '0' && *p <= '9' && number < 1ull << 32; p++)
        number = number * 10 + (ULONG64)(*p - '0');
    out->type = *out->text && !*p && number < 1ull << 32 ? NK_REG_DWORD : NK_REG_SZ;
    out->number = out->type == NK_REG_DWORD ? (ULONG)number : 0;
    return true;
}

static bool find_characters(const WCHAR *name, unsigned length, struct nk_registry_value *out)
{
    char narrow[NK_REGISTRY_NAME];
    unsigned n;

    for (n = 0; n < length && n < sizeof(narrow) - 1; n++)
        narrow[n] = (char)name[n];
    narrow[n] = 0;
    return n == length && nk_registry_find(narrow, out);
}

bool nk_registry_find_wide(const UNICODE_STRING *name, struct nk_registry_value *out)
{
    return find_characters(name->Buffer, name->Length / 2, out);
}

ULONG nk_registry_bytes(const struct nk_registry_value *value, UCHAR out[2 * NK_REGISTRY_TEXT])
{
    WCHAR *wide = (WCHAR *)out;
    ULONG n;

    if (value->type == NK_REG_DWORD) {
        nk_memcpy(out, &value->number, sizeof(value->number));
        return sizeof(value->number);
    }
    for (n = 0; value->text[n]; n++)
        wide[n] = (WCHAR)value->text[n];
    wide[n] = 0;
    return 2 * (n + 1);
}

/* A key: any object will do, for all keys have the same values. */
static NTSTATUS ZwOpenKey(PVOID *handle, ULONG access, PVOID attributes)
{
    void *key;

    if (!attributes)
        nk_report("argument", "no attributes are given");
    if (nk_scarce())
        return STATUS_INSUFFICIENT_RESOURCES;
    key = nk_object_create(sizeof(ULONG64));
    *handle = nk_object_handle(key);
    nk_object_release(key);
    return STATUS_SUCCESS;
}

static NTSTATUS ZwQueryValueKey(PVOID key, const UNICODE_STRING *name, ULONG class, PULONG out,
                                ULONG length, PULONG needed)
{
    UCHAR data[2 * NK_REGISTRY_TEXT];
    struct nk_registry_value value;
    ULONG size, head = class == VALUE_PARTIAL ? 12u : 20u + name->Length;

    if (!nk_resource_find(NK_HANDLE, key) || (class != VALUE_FULL && class != VALUE_PARTIAL))
        nk_report("argument", "no open key, or class %u", class);
    if (!nk_registry_find_wide(name, &value))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    size = nk_registry_bytes(&value, data);
    head = (head + 3) & ~3u;
    *needed = head + size;
    if (length < (class == VALUE_PARTIAL ? 12u : 20u))
        return STATUS_BUFFER_TOO_SMALL;
    out[0] = 0;
    out[1] = value.type;
    if (class == VALUE_PARTIAL) {
        out[2] = size;
    } else {
        out[2] = head; /* where the data lie */
        out[3] = size;
        out[4] = name->Length;
    }
    if (length < *needed)
        return STATUS_BUFFER_OVERFLOW;
    if (class == VALUE_FULL)
        nk_memcpy(out + 5, name->Buffer, name->Length);
    nk_memcpy((UCHAR *)out + head, data, size);
    return STATUS_SUCCESS;
}

/* RtlQueryRegistryValues: a number is stored; a text's buffer is made if there is none. */
static NTSTATUS store(PVOID to, ULONG type, const VOID *data, ULONG length)
{
    UNICODE_STRING *string = to;

    if (type == NK_REG_DWORD) {
        nk_memcpy(to, data, sizeof(ULONG));
        return STATUS_SUCCESS;
    }
    if (!string->Buffer) {
        string->Buffer = nk_pool_alloc(length, TAG_KEY, true);
        string->MaximumLength = (USHORT)length;
    }
    if (!string->Buffer)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (length > string->MaximumLength)
        return STATUS_BUFFER_TOO_SMALL;
    nk_memcpy(string->Buffer, data, length);
    string->Length = (USHORT)(length - 2);
    return STATUS_SUCCESS;
}

static NTSTATUS query_one(const struct query_entry *q, PVOID context)
{
    UCHAR bytes[2 * NK_REGISTRY_TEXT];
    struct nk_registry_value value;
    ULONG type = q->default_type & 0xFFFFFF, length = q->default_length;
    const VOID *data = q->default_data;
    unsigned characters = 0;

    if (q->flags & (QUERY_SUBKEYS | QUERY_NO_VALUE | QUERY_DELETE) || !q->name)
        nk_report("unsupported", "an entry with flags %x or without a name", q->flags);
    while (q->name[characters] && characters < NK_REGISTRY_NAME)
        characters++;
    if (find_characters(q->name, characters, &value)) {
        length = nk_registry_bytes(&value, bytes);
        type = value.type;
        data = bytes;
        if (q->flags & QUERY_TYPECHECK && type != q->default_type >> 24)
            return STATUS_OBJECT_TYPE_MISMATCH;
    } else if (q->flags & QUERY_REQUIRED) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    } else if (!type) {
        return STATUS_SUCCESS;
    }
    if (q->flags & QUERY_DIRECT)
        return store(q->context, type, data, length);
    return NK_CALL("registry query routine",
                   q->routine(q->name, type, (PVOID)(ULONG64)data, length, context, q->context));
}

static NTSTATUS RtlQueryRegistryValues(ULONG relative, const WCHAR *path,
                                       const struct query_entry *table, PVOID context,
                                       PVOID environment)
{
    NTSTATUS status = STATUS_SUCCESS;
    unsigned n;

    for (n = 0; n < TABLE_LIMIT && (table[n].routine || table[n].name); n++) {
        status = query_one(&table[n], context);
        if (!NT_SUCCESS(status))
            break;
    }
    return status;
}

static const struct nk_export registry_entries[] = {
    NK_EXPORT(ZwOpenKey, PASSIVE_LEVEL),
    NK_EXPORT(ZwQueryValueKey, PASSIVE_LEVEL),
    NK_EXPORT(RtlQueryRegistryValues, PASSIVE_LEVEL),
};
NK_EXPORT_TABLE(nk_registry_exports, "ntoskrnl.exe", registry_entries);
