/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nk_thread_switch(save, load): from one thread's stack to another's. What the Microsoft calling
 * convention has a callee keep is kept, xmm6 to xmm15 and the control words by way of fxsave.
 */
    .text
    .globl nk_thread_switch
nk_thread_switch:
    pushq %rbx
    pushq %rbp
    pushq %rsi
    pushq %rdi
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $520, %rsp                     /* 512, and 8 to align */
    fxsave (%rsp)
    movq %rsp, (%rcx)
    movq %rdx, %rsp
    fxrstor (%rsp)
    addq $520, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rdi
    popq %rsi
    popq %rbp
    popq %rbx
    ret

    .globl nk_thread_start
nk_thread_start:
    subq $32, %rsp
    call nk_thread_first
    ud2

    .section .note.GNU-stack, "", @progbits
