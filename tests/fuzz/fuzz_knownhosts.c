/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts: what is accepted is written in one way only. */
#include <stdlib.h>

#include "parse/attest/knownhosts.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fbc_known_host h, hit, before;
    char *text = malloc(size ? size : 1), line[FBC_KNOWN_LINE_MAX];
    struct fbc_known_reader r = { .text = text, .len = size };
    size_t start, end, n = 0;
    unsigned int number;
    enum fbc_err err;
    bool found;

    CHECK(text);
    memcpy(text, data, size);
    memset(&h, 0xa5, sizeof(h));
    while ( fbc_known_next(&r, &h) )
    {
        n++;
        CHECK(fbc_known_line(&h, line) == r.pos - r.start);
        CHECK(!memcmp(line, text + r.start, r.pos - r.start));
    }
    CHECK(r.bad || r.pos == size);

    /* The last one is found, unless there are two of it. */
    before = hit = h;
    if ( !n )
        strcpy(h.server, "none"), strcpy(h.name, "none");
    err = fbc_known_find(text, size, h.server, h.name, &hit, &found, &start,
                         &end, &number);
    CHECK(err == FBC_OK || err == FBC_ERR_RANGE || err == FBC_ERR_FORMAT);
    CHECK((err == FBC_ERR_FORMAT) <= r.bad);
    if ( err || !found )
        CHECK(!memcmp(&hit, &before, sizeof(hit)));
    if ( !err )
        CHECK(found == (n > 0) && (!found || (end <= size && number)));
    free(text);

    return 0;
}
