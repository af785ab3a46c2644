/* SPDX-License-Identifier: GPL-2.0-only */
/* Keyboard layouts, from libxkbcommon. */
#include "lib/input/keymap.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <xkbcommon/xkbcommon-compose.h>
#include <xkbcommon/xkbcommon.h>

#define XKB_OFFSET   8              /* its key codes begin there */
#define UNICODE      0x01000000u    /* keysyms of characters from U+0100 on */
#define PAIRS        512
#define DEAD_FIRST   0xfe50u
#define DEAD_LAST    0xfe93u

/* <LVL3> and others are no keys; real ones are below, and above <MDSW>. */
#define NO_KEY_LVL3  84u
#define CODES        256u

struct fbc_keymap {
    uint32_t sym[CODES][FBC_KEYMAP_STATES];     /* plain; 0: none */
    bool level3;
    struct pair {
        uint32_t sym, dead, base;
    } pair[PAIRS];
    size_t pairs;
};

uint32_t fbc_keymap_plain(uint32_t keysym)
{
    uint32_t c;

    /* Function keys have characters, too: Return is one, and so is KP_7. */
    if ( keysym < 0x100 || (keysym >= 0xfd00 && keysym <= 0xffff) )
        return keysym;
    c = xkb_keysym_to_utf32(keysym);
    if ( !c )
        return keysym;

    return c < 0x100 ? c : c | UNICODE;
}

static bool is_dead(uint32_t sym)
{
    return sym >= DEAD_FIRST && sym <= DEAD_LAST;
}

/* Splits "layout:variant". */
static int split(const char *text, char layout[static FBC_KEYMAP_NAME],
                 char variant[static FBC_KEYMAP_NAME], struct fbc_error *e)
{
    char *to = layout;
    size_t n = 0;

    memset(layout, 0, FBC_KEYMAP_NAME);
    memset(variant, 0, FBC_KEYMAP_NAME);
    for ( ; *text; text++ )
        if ( *text == ':' && to == layout && n )
            to = variant, n = 0;
        else if ( n == FBC_KEYMAP_NAME - 1 ||
                  !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                          "XYZ0123456789_-", *text) )
            break;
        else
            to[n++] = *text;
    if ( *text || !n )
        return fbc_fail(e, FBC_EXIT_USAGE, "keyboard layout",
                        "not a name such as de or de:neo");

    return 0;
}

static xkb_mod_mask_t mod_mask(struct xkb_keymap *k, const char *name)
{
    xkb_mod_index_t i = xkb_keymap_mod_get_index(k, name);

    return i == XKB_MOD_INVALID ? 0 : (xkb_mod_mask_t)1 << i;
}

static int read_states(struct fbc_keymap *m, struct xkb_keymap *k)
{
    /* Mod5 is where all layouts of xkb-data have their third level. */
    const xkb_mod_mask_t shift = mod_mask(k, XKB_MOD_NAME_SHIFT),
                         lock = mod_mask(k, XKB_MOD_NAME_CAPS),
                         level3 = mod_mask(k, "Mod5");
    struct xkb_state *st = xkb_state_new(k);
    uint32_t code, s;

    if ( !st )
        return -1;
    for ( s = 0; s < FBC_KEYMAP_STATES; s++ )
    {
        xkb_state_update_mask(st, (s & FBC_KEYMAP_SHIFT ? shift : 0) |
                                  (s & FBC_KEYMAP_LEVEL3 ? level3 : 0), 0,
                              s & FBC_KEYMAP_LOCK ? lock : 0, 0, 0, 0);
        for ( code = 1; code < CODES - XKB_OFFSET; code++ )
            m->sym[code][s] = code == NO_KEY_LVL3 ? 0 : fbc_keymap_plain(
                xkb_state_key_get_one_sym(st, code + XKB_OFFSET));
    }
    xkb_state_unref(st);

    for ( code = 1; code < CODES; code++ )
        m->level3 |= m->sym[code][0] == XKB_KEY_ISO_Level3_Shift;
    for ( code = 1; code < CODES && !m->level3; code++ )
        for ( s = FBC_KEYMAP_LEVEL3; s < FBC_KEYMAP_STATES; s++ )
            m->sym[code][s] = 0;        /* nobody gets there */

    return 0;
}

static void try_pair(struct fbc_keymap *m, struct xkb_compose_state *c,
                     uint32_t dead, uint32_t base)
{
    struct fbc_keymap_key key;
    uint32_t sym;

    xkb_compose_state_reset(c);
    if ( !xkb_compose_state_feed(c, dead) ||
         !xkb_compose_state_feed(c, base) ||
         xkb_compose_state_get_status(c) != XKB_COMPOSE_COMPOSED )
        return;
    sym = fbc_keymap_plain(xkb_compose_state_get_one_sym(c));
    if ( !sym || fbc_keymap_find(m, sym, 0, &key) || m->pairs == PAIRS )
        return;
    m->pair[m->pairs++] = (struct pair){ sym, dead, base };
}

