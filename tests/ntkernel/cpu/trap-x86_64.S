/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One 16-byte stub per vector, and the common way into nk_trap(). All SSE registers are saved: the
 * kernel uses none, but a driver's ISR or DPC may.
 */
    .text
    .balign 16
    .globl nk_trap_stubs
nk_trap_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
    pushq $0                            /* in place of an error code */
    .endif
    pushq $vector
    jmp trap_common
    .set vector, vector + 1
    .endr

trap_common:
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rbx
    pushq %rbp
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, %rbx
    movq %rsp, %rcx
    subq $544, %rsp
    andq $-16, %rsp
    fxsave 32(%rsp)
    cld
    call nk_trap
    fxrstor 32(%rsp)
    movq %rbx, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rbp
    popq %rbx
    popq %rdx
    popq %rcx
    popq %rax
    addq $16, %rsp
    iretq

    .section .note.GNU-stack, "", @progbits
