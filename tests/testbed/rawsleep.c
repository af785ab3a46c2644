/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawsleep PORT: says which sleep type PM1a_CNT keeps of what is written there,
 * for the firmware to find after a reset; then puts the machine into S3 without
 * asking Xen, by sleep type and SLP_EN: as two bytes, as one word, and as a
 * double word.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    unsigned short port = argc > 1 ? strtoul(argv[1], NULL, 16) : 0;
    unsigned short value;

    if ( !port || iopl(3) )
        return 2;
    value = (inw(port) & ~0x1c00) | 0x2400;
    outw(value & ~0x2000, port);
    printf("type %u\n", (inw(port) >> 10) & 7);
    fflush(stdout);
    sleep(2);                   /* it is to get out of here before */
    outb(value & 0xff, port);
    outb(value >> 8, port + 1);
    outl(value, port);
    outw(value, port);
    puts("awake");

    return 0;
}
