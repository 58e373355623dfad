/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text formatting with Windows' length modifiers (long has 32 bits), and the memory primitives the
 * compiler may call. */
#include "nk.h"

void *memcpy(void *dest, const void *src, size_t size);
void *memmove(void *dest, const void *src, size_t size);
void *memset(void *dest, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

void *memcpy(void *dest, const void *src, size_t size)
{
    void *to = dest;
    size_t words = size / 8, bytes = size % 8;

    /* TCG runs string instructions one step at a time, so the steps are large ones */
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(src), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(bytes) : : "memory");
    return dest;
}

void *memmove(void *dest, const void *src, size_t size)
{
    UCHAR *to = (UCHAR *)dest + size;
    const UCHAR *from = (const UCHAR *)src + size;

    if ((ULONG_PTR)dest - (ULONG_PTR)src >= size)
        return memcpy(dest, src, size);
    while (size--)
        *--to = *--from;
    return dest;
}

void *memset(void *dest, int value, size_t size)
{
    void *to = dest;
    size_t words = size / 8, bytes = size % 8;
    ULONG64 eight = (UCHAR)value * 0x0101010101010101ull;

    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(eight) : "memory");
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(eight) : "memory");
    return dest;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const UCHAR *x = a, *y = b;

    for (; size >= 8 && *(const ULONG64 *)x == *(const ULONG64 *)y; size -= 8) {
        x += 8;
        y += 8;
    }
    for (; size; size--, x++, y++) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}

void *nk_memset(void *dest, int value, size_t size)
{
    return memset(dest, value, size);
}

void *nk_memcpy(void *dest, const void *src, size_t size)
{
    return memmove(dest, src, size);
}

int nk_memcmp(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size);
}