/* Each dead key of the keyboard with each letter that it has. */
static void read_pairs(struct fbc_keymap *m, struct xkb_compose_state *c)
{
    uint32_t s, code, s2, code2;

    for ( s = 0; s < FBC_KEYMAP_STATES; s++ )
        for ( code = 1; code < CODES; code++ )
        {
            uint32_t dead = m->sym[code][s];

            if ( s & FBC_KEYMAP_LOCK || !is_dead(dead) )
                continue;
            for ( s2 = 0; s2 <= FBC_KEYMAP_SHIFT; s2++ )
                for ( code2 = 1; code2 < CODES; code2++ )
                    if ( m->sym[code2][s2] && !is_dead(m->sym[code2][s2]) &&
                         m->sym[code2][s2] < 0xfd00 )
                        try_pair(m, c, dead, m->sym[code2][s2]);
        }
}

static void compose(struct fbc_keymap *m, struct xkb_context *x)
{
    struct xkb_compose_table *t;
    struct xkb_compose_state *c;

    t = xkb_compose_table_new_from_locale(x, "en_US.UTF-8",
                                          XKB_COMPOSE_COMPILE_NO_FLAGS);
    if ( !t )
        return;
    c = xkb_compose_state_new(t, XKB_COMPOSE_STATE_NO_FLAGS);
    if ( c )
        read_pairs(m, c);
    xkb_compose_state_unref(c);
    xkb_compose_table_unref(t);
}

int fbc_keymap_new(const char *layout, struct fbc_keymap **out,
                   struct fbc_error *e)
{
    char name[FBC_KEYMAP_NAME], variant[FBC_KEYMAP_NAME];
    const struct xkb_rule_names rules = {
        .rules = "evdev", .model = "pc105", .layout = name,
        .variant = variant, .options = "",
    };
    struct fbc_keymap *m = NULL;
    struct xkb_context *x = NULL;
    struct xkb_keymap *k = NULL;
    int rc = -1;

    if ( split(layout, name, variant, e) )
        return -1;

    /* Silent before it looks for its directories. */
    x = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES |
                        XKB_CONTEXT_NO_DEFAULT_INCLUDES);
    if ( x )
        xkb_context_set_log_level(x, XKB_LOG_LEVEL_CRITICAL);
    if ( !x || !xkb_context_include_path_append_default(x) )
    {
        fbc_fail(e, FBC_EXIT_ENV, layout, "libxkbcommon finds no layouts");
        fbc_hint(e, "Debian has them in xkb-data");
        goto out;
    }
    k = xkb_keymap_new_from_names(x, &rules, XKB_KEYMAP_COMPILE_NO_FLAGS);
    if ( !k )
    {
        fbc_fail(e, FBC_EXIT_USAGE, layout, "no such keyboard layout");
        fbc_hint(e, "xkeyboard-config(7) lists layouts and variants");
        goto out;
    }

    m = calloc(1, sizeof(*m));
    if ( !m || read_states(m, k) )
    {
        free(m);
        fbc_fail(e, FBC_EXIT_ENV, layout, "no memory");
        goto out;
    }
    compose(m, x);
    *out = m;
    rc = 0;

 out:
    xkb_keymap_unref(k);
    xkb_context_unref(x);

    return rc;
}

void fbc_keymap_free(struct fbc_keymap *m)
{
    free(m);
}

static uint8_t states_of(const struct fbc_keymap *m, uint32_t code,
                         uint32_t sym)
{
    uint8_t states = 0;
    uint32_t s;

    for ( s = 0; s < FBC_KEYMAP_STATES; s++ )
        if ( m->sym[code][s] == sym )
            states = (uint8_t)(states | 1u << s);

    return states;
}

/*
 * How much must change; without the third level, if it can be.  Keys that not
 * all keyboards have (one gives an opening parenthesis) come last.
 */
static unsigned int cost(uint32_t code, uint8_t states, uint32_t state)
{
    if ( code > KEY_COMPOSE || code == KEY_KPPLUSMINUS || code == KEY_102ND )
        return 4 + cost(KEY_ESC, states, state);
    if ( states & 1u << state )
        return 0;
    if ( states & 1u << (state ^ FBC_KEYMAP_SHIFT) )
        return 1;

    return states & 0x0f ? 2 : 3;
}

bool fbc_keymap_find(const struct fbc_keymap *m, uint32_t keysym,
                     uint32_t state, struct fbc_keymap_key *key)
{
    uint8_t same_lock = state & FBC_KEYMAP_LOCK ? 0xcc : 0x33;
    uint32_t sym = fbc_keymap_plain(keysym), code;
    unsigned int least = UINT32_MAX;

    if ( !sym )
        return false;
    for ( code = 1; code < CODES; code++ )
    {
        uint8_t states = states_of(m, code, sym) & same_lock;

        if ( !states || cost(code, states, state) >= least )
            continue;
        least = cost(code, states, state);
        key->code = (uint16_t)code;
        key->states = states;
    }

    return least != UINT32_MAX;
}

uint32_t fbc_keymap_gives(const struct fbc_keymap *m, uint32_t code,
                          uint32_t state)
{
    return code < CODES ? m->sym[code][state % FBC_KEYMAP_STATES] : 0;
}

bool fbc_keymap_compose(const struct fbc_keymap *m, uint32_t keysym,
                        uint32_t pair[static 2])
{
    uint32_t sym = fbc_keymap_plain(keysym);
    size_t i;

    for ( i = 0; i < m->pairs; i++ )
        if ( m->pair[i].sym == sym )
        {
            pair[0] = m->pair[i].dead;
            pair[1] = m->pair[i].base;
            return true;
        }

    return false;
}

bool fbc_keymap_has_level3(const struct fbc_keymap *m)
{
    return m->level3;
}
