/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In a guest: draws on /dev/tty0 a hundred times while another process of it
 * holds values in xmm0 to xmm15, and looks whether they stay.  The last line
 * says "kept" or "lost".  No libc: nothing else here may touch the registers.
 */
#include <asm/unistd.h>
#include <stdint.h>

#define O_WRONLY    1
#define SIGKILL     9
#define WNOHANG     1

static long call(long n, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long rc;

    __asm__ volatile ( "syscall"
                       : "=a" (rc)
                       : "a" (n), "D" (a), "S" (b), "d" (c), "r" (r10)
                       : "rcx", "r11", "memory" );

    return rc;
}

static uint64_t pattern[32], now[32];

#define EACH(what)  what(0) what(1) what(2) what(3) what(4) what(5) what(6) \
    what(7) what(8) what(9) what(10) what(11) what(12) what(13) what(14)    \
    what(15)
#define LOAD(n)     "movups " #n "*16(%0), %%xmm" #n ";"
#define STORE(n)    "movups %%xmm" #n ", " #n "*16(%0);"

/* Returns when a register has changed; makes no system call. */
static void hold(void)
{
    unsigned int i;

    for ( i = 0; i < 32; i++ )
        pattern[i] = 0x0123456789abcdefull * (2 * i + 1);
    __asm__ volatile ( EACH(LOAD) : : "r" (pattern) : "memory" );
    do {
        __asm__ volatile ( EACH(STORE) : : "r" (now) : "memory" );
        for ( i = 0; i < 32 && now[i] == pattern[i]; i++ )
            ;
    } while ( i == 32 );
}

static void say(const char *what)
{
    call(__NR_write, 1, (long)what, 5, 0);
}

void _start(void);
void _start(void)
{
    static const struct { long s, ns; } pause = { 0, 50000000 };
    long tty, child, i, lost = 0;

    child = call(__NR_fork, 0, 0, 0, 0);
    if ( !child )
    {
        hold();
        call(__NR_exit, 0, 0, 0, 0);
    }
    tty = call(__NR_open, (long)"/dev/tty0", O_WRONLY, 0, 0);
    if ( child < 0 || tty < 0 )
        call(__NR_exit, 2, 0, 0, 0);
    for ( i = 0; i < 100 && !lost; i++ )
    {
        call(__NR_write, tty, (long)"drawn\n", 6, 0);
        call(__NR_nanosleep, (long)&pause, 0, 0, 0);
        lost = call(__NR_wait4, child, 0, WNOHANG, 0);
    }
    call(__NR_kill, child, SIGKILL, 0, 0);
    say(lost ? "lost\n" : "kept\n");
    call(__NR_exit, !!lost, 0, 0, 0);
    __builtin_unreachable();
}
