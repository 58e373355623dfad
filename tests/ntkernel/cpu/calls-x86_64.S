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

/* An import thunk found the IRQL too high: r10 is the export, the caller's address on the stack. */
    .globl nk_import_denied
nk_import_denied:
    movq %r10, %rcx
    movq (%rsp), %rdx
    subq $40, %rsp
    call nk_import_irql_report

    .section .note.GNU-stack, "", @progbits
