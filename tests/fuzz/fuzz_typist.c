/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A viewer's keys: whatever it sends, the guest gets keys that exist, no
 * release of what is not down, and nothing stays down at the end.
 */
#include <stdlib.h>

#include "fuzzin.h"
#include "lib/input/typist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
    if ( !ok )
        abort();
}

static struct fbc_keymap *layout(unsigned int n)
{
    static const char *const names[] = { "us", "gb", "de", "fr", "jp" };
    static struct fbc_keymap *maps[5];
    struct fbc_error e;

    n %= 5;
    if ( !maps[n] )
        must(!fbc_keymap_new(names[n], &maps[n], &e));

    return maps[n];
}

static void deliver(bool *down, const struct fbc_typist *t,
                    const struct fbc_typist_out *out)
{
    size_t i;

    must(out->n <= FBC_TYPIST_MOST);
    for ( i = 0; i < out->n; i++ )
    {
        uint16_t code = out->event[i].code;

        must(code && code < FBC_KEYMAP_CODES);
        must(out->event[i].down || down[code]);
        down[code] = out->event[i].down;
    }
    for ( i = 0; i < FBC_KEYMAP_CODES; i++ )
        must(down[i] == (t->down[i / 8] >> i % 8 & 1));
    must(t->n_held <= FBC_TYPIST_KEYS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool down[FBC_KEYMAP_CODES] = { false };
    struct in in = { data, size };
    uint8_t how = u8(&in);
    struct fbc_typist_out out;
    struct fbc_typist t;
    size_t i;

    fbc_typist_init(&t, layout(how), how & 0x80);
    while ( in.left )
    {
        uint8_t op = u8(&in);
        uint32_t keysym = u8(&in), qnum = 0;

        if ( op & 2 )
            keysym |= 0xff00;
        if ( op & 4 )
            keysym = 0xfe00 + (keysym & 0xff);
        if ( op & 8 )
            keysym |= u32(&in);
        if ( op & 16 )
            qnum = u8(&in);
        must(fbc_typist_key(&t, op >> 6, op & 1, keysym, qnum, &out) ==
             (out.n != 0));
        deliver(down, &t, &out);
    }

    while ( fbc_typist_release(&t, &out) )
        deliver(down, &t, &out);
    for ( i = 0; i < FBC_KEYMAP_CODES; i++ )
        must(!down[i]);

    return 0;
}
