/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types on a guest's keyboard what viewers send: keysyms, or the places of
 * keys on their keyboards.
 *
 * A character is typed with the modifiers that it needs on the guest's layout:
 * those that are down and in its way go up for it, and come down again.  While
 * Control, Alt or Super is held the same is done, so that Ctrl+@ stays what it
 * is.  A character without a key is made with a dead key, if that is possible.
 * Keypads' digits become those of the main block: whether the guest's Num Lock
 * is on is not known.  Caps Lock is taken for off at first, and is followed.
 *
 * A key that goes down again without going up is repeated.  What went down is
 * let go by the same viewer's key, whatever its keysym is by then.
 *
 * Several viewers are several keyboards at one machine, but for modifiers,
 * which are each viewer's own: those that only others hold go up for its keys.
 * A key that another one holds goes up and down.
 */
#ifndef FBC_LIB_TYPIST_H
#define FBC_LIB_TYPIST_H

#include "lib/input/keymap.h"

#define FBC_TYPIST_KEYS 64          /* of viewers, held at once */
#define FBC_TYPIST_MOST 48          /* events of one call, at most */

struct fbc_typist_event {
    uint16_t code;                  /* KEY_*, below FBC_KEYMAP_CODES */
    bool down;
};

struct fbc_typist_out {
    size_t n;
    struct fbc_typist_event event[FBC_TYPIST_MOST];
};

struct fbc_typist {
    const struct fbc_keymap *map;   /* the caller's */
    bool by_keysym;                 /* even if the key's place is known */
    bool lock;                      /* the guest's Caps Lock */
    bool repeat;                    /* of the call under way, and who */
    unsigned int who;
    uint8_t down[FBC_KEYMAP_CODES / 8];     /* at the guest */
    struct fbc_typist_key {
        uint32_t keysym, qnum;
        unsigned int who;
        uint16_t code;
    } held[FBC_TYPIST_KEYS];
    size_t n_held;
};

void fbc_typist_init(struct fbc_typist *t, const struct fbc_keymap *map,
                     bool by_keysym);

/*
 * A key of viewer who; qnum 0: only the keysym is known.  false: there is
 * nothing to type (no such key, one that is not held, too many at once), and
 * out is empty.
 */
bool fbc_typist_key(struct fbc_typist *t, unsigned int who, bool down,
                    uint32_t keysym, uint32_t qnum,
                    struct fbc_typist_out *out);

/* Does it hold a key of the guest's? */
bool fbc_typist_holds(const struct fbc_typist *t, unsigned int who,
                      uint16_t code);

/* Lets go of all that is held, some a call; false: nothing is. */
bool fbc_typist_release(struct fbc_typist *t, struct fbc_typist_out *out);

/*
 * What a keyboard may have left down whose end was not seen: the release of
 * each modifier.
 */
void fbc_typist_lift(struct fbc_typist_out *out);

#endif /* FBC_LIB_TYPIST_H */
