/* SPDX-License-Identifier: GPL-2.0-only */
/* The smallest kernel that can be attacked: it sleeps. */

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

        note XEN_ELFNOTE_GUEST_OS,       .asciz "fbcrypt-tiny"
        note XEN_ELFNOTE_LOADER,         .asciz "generic"
        note XEN_ELFNOTE_XEN_VERSION,    .asciz "xen-3.0"
        note XEN_ELFNOTE_VIRT_BASE,      .quad 0
        note XEN_ELFNOTE_PADDR_OFFSET,   .quad 0
        note XEN_ELFNOTE_ENTRY,          .quad _start
        note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page

        .text
        .globl _start
_start:
        cld
1:      mov     $29, %eax       /* sched_op */
        mov     $1, %edi        /* block */
        xor     %esi, %esi
        syscall
        jmp     1b

        .balign 4096
hypercall_page:
        .skip   4096
        .asciz  "data, which nobody reads"

        .bss
        .skip   16384

        .section .note.GNU-stack, "", @progbits
