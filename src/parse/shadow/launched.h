/* SPDX-License-Identifier: GPL-2.0-only */
/* How a guest started, in words (fbc-vncproxy(1), "Launch"). */
#ifndef FBC_PARSE_LAUNCHED_H
#define FBC_PARSE_LAUNCHED_H

#include "core/kdf.h"

#define FBC_LAUNCHED_DIGITS 8       /* of a digest, for people */
#define FBC_LAUNCHED_TEXT   32

/*
 * For people, who ask one thing: "accepted 3f2a9c01..", or "NOT CHECKED".
 * digest: its first FBC_LAUNCHED_DIGITS / 2 bytes at least.
 */
void fbc_launched_text(enum fbc_launched launched, const uint8_t *digest,
                       char text[static FBC_LAUNCHED_TEXT]);

/* One word, for machines; NULL: nothing is known. */
const char *fbc_launched_name(enum fbc_launched launched);

/* Bytes of a digest that a viewer knows: all, those of a manifest, none. */
size_t fbc_launched_known(enum fbc_launched launched);

#endif /* FBC_PARSE_LAUNCHED_H */
