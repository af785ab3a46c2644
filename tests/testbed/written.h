/* SPDX-License-Identifier: GPL-2.0-only */
/* Can what is mapped be written? */
#ifndef TESTBED_WRITTEN_H
#define TESTBED_WRITTEN_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

static sigjmp_buf out;

static void too_long(int signal)
{
    (void)signal;
    siglongjmp(out, 1);
}

/*
 * Does it hold what is written to it?  Where Xen has made a mapping read-only
 * Linux makes it writable, and so on without end.
 */
static bool written(volatile uint8_t *byte)
{
    const struct itimerval limit = { .it_value.tv_usec = 30000 }, none = { 0 };
    uint8_t was = *byte;
    volatile bool done = false;

    signal(SIGPROF, too_long);
    if ( !sigsetjmp(out, 1) )
    {
        setitimer(ITIMER_PROF, &limit, NULL);
        *byte = was ^ 1;
        done = *byte == (was ^ 1);
        *byte = was;
    }
    setitimer(ITIMER_PROF, &none, NULL);

    return done;
}

#endif /* TESTBED_WRITTEN_H */
