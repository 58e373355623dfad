/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing names and reading numbers as Windows does in INF files, whatever the locale. */
#include "inf/inf.h"

#include <string.h>

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool inf_name_begins(const char *text, const char *prefix)
{
    while (*prefix)
        if (lower(*text++) != lower(*prefix++))
            return false;
    return true;
}

bool inf_name_equal(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

bool inf_name_ends(const char *text, const char *suffix)
{
    size_t size = strlen(text), tail = strlen(suffix);
    return tail <= size && inf_name_equal(text + size - tail, suffix);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

bool inf_number(const char *text, int64_t *number)
{
    uint64_t value = 0, base = 10;
    bool negative;

    text += strspn(text, " \t");
    negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (text[0] == '0' && lower(text[1]) == 'x') {
        base = 16;
        text += 2;
    }
    const char *first = text;
    for (; (uint64_t)digit_of(*text) < base; text++)
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit_of(*text), &value))
            return false;
    bool any = text != first;
    text += strspn(text, " \t");
    if (!any || *text || value > INT64_MAX)
        return false;
    *number = negative ? -(int64_t)value : (int64_t)value;
    return true;
}
