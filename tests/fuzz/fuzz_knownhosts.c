/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known hosts: what is accepted is written in one way only; what an older
 * version wrote becomes such a text, with as many hosts.
 */
#include <stdlib.h>

#include "parse/attest/knownhosts_old.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many hosts there are; -1: the text is bad. */
static long check(const char *text, size_t size)
{
    struct fbc_known_reader r = { .text = text, .len = size };
    struct fbc_known_host h, hit, before;
    char record[FBC_KNOWN_TEXT_MAX];
    size_t start, end;
    unsigned int number;
    enum fbc_err err;
    long n = 0;
    bool found;

    memset(&h, 0xa5, sizeof(h));
    while ( fbc_known_next(&r, &h) )
    {
        n++;
        CHECK(fbc_known_text(&h, record) == r.pos - r.start);
        CHECK(!memcmp(record, text + r.start, r.pos - r.start));
    }
    CHECK(r.err || r.pos == size);
    CHECK(!r.err || r.line);

    /* The last one is found, unless there are two of it. */
    before = hit = h;
    if ( !n )
        strcpy(h.server, "none"), strcpy(h.name, "none");
    err = fbc_known_find(text, size, h.server, h.name, &hit, &found, &start,
                         &end, &number);
    CHECK(err == r.err || err == FBC_ERR_RANGE);
    if ( err || !found )
        CHECK(!memcmp(&hit, &before, sizeof(hit)));
    if ( !err )
        CHECK(found == (n > 0) && (!found || (end <= size && number)));

    return r.err ? -1 : n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size ? size : 1), *now;
    size_t i, len = 0, room = 2 * size, lines = 0;
    unsigned int line;

    CHECK(text);
    memcpy(text, data, size);
    if ( !fbc_known_is_old(text, size) )
        check(text, size);
    else
    {
        now = malloc(room);
        CHECK(now);
        /* Whatever is converted fits into twice the room. */
        if ( !fbc_known_convert(text, size, now, room, &len, &line) )
        {
            for ( i = 0; i < size; i++ )
                lines += (!i || text[i - 1] == '\n') && text[i] != '#';
            CHECK(check(now, len) == (long)lines);
        }
        free(now);
    }
    free(text);

    return 0;
}
