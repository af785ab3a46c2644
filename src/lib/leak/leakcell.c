/* SPDX-License-Identifier: GPL-2.0-only */
/* The temporal attack on one character cell. */
#include "lib/leak/leakcell.h"

/*
 * Cost up to which the nearest glyph is believed, round by round.  Where a
 * cell was never blank much of its background is guessed wrong at first, and
 * the nearest glyphs, right more often than not, put it right.
 */
static const int max_cost[] = { 20, 14, 10, 6, 3, 3 };
#define ROUNDS (sizeof(max_cost) / sizeof(max_cost[0]))

void fbc_leak_cell_begin(struct fbc_leak_cell *c, uint32_t height)
{
    c->places = 4 * height;
    c->states = c->last = 0;
}

void fbc_leak_cell_add(struct fbc_leak_cell *c,
                       const uint8_t code[static FBC_LEAK_PLACES])
{
    struct fbc_leak_state *s;
    uint32_t i;

    if ( c->states && !memcmp(c->state[c->last].code, code, c->places) )
        return;
    for ( i = 0; i < c->states; i++ )
        if ( !memcmp(c->state[i].code, code, c->places) )
            break;

    s = &c->state[i];
    c->last = i;
    if ( i < c->states )
    {
        s->weight++;
        return;
    }
    memcpy(s->code, code, c->places);
    for ( i = 0; i < c->places; i++ )
        if ( s->code[i] > FBC_LEAK_CODES )
            s->code[i] = FBC_LEAK_CODES;
    s->weight = 1;
    c->states++;
}

/* The background is what is seen most often. */
static void guess_back(struct fbc_leak_cell *c)
{
    uint32_t p, s, k;

    for ( p = 0; p < c->places; p++ )
    {
        uint32_t seen[FBC_LEAK_CELL_CODES] = { 0 };

        for ( s = 0; s < c->states; s++ )
            seen[c->state[s].code[p]] += c->state[s].weight;
        for ( c->back[p] = 0, k = 1; k < FBC_LEAK_CODES; k++ )
            if ( seen[k] > seen[c->back[p]] )
                c->back[p] = (uint8_t)k;
    }
}

/* What the glyphs found so far say about the background. */
static void refine_back(struct fbc_leak_cell *c,
                        const struct fbc_leak_font *font)
{
    uint32_t p, s, k;

    for ( p = 0; p < c->places; p++ )
    {
        int32_t score[FBC_LEAK_CELL_CODES] = { 0 };

        for ( s = 0; s < c->states; s++ )
        {
            const struct fbc_leak_state *st = &c->state[s];
            uint64_t ink = font->left[st->glyph] | font->right[st->glyph];

            if ( st->sure )
                score[st->code[p]] += ink >> p & 1 ? -(int32_t)st->weight
                                                   : (int32_t)st->weight;
        }
        for ( k = 0; k < FBC_LEAK_CODES; k++ )
            if ( score[k] > score[c->back[p]] )
                c->back[p] = (uint8_t)k;
    }
}

static void count_votes(struct fbc_leak_cell *c,
                        const struct fbc_leak_font *font)
{
    uint32_t p, s;

    memset(c->votes, 0, sizeof(c->votes));
    for ( s = 0; s < c->states; s++ )
    {
        const struct fbc_leak_state *st = &c->state[s];
        uint64_t l = font->left[st->glyph], r = font->right[st->glyph];

        if ( !st->sure )
            continue;
        for ( p = 0; p < c->places; p++ )
            c->votes[p][st->code[p]][(l >> p & 1) << 1 | (r >> p & 1)]++;
    }
}

int fbc_leak_cell_pattern(const struct fbc_leak_cell *c, uint32_t place,
                          uint8_t code)
{
    const uint16_t *v;
    int i, best = 0;
    uint32_t sum = 0;

    if ( code == c->back[place] )
        return 0;
    if ( code >= FBC_LEAK_CODES )
        return -1;

    v = c->votes[place][code];
    for ( i = 0; i < 4; i++ )
    {
        sum += v[i];
        if ( v[i] > v[best] )
            best = i;
    }

    return sum && 2u * v[best] > sum ? best : -1;
}

/* The glyph nearest to a state; returns its cost. */
static int match(const struct fbc_leak_cell *c, struct fbc_leak_state *st,
                  const struct fbc_leak_font *font, int limit)
{
    uint64_t known = 0, left = 0, right = 0, ink = 0;
    int best = 1000, next = 1000, cost;
    uint32_t p, g;

    for ( p = 0; p < c->places; p++ )
    {
        int v = fbc_leak_cell_pattern(c, p, st->code[p]);
        uint64_t bit = UINT64_C(1) << p;

        if ( v < 0 )
            ink |= bit;
        else
        {
            known |= bit;
            left |= v & 2 ? bit : 0;
            right |= v & 1 ? bit : 0;
        }
    }

    /* The two answers that need no search. */
    st->glyph = 0;
    st->sure = !(left | right | ink);
    if ( st->sure || (uint32_t)__builtin_popcountll(ink) >
                     c->places * 3 / 4 )
        return 0;

    for ( g = 0; g < FBC_LEAK_GLYPHS; g++ )
    {
        uint64_t l = font->left[g], r = font->right[g];

        cost = __builtin_popcountll((left ^ l) & known) +
               __builtin_popcountll((right ^ r) & known) +
               __builtin_popcountll(ink & ~(l | r));
        if ( cost < best )
        {
            next = best;
            best = cost;
            st->glyph = (uint8_t)g;
        }
        else if ( cost < next )
            next = cost;
    }
    st->sure = best <= limit && next > best;

    return best;
}

void fbc_leak_cell_solve(struct fbc_leak_cell *c,
                         const struct fbc_leak_font *font)
{
    uint32_t round, s;
    bool inked;
    int worst;

    memset(c->votes, 0, sizeof(c->votes));
    guess_back(c);
    for ( round = 0; round < ROUNDS; round++ )
    {
        if ( round )
        {
            refine_back(c, font);
            count_votes(c, font);
        }
        inked = false;
        worst = 0;
        for ( s = 0; s < c->states; s++ )
        {
            int cost = match(c, &c->state[s], font, max_cost[round]);

            worst = cost > worst ? cost : worst;
            inked = inked || (c->state[s].sure && c->state[s].glyph);
        }

        /* Nothing to learn from, or nothing left to learn. */
        if ( !inked || (round > 1 && worst <= max_cost[ROUNDS - 1]) )
            break;
    }
}
