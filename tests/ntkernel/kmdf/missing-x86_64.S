/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For each index of a KMDF driver's function array a stub that says which one was called. */
    .text
    .balign 16
    .globl kmdf_missing
kmdf_missing:
    .set index, 0
    .rept 512
    .balign 16
    movl $index, %ecx
    jmp report
    .set index, index + 1
    .endr

report:
    movq (%rsp), %rdx
    subq $40, %rsp
    call kmdf_missing_report

    .section .note.GNU-stack, "", @progbits
