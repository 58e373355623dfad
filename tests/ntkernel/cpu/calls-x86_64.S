/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that C cannot express. */
    .text
/* void nk_run_on_stack(void (*fn)(void), ULONG64 top) */
    .globl nk_run_on_stack
nk_run_on_stack:
    movq %rdx, %rsp
    xorl %ebp, %ebp
    subq $32, %rsp
    call *%rcx
    ud2

/*
 * What a driver imports is called by way of here: al is the IRQL, r10 the struct nk_export. The call
 * is noted (struct nk_service), and refused above the export's limit.
 */
    .globl nk_import
nk_import:
    movq (%rsp), %r11
    movq %r10, %gs:0x1f00
    movq %r11, %gs:0x1f08
    cmpb 16(%r10), %al
    ja 1f
    jmp *8(%r10)
1:  subq $40, %rsp
    call nk_import_denied

    .section .note.GNU-stack, "", @progbits
