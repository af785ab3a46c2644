/* SPDX-License-Identifier: GPL-2.0-only */
/* Entry point of a PVH guest: 32 bits, flat, no paging; ebx: hvm_start_info. */

#include <xen/elfnote.h>

#define PAGES_2M (4 * 512)
#define PTE_TABLE 0x23    /* present, writable, accessed */
#define PTE_PAGE 0xe3     /* the same, dirty, 2 MiB */

        .pushsection .note.xen, "a", @note
        .balign 4
        .long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
        .asciz "Xen"
        .long pvh_start
        .popsection

        .section .text.boot, "ax", @progbits
        .code32
        .globl pvh_start
pvh_start:
        cld
        mov     $stack_top, %esp

        mov     $pvh_l2, %edi
        mov     $PTE_PAGE, %eax
        mov     $PAGES_2M, %ecx
1:      mov     %eax, (%edi)
        add     $0x200000, %eax
        add     $8, %edi
        loop    1b

        mov     $pvh_l3, %edi
        mov     $pvh_l2 + PTE_TABLE, %eax
        mov     $4, %ecx
1:      mov     %eax, (%edi)
        add     $4096, %eax
        add     $8, %edi
        loop    1b
        movl    $pvh_l3 + PTE_TABLE, pvh_l4

        mov     $0x20, %eax         /* PAE */
        mov     %eax, %cr4
        mov     $pvh_l4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx   /* EFER: long mode */
        rdmsr
        or      $0x100, %eax
        wrmsr
        mov     %cr0, %eax
        or      $0x80000000, %eax   /* paging */
        mov     %eax, %cr0

        lgdt    gdt_pointer
        ljmp    $8, $1f
        .code64
1:      mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %ebp, %ebp
        mov     %ebx, %edi
        mov     $pvh_arch, %esi
        call    main
        ud2

        .section .data
        .balign 8
gdt:    .quad   0
        .quad   0x00af9b000000ffff  /* code, 64 bits */
        .quad   0x00cf93000000ffff  /* data */
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt

        .section .note.GNU-stack, "", @progbits
