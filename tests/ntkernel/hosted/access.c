// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Loads and stores: what compilers make of a volatile access, the instructions mov and movzx (Intel
 * SDM volume 2, 2.1 and appendix A). The address comes from the fault, so that of the operand only
 * the length matters.
 */
#include "tests/ntkernel/hosted/access.h"

#include <stdint.h>
#include <string.h>

#define ERROR_FETCH 16

enum { REX_B = 1, REX_R = 4, REX_W = 8 };

/* In the order of the encoding. */
static const int registers[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                  REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                  REG_R12, REG_R13, REG_R14, REG_R15};

struct move {
    unsigned width, length;
    bool store, from_immediate, extends;
    greg_t *operand; /* the register */
    unsigned shift;  /* 8 for ah to bh */
    uint64_t immediate;
};

/* Bytes of ModRM, SIB and displacement. */
static unsigned operand_length(const uint8_t *p)
{
    unsigned mode = p[0] >> 6, base = p[0] & 7, length = 1;

    if (base == 4) {
        base = p[1] & 7;
        length++;
    }
    if (mode == 1)
        return length + 1;
    return length + (mode == 2 || base == 5 ? 4 : 0);
}

static void choose_register(struct move *m, greg_t *r, uint8_t modrm, unsigned rex)
{
    unsigned number = (modrm >> 3 & 7u) | (rex & REX_R ? 8u : 0);

    if (m->width == 1 && !m->extends && !rex && number >= 4) {
        number -= 4;
        m->shift = 8;
    }
    m->operand = &r[registers[number]];
}

static const uint8_t *instruction(const greg_t *r)
{
    const uint8_t *p;

    memcpy(&p, &r[REG_RIP], sizeof(p));
    return p;
}

static bool decode(struct move *m, greg_t *r, const uint8_t *p)
{
    const uint8_t *start = p;
    bool word = false;
    unsigned rex = 0, wide;

    *m = (struct move){0};
    if (*p == 0x66) {
        word = true;
        p++;
    }
    if ((*p & 0xF0) == 0x40)
        rex = *p++;
    wide = rex & REX_W ? 8 : word ? 2 : 4;
    switch (*p++) {
    case 0x88:
    case 0xC6:
        m->store = true;
        m->width = 1;
        break;
    case 0x89:
    case 0xC7:
        m->store = true;
        m->width = wide;
        break;
    case 0x8A:
        m->width = 1;
        break;
    case 0x8B:
        m->width = wide;
        break;
    case 0x0F:
        if ((*p != 0xB6 && *p != 0xB7) || word)
            return false;
        m->extends = true;
        m->width = *p++ == 0xB6 ? 1 : 2;
        break;
    default:
        return false;
    }
    m->from_immediate = m->store && p[-1] >= 0xC6;
    choose_register(m, r, *p, rex);
    p += operand_length(p);
    if (m->from_immediate) {
        unsigned size = m->width == 8 ? 4 : m->width;

        memcpy(&m->immediate, p, size);
        p += size;
    }
    m->length = (unsigned)(p - start);
    return true;
}

static void load(const struct move *m, uint64_t value)
{
    uint64_t mask = m->width == 1 ? 0xFF : 0xFFFF;

    if (m->extends || m->width >= 4)
        *m->operand = (greg_t)value;
    else
        *m->operand = (greg_t)(((uint64_t)*m->operand & ~(mask << m->shift)) | value << m->shift);
}

bool access_register(greg_t *r, os_word address)
{
    os_word physical = kernel_physical(address), value = 0;
    bool trapped = false;
    struct move m;

    if (physical == ~0ull || physical < OS_RAM_SIZE || r[REG_ERR] & ERROR_FETCH ||
        !device_page(physical & ~(os_word)(OS_PAGE - 1), &trapped) || !trapped ||
        !decode(&m, r, instruction(r)))
        return false;
    if (m.store) {
        value = m.from_immediate ? m.immediate : (os_word)*m.operand >> m.shift;
        if (m.width < 8)
            value &= (1ull << 8 * m.width) - 1;
        device_write(physical, m.width, value);
    } else {
        value = device_read(physical, m.width);
        if (m.width < 8)
            value &= (1ull << 8 * m.width) - 1;
        load(&m, value);
    }
    r[REG_RIP] += m.length;
    return true;
}

bool access_cr8(greg_t *r)
{
    const uint8_t *p = instruction(r);
    uint8_t irql;

    if ((p[0] & 0xFE) != 0x44 || p[1] != 0x0F || p[2] != 0x20 || (p[3] & 0xF8) != 0xC0)
        return false;
    __asm__("movb %%gs:0x50, %0" : "=q"(irql));
    r[registers[(p[3] & 7) | (p[0] & REX_B) << 3]] = irql;
    r[REG_RIP] += 4;
    return true;
}
