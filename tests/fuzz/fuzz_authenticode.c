/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EFI images.  What is accepted is covered by ranges that lie inside the file
 * and, but for the bytes after the last section, never overlap; a section that
 * is found by name lies inside, too.
 */
#include <stdlib.h>

#include "parse/attest/authenticode.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fbc_pe_range range[FBC_PE_RANGES], named;
    unsigned int n = 0, i, count = 0;
    uint8_t *file = malloc(size ? size : 1);

    CHECK(file);
    memcpy(file, data, size);
    if ( !fbc_pe_ranges(file, size, range, &n) )
    {
        CHECK(n && n <= FBC_PE_RANGES && !range[0].offset);
        for ( i = 0; i < n; i++ )
        {
            CHECK(range[i].len && range[i].offset <= size);
            CHECK(range[i].len <= size - range[i].offset);
            CHECK(!i || i == n - 1 || range[i].offset >=
                  range[i - 1].offset + range[i - 1].len);
        }
        CHECK(!fbc_pe_sections(file, size, ".config", &named, &count));
        CHECK(count <= FBC_PE_SECTIONS);
        CHECK(!count || (named.offset <= size &&
                         named.len <= size - named.offset));
    }
    else
    {
        CHECK(!n);
        CHECK(fbc_pe_sections(file, size, ".config", &named, &count));
    }
    free(file);

    return 0;
}
