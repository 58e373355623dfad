// SPDX-License-Identifier: BSD-3-Clause
//
// The four functions a compiler calls without being asked, for copying and clearing structures.
// They move whole words, which all three machines do at any alignment in ordinary memory; they are
// not for device registers.

#include <stddef.h>
#include <stdint.h>

typedef uintptr_t __attribute__((may_alias, aligned(1))) rt_word;

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

static void copy_up(unsigned char *to, const unsigned char *from, size_t n)
{
    for (; n >= sizeof(rt_word); n -= sizeof(rt_word)) {
        *(rt_word *)to = *(const rt_word *)from;
        to += sizeof(rt_word);
        from += sizeof(rt_word);
    }
    while (n-- > 0)
        *to++ = *from++;
}

static void copy_down(unsigned char *to, const unsigned char *from, size_t n)
{
    to += n;
    from += n;
    for (; n >= sizeof(rt_word); n -= sizeof(rt_word)) {
        to -= sizeof(rt_word);
        from -= sizeof(rt_word);
        *(rt_word *)to = *(const rt_word *)from;
    }
    while (n-- > 0)
        *--to = *--from;
}

void *memcpy(void *to, const void *from, size_t n)
{
    copy_up(to, from, n);
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    if ((uintptr_t)to - (uintptr_t)from >= n)
        copy_up(to, from, n);
    else
        copy_down(to, from, n);
    return to;
}

void *memset(void *to, int c, size_t n)
{
    unsigned char *p = to;
    rt_word word = (uintptr_t)(unsigned char)c * (UINTPTR_MAX / 0xff);

    for (; n >= sizeof(rt_word); n -= sizeof(rt_word)) {
        *(rt_word *)p = word;
        p += sizeof(rt_word);
    }
    while (n-- > 0)
        *p++ = (unsigned char)c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *p = a;
    const unsigned char *q = b;

    for (; n > 0; n--, p++, q++) {
        if (*p != *q)
            return *p - *q;
    }
    return 0;
}
