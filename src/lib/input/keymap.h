/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keyboard layout of a guest: which key, in which state of the modifiers,
 * gives a keysym.
 *
 * Layouts are those of xkb-data, compiled by libxkbcommon; key codes are
 * Linux's (KEY_*).  Files are read by fbc_keymap_new() only.
 */
#ifndef FBC_LIB_KEYMAP_H
#define FBC_LIB_KEYMAP_H

#include "lib/base/fail.h"

#define FBC_KEYMAP_NAME  32         /* of layout or variant, with its NUL */
#define FBC_KEYMAP_CODES 0x300      /* KEY_CNT; codes are below it */

/* Bits of a state.  Lock is that of capitals; keypads are as without one. */
#define FBC_KEYMAP_SHIFT  1u
#define FBC_KEYMAP_LOCK   2u
#define FBC_KEYMAP_LEVEL3 4u        /* AltGr */
#define FBC_KEYMAP_STATES 8u

struct fbc_keymap;

/*
 * layout: "de", or with a variant "de:neo".  Status on failure: FBC_EXIT_USAGE
 * (no name, or no such layout), FBC_EXIT_ENV (no memory).
 */
int FBC_MUST_CHECK fbc_keymap_new(const char *layout, struct fbc_keymap **m,
                                  struct fbc_error *e);
void fbc_keymap_free(struct fbc_keymap *m);     /* m may be NULL */

struct fbc_keymap_key {
    uint16_t code;
    uint8_t states;             /* bit n: gives the keysym in state n */
};

/*
 * A key for a keysym, the one that fits state best, and the states with the
 * same Lock in which it gives it; false: this keyboard has none.
 */
bool fbc_keymap_find(const struct fbc_keymap *m, uint32_t keysym,
                     uint32_t state, struct fbc_keymap_key *key);

/* What a key gives in a state, as of fbc_keymap_plain(); 0: nothing. */
uint32_t fbc_keymap_gives(const struct fbc_keymap *m, uint32_t code,
                          uint32_t state);

/*
 * Dead key and letter that make a keysym for which there is no key; false:
 * there are none, or this machine has no compose table (libx11-data).
 */
bool fbc_keymap_compose(const struct fbc_keymap *m, uint32_t keysym,
                        uint32_t pair[static 2]);

/* Has this keyboard a third level, which the right Alt key chooses? */
bool fbc_keymap_has_level3(const struct fbc_keymap *m);

/*
 * One keysym for those that mean the same character, as U20AC and EuroSign;
 * others are returned as they are.
 */
uint32_t fbc_keymap_plain(uint32_t keysym);

#endif /* FBC_LIB_KEYMAP_H */
