/* SPDX-License-Identifier: GPL-2.0-only */
/* The temporal attack on one character cell (lib/leak/leakglyph.h). */
#ifndef FBC_LIB_LEAKCELL_H
#define FBC_LIB_LEAKCELL_H

#include "lib/leak/leakblock.h"
#include "lib/leak/leakfont.h"

#define FBC_LEAK_PLACES (FBC_LEAK_CELL_W / 2 * FBC_LEAK_CELL_H)
#define FBC_LEAK_STATES (FBC_LEAK_PLANES + 1)
#define FBC_LEAK_CELL_CODES (FBC_LEAK_CODES + 1)    /* the last: any other */

struct fbc_leak_state {         /* what a cell showed at one time */
    uint8_t code[FBC_LEAK_PLACES];
    uint32_t weight;            /* how often it appeared */
    uint8_t glyph;              /* index of the nearest one */
    bool sure;
};

struct fbc_leak_cell {
    uint32_t places;            /* 4 * height of the font */
    struct fbc_leak_state state[FBC_LEAK_STATES];
    uint32_t states, last;      /* last: the newest one's index */
    uint8_t back[FBC_LEAK_PLACES];
    /* How often a code stood for each pattern of two pixels. */
    uint16_t votes[FBC_LEAK_PLACES][FBC_LEAK_CELL_CODES][4];
};

void fbc_leak_cell_begin(struct fbc_leak_cell *c, uint32_t height);

/* The codes at the cell's places in one frame; frames in order of time. */
void fbc_leak_cell_add(struct fbc_leak_cell *c,
                       const uint8_t code[static FBC_LEAK_PLACES]);

/* Fills back, the states' glyphs and votes.  At least one frame was added. */
void fbc_leak_cell_solve(struct fbc_leak_cell *c,
                         const struct fbc_leak_font *font);

/*
 * Pixels, as bits (left 2, right 1), that a code at a place stands for; -1:
 * not known.
 */
int fbc_leak_cell_pattern(const struct fbc_leak_cell *c, uint32_t place,
                          uint8_t code);

#endif /* FBC_LIB_LEAKCELL_H */
