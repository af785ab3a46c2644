/* SPDX-License-Identifier: GPL-2.0-only */
/* How a guest started, in words. */
#include "parse/shadow/launched.h"

#include "core/manifest.h"
#include "parse/text/hex.h"

void fbc_launched_text(enum fbc_launched launched, const uint8_t *digest,
                       char text[static FBC_LAUNCHED_TEXT])
{
    static const char accepted[] = "accepted ", not_checked[] = "NOT CHECKED";

    if ( launched != FBC_LAUNCHED_ACCEPTED )
    {
        memcpy(text, not_checked, sizeof(not_checked));
        return;
    }
    memcpy(text, accepted, sizeof(accepted));
    text = fbc_hex_write(text + sizeof(accepted) - 1, digest,
                         FBC_LAUNCHED_DIGITS / 2);
    memcpy(text, "..", 3);
}

const char *fbc_launched_name(enum fbc_launched launched)
{
    switch ( launched )
    {
    case FBC_LAUNCHED_ANY:        return "any";
    case FBC_LAUNCHED_ACCEPTED:   return "accepted";
    case FBC_LAUNCHED_UNMEASURED: return "unmeasured";
    case FBC_LAUNCHED_UNTOLD:     break;
    }

    return NULL;
}

size_t fbc_launched_known(enum fbc_launched launched)
{
    switch ( launched )
    {
    case FBC_LAUNCHED_ACCEPTED:   return FBC_HASH_LEN;
    case FBC_LAUNCHED_ANY:        return FBC_MANIFEST_LAUNCH;
    case FBC_LAUNCHED_UNMEASURED:
    case FBC_LAUNCHED_UNTOLD:     break;
    }

    return 0;
}
