/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entry from the multiboot loader (32-bit, flat), up to C in long mode with the first gigabyte
 * identity mapped. cpu/memory.c replaces these tables at once.
 */
    .section .multiboot, "a"
    .balign 4
    .set FLAGS, 3                       /* modules page aligned, memory size wanted */
    .long 0x1BADB002, FLAGS, -(0x1BADB002 + FLAGS)

    .section .text.boot, "ax"
    .code32
    .globl nk_entry
nk_entry:
    cli
    movl $boot_stack_top, %esp
    movl %ebx, %edi                     /* multiboot information */

    movl $boot_pdpt + 3, boot_pml4
    movl $boot_pd + 3, boot_pdpt
    movl $boot_pd, %ebx
    movl $0x83, %eax                    /* present, writable, 2 MiB */
    movl $512, %ecx
1:  movl %eax, (%ebx)
    addl $0x200000, %eax
    addl $8, %ebx
    loop 1b

    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x620, %eax                    /* PAE, OSFXSR, OSXMMEXCPT */
    movl %eax, %cr4
    movl $0xC0000080, %ecx              /* EFER: LME, NXE */
    rdmsr
    orl $0x900, %eax
    wrmsr
    movl %cr0, %eax
    andl $~0x4, %eax                    /* EM off: drivers may use SSE */
    orl $0x80010002, %eax               /* PG, WP, MP */
    movl %eax, %cr0
    lgdt boot_gdtr
    ljmp $8, $2f

    .code64
2:  xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    movl %edi, %ecx
    subq $40, %rsp
    call nk_start
    ud2

/* Other processors start here, copied below 1 MiB, in real mode; the tables above are still good for
 * the way up. Each takes the next number and its stack. */
    .section .rodata
    .set TRAMPOLINE, 0x8000
    .code16
    .globl nk_trampoline, nk_trampoline_end
nk_trampoline:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    lgdtl trampoline_gdtr - nk_trampoline + TRAMPOLINE
    movl $0x620, %eax
    movl %eax, %cr4
    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl $0xC0000080, %ecx
    rdmsr
    orl $0x900, %eax
    wrmsr
    movl $0x80010003, %eax              /* PG, WP, MP, PE */
    movl %eax, %cr0
    ljmpl $8, $ap_entry
    .balign 4
trampoline_gdtr:
    .word 23
    .long boot_gdt
nk_trampoline_end:

    .text
    .code64
ap_entry:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    movq nk_ap_root, %rax
    movq %rax, %cr3
    movl $1, %ecx
    lock xaddl %ecx, ap_next
    movq nk_ap_stacks(, %rcx, 8), %rsp
    subq $32, %rsp
    call nk_ap_start
    ud2

    .data
    .balign 8
    .globl nk_ap_stacks, nk_ap_root
nk_ap_stacks: .skip 64
nk_ap_root:   .quad 0
ap_next:      .long 1

    .section .rodata
    .balign 8
boot_gdt:
    .quad 0, 0x00209A0000000000, 0x0000920000000000
boot_gdtr:
    .word . - boot_gdt - 1
    .quad boot_gdt

    .bss
    .balign 4096
boot_pml4:  .skip 4096
boot_pdpt:  .skip 4096
boot_pd:    .skip 4096
boot_stack: .skip 16384
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
