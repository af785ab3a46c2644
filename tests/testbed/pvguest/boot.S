/* SPDX-License-Identifier: GPL-2.0-only */
/* PV entry point, ELF notes for the domain builder, hypercall page. */

#include <xen/elfnote.h>

        .macro note type, body:vararg
        .pushsection .note.xen, "a", @note
        .balign 4
        .long 2f - 1f, 4f - 3f, \type
1:      .asciz "Xen"
2:      .balign 4
3:      \body
4:      .balign 4
        .popsection
        .endm

        note XEN_ELFNOTE_GUEST_OS,       .asciz "fbcrypt-pvguest"
        note XEN_ELFNOTE_GUEST_VERSION,  .asciz "1"
        note XEN_ELFNOTE_LOADER,         .asciz "generic"
        note XEN_ELFNOTE_XEN_VERSION,    .asciz "xen-3.0"
        note XEN_ELFNOTE_PAE_MODE,       .asciz "yes"
        note XEN_ELFNOTE_FEATURES,       .asciz "pae_pgdir_above_4gb"
        note XEN_ELFNOTE_VIRT_BASE,      .quad 0
        note XEN_ELFNOTE_PADDR_OFFSET,   .quad 0
        note XEN_ELFNOTE_ENTRY,          .quad _start
        note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page

        .section .text.boot, "ax", @progbits
        .globl _start
_start:
        cld
        mov     $stack_top, %rsp
        xor     %ebp, %ebp
        mov     %rsi, %rdi
        mov     $pv_arch, %esi
        call    main
        ud2

        /* Second vCPU, of both kinds: see smp_start(). */
        .globl ap_start
ap_start:
        cld
        xor     %ebp, %ebp
        call    ap_main
        ud2

        .section .text.hypercall, "ax", @progbits
        .balign 4096
        .globl hypercall_page
hypercall_page:
        .skip   4096

        .section .bss
        .balign 4096
        .skip   65536
        .globl stack_top
stack_top:
        .skip   16384
        .globl ap_stack_top
ap_stack_top:

        .section .note.GNU-stack, "", @progbits
