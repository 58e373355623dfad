// SPDX-License-Identifier: GPL-3.0-or-later
//
// Loads and stores that nthost carries out against the device: widths, registers, lengths. The
// bytes are those an assembler makes of the instruction beside them.

#include "tests/ntkernel/hosted/access.h"
#include "tests/unit/unit.h"

#include <stdint.h>

enum { REGISTERS = OS_RAM_SIZE + 0x14 };

static os_word written;
static unsigned written_width, read_width;

KERNEL_CALL os_word kernel_physical(os_word va)
{
    return va;
}

os_word device_page(os_word physical, bool *trapped)
{
    *trapped = true;
    return physical;
}

os_word device_read(os_word physical, unsigned width)
{
    (void)physical;
    read_width = width;
    return 0x8877665544332211u;
}

void device_write(os_word physical, unsigned width, os_word value)
{
    (void)physical;
    written = value;
    written_width = width;
}

static const struct row {
    const char *code;
    unsigned length, width;
    int target; // of a load
    uint64_t result;
} loads[] = {
    {"\x8b\x01", 2, 4, REG_RAX, 0x44332211},                     // mov eax, [rcx]
    {"\x66\x8b\x41\x14", 4, 2, REG_RAX, 0xaaaaaaaaaaaa2211},     // mov ax, [rcx+20]
    {"\x8a\x61\x14", 3, 1, REG_RAX, 0xaaaaaaaaaaaa11aa},         // mov ah, [rcx+20]
    {"\x44\x8a\x41\x14", 4, 1, REG_R8, 0xaaaaaaaaaaaaaa11},      // mov r8b, [rcx+20]
    {"\x0f\xb6\x81\x14\x00\x00\x00", 7, 1, REG_RAX, 0x11},       // movzx eax, byte
    {"\x44\x0f\xb7\x0c\x11", 5, 2, REG_R9, 0x2211},              // movzx r9d, word
    {"\x8b\x04\x25\x14\x00\x00\x00", 7, 4, REG_RAX, 0x44332211}, // mov eax, [20]
    {"\x8b\x05\x14\x00\x00\x00", 6, 4, REG_RAX, 0x44332211},     // mov eax, [rip+20]
    {"\x48\x8b\x01", 3, 8, REG_RAX, 0x8877665544332211},         // mov rax, [rcx]
};

static const struct row stores[] = {
    {"\x89\x01", 2, 4, 0, 0xaaaaaaaa},         // mov [rcx], eax
    {"\x66\x89\x41\x14", 4, 2, 0, 0xaaaa},     // mov [rcx+20], ax
    {"\xc6\x41\x14\x0f", 4, 1, 0, 0x0f},       // mov byte [rcx+20], 15
    {"\x66\xc7\x01\x34\x12", 5, 2, 0, 0x1234}, // mov word [rcx], 0x1234
    {"\xc7\x84\x24\x14\x00\x00\x00\x78\x56\x34\x12", 11, 4, 0, 0x12345678}, // mov dword [rsp+20]
};

static bool run(const struct row *row, greg_t *r)
{
    for (int n = 0; n < NGREG; n++)
        r[n] = (greg_t)0xaaaaaaaaaaaaaaaau;
    r[REG_RIP] = (greg_t)(uintptr_t)row->code;
    r[REG_ERR] = 4;
    return access_register(r, REGISTERS);
}

static void loads_change_what_they_load(void **state)
{
    gregset_t r;

    (void)state;
    for (size_t n = 0; n < sizeof(loads) / sizeof(loads[0]); n++) {
        assert_true(run(&loads[n], r));
        assert_int_equal(read_width, loads[n].width);
        assert_int_equal((uintptr_t)r[REG_RIP] - (uintptr_t)loads[n].code, loads[n].length);
        assert_true((uint64_t)r[loads[n].target] == loads[n].result);
    }
}

static void stores_write_as_much_as_they_store(void **state)
{
    gregset_t r;

    (void)state;
    for (size_t n = 0; n < sizeof(stores) / sizeof(stores[0]); n++) {
        assert_true(run(&stores[n], r));
        assert_int_equal(written_width, stores[n].width);
        assert_int_equal((uintptr_t)r[REG_RIP] - (uintptr_t)stores[n].code, stores[n].length);
        assert_true(written == stores[n].result);
    }
}

static void anything_else_is_left_alone(void **state)
{
    static const struct row add = {.code = "\x01\x01"}, string = {.code = "\xf3\xaa"};
    gregset_t r;

    (void)state;
    assert_false(run(&add, r));
    assert_false(run(&string, r));
    assert_true((uintptr_t)r[REG_RIP] == (uintptr_t)string.code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_change_what_they_load),
        cmocka_unit_test(stores_write_as_much_as_they_store),
        cmocka_unit_test(anything_else_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
