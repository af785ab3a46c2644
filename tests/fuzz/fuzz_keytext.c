/* SPDX-License-Identifier: GPL-2.0-only */
/* Key files; the first byte of an input is the kind that is asked for. */
#include <stdlib.h>

#include "parse/text/keytext.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted ends with the one line that encodes the payload. */
static void check_canonical(enum fbc_key_kind kind, const char *text,
                            size_t len, const uint8_t *payload)
{
    char line[FBC_KEYTEXT_MAX_LINE];
    size_t n;

    CHECK(!fbc_keytext_encode(kind, payload, line));
    n = strlen(line);
    if ( text[len - 1] != '\n' )
        n--;
    CHECK(n <= len && !memcmp(text + len - n, line, n));
    CHECK(n == len || (text[0] == '#' && text[len - n - 1] == '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t payload[FBC_KEYTEXT_MAX_PAYLOAD], before[sizeof(payload)];
    unsigned int kind, i;
    char *text;

    if ( !size )
        return 0;

    kind = *data++ % FBC_KEY_KINDS;
    size--;
    text = malloc(size ? size : 1);
    CHECK(text);
    memcpy(text, data, size);

    memset(payload, 0xa5, sizeof(payload));
    memset(before, 0xa5, sizeof(before));
    if ( fbc_keytext_parse((enum fbc_key_kind)kind, text, size, payload) )
        CHECK(!memcmp(payload, before, sizeof(payload)));
    else
    {
        check_canonical((enum fbc_key_kind)kind, text, size, payload);
        for ( i = 0; i < FBC_KEY_KINDS; i++ )
            CHECK(i == kind ||
                  fbc_keytext_parse((enum fbc_key_kind)i, text, size,
                                    payload) == FBC_ERR_MAGIC);
    }
    free(text);

    return 0;
}