size_t nk_strlen(const char *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

bool nk_streq(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool nk_streq_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

struct sink {
    char *out;
    size_t size, length;
    bool cut;
};

static void put(struct sink *s, char c)
{
    if (s->length + 1 < s->size)
        s->out[s->length++] = c;
    else
        s->cut = true;
}

struct spec {
    bool left, plus, alternate, zero;
    int width, precision; /* precision < 0: none */
    int bytes;            /* size of an integer argument */
    bool wide;
};

static void put_padded(struct sink *s, const struct spec *f, const char *prefix, const char *text,
                       size_t length)
{
    size_t before = nk_strlen(prefix), pad = 0;

    if (f->width > 0 && (size_t)f->width > length + before)
        pad = (size_t)f->width - length - before;
    if (!f->left && !f->zero)
        for (; pad; pad--)
            put(s, ' ');
    while (*prefix)
        put(s, *prefix++);
    if (!f->left)
        for (; pad; pad--)
            put(s, '0');
    while (length--)
        put(s, *text++);
    for (; pad; pad--)
        put(s, ' ');
}

static void put_number(struct sink *s, const struct spec *f, ULONG64 value, bool negative,
                       unsigned base, bool upper)
{
    char digits[64];
    size_t at = sizeof(digits);
    const char *prefix = negative ? "-" : f->plus ? "+" : "";

    if (base == 16 && f->alternate && value)
        prefix = upper ? "0X" : "0x";
    while (value || at == sizeof(digits)) {
        digits[--at] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[value % base];
        value /= base;
    }
    while (f->precision > 0 && (int)(sizeof(digits) - at) < f->precision && at)
        digits[--at] = '0';
    put_padded(s, f, prefix, digits + at, sizeof(digits) - at);
}

static void put_text(struct sink *s, struct spec *f, const char *text)
{
    size_t length = 0;

    if (!text)
        text = "(null)";
    while ((f->precision < 0 || (int)length < f->precision) && text[length])
        length++;
    f->zero = false;
    put_padded(s, f, "", text, length);
}

static void put_wide(struct sink *s, const struct spec *f, const WCHAR *text, size_t limit)
{
    size_t n;

    for (n = 0; text && n < limit && (f->precision < 0 || (int)n < f->precision) && text[n]; n++)
        put(s, text[n] < 128 ? (char)text[n] : '?');
}

static const char *parse_spec(const char *p, struct spec *f, va_list *args)
{
    *f = (struct spec){.precision = -1, .bytes = 4};
    for (;; p++) {
        if (*p == '-')
            f->left = true;
        else if (*p == '+')
            f->plus = true;
        else if (*p == '#')
            f->alternate = true;
        else if (*p == '0')
            f->zero = true;
        else if (*p != ' ')
            break;
    }
    if (*p == '*') {
        f->width = va_arg(*args, int);
        p++;
    }
    for (; *p >= '0' && *p <= '9' && f->width < 1000; p++)
        f->width = f->width * 10 + (*p - '0');
    if (*p == '.') {
        f->precision = 0;
        if (*++p == '*') {
            f->precision = va_arg(*args, int);
            p++;
        }
        for (; *p >= '0' && *p <= '9' && f->precision < 1000; p++)
            f->precision = f->precision * 10 + (*p - '0');
    }
    if (f->left)
        f->zero = false;
    if (p[0] == 'I' && p[1] == '6' && p[2] == '4') {
        f->bytes = 8;
        return p + 3;
    }
    if (p[0] == 'I' && p[1] == '3' && p[2] == '2')
        return p + 3;
    if (p[0] == 'l' && p[1] == 'l') {
        f->bytes = 8;
        return p + 2;
    }
    if (p[0] == 'h' && p[1] == 'h') {
        f->bytes = 1;
        return p + 2;
    }
    if (*p == 'h')
        f->bytes = 2;
    else if (*p == 'I' || *p == 'z')
        f->bytes = 8;
    else if (*p == 'l' || *p == 'w')
        f->wide = true;
    else
        return p;
    return p + 1;
}

static LONG64 sign_extend(ULONG64 value, int bytes)
{
    unsigned shift = 64 - 8 * (unsigned)bytes;

    return (LONG64)(value << shift) >> shift;
}

static void put_argument(struct sink *s, struct spec *f, char conversion, va_list *args)
{
    ULONG64 value;
    LONG64 number;
    const UNICODE_STRING *string;

    switch (conversion) {
    case 'd':
    case 'i':
        number = sign_extend(va_arg(*args, ULONG64), f->bytes);
        put_number(s, f, (ULONG64)(number < 0 ? -number : number), number < 0, 10, false);
        break;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        value = va_arg(*args, ULONG64);
        if (f->bytes < 8)
            value &= (1ull << (8 * f->bytes)) - 1;
        put_number(s, f, value, false,
                   conversion == 'u'   ? 10
                   : conversion == 'o' ? 8
                                       : 16,
                   conversion == 'X');
        break;
    case 'p':
        f->precision = 16;
        put_number(s, f, va_arg(*args, ULONG64), false, 16, true);
        break;
    case 'c':
    case 'C':
        put(s, (char)va_arg(*args, int));
        break;
    case 's':
    case 'S':
        if (f->wide != (conversion == 'S'))
            put_wide(s, f, va_arg(*args, const WCHAR *), 1024);
        else
            put_text(s, f, va_arg(*args, const char *));
        break;
    case 'Z':
        string = va_arg(*args, const UNICODE_STRING *);
        if (string)
            put_wide(s, f, string->Buffer, string->Length / 2);
        break;
    default:
        put(s, conversion);
        break;
    }
}

int nk_vformat(char *out, size_t size, const char *format, va_list args)
{
    struct sink s = {.out = out, .size = size};
    struct spec f;

    for (; *format; format++) {
        if (*format != '%') {
            put(&s, *format);
            continue;
        }
        format = parse_spec(format + 1, &f, &args);
        if (!*format)
            break;
        put_argument(&s, &f, *format, &args);
    }
    out[s.length] = 0;
    return s.cut ? -1 : (int)s.length;
}

int nk_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = nk_vformat(out, size, format, args);
    va_end(args);
    return length;
}
