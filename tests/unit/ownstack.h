/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a function on a stack of its own, and looks for what it leaves there.
 * Not where AddressSanitizer owns the stack.
 */
#ifndef FBC_TEST_OWNSTACK_H
#define FBC_TEST_OWNSTACK_H

#include <stdbool.h>
#include <string.h>
#include <ucontext.h>

#include "must.h"

static uint8_t ownstack[1 << 16] __attribute__((__aligned__(64)));
static ucontext_t ownstack_outside, ownstack_inside;

static void ownstack_run(void (*function)(void))
{
    memset(ownstack, 0xcc, sizeof(ownstack));
    MUST(!getcontext(&ownstack_inside));
    ownstack_inside.uc_stack.ss_sp = ownstack;
    ownstack_inside.uc_stack.ss_size = sizeof(ownstack);
    ownstack_inside.uc_link = &ownstack_outside;
    makecontext(&ownstack_inside, function, 0);
    MUST(!swapcontext(&ownstack_outside, &ownstack_inside));
}

/* Any eight bytes of a secret; len is a multiple of 8. */
static bool ownstack_has(const uint8_t *secret, size_t len)
{
    size_t i, part;

    for ( part = 0; part < len; part += 8 )
        for ( i = 0; i <= sizeof(ownstack) - 8; i++ )
            if ( !memcmp(ownstack + i, secret + part, 8) )
                return true;

    return false;
}

/* Words that are left there, but for what lies less than that far from its top. */
static inline unsigned int ownstack_words(size_t top)
{
    static const uint8_t fresh[8] = { 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
                                      0xcc }, wiped[8];
    unsigned int n = 0;
    size_t i;

    for ( i = 0; i < sizeof(ownstack) - top; i += 8 )
        n += memcmp(ownstack + i, fresh, 8) && memcmp(ownstack + i, wiped, 8);

    return n;
}

#endif /* FBC_TEST_OWNSTACK_H */
