/* SPDX-License-Identifier: GPL-2.0-only */
/* Keysyms to the keys of a guest. */
#include "lib/input/typist.h"

#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon-keysyms.h>

#include "lib/input/qnum.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The same on each layout; what a layout calls them does not matter. */
static const struct {
    uint32_t keysym;
    uint16_t code;
} fixed[] = {
    { XKB_KEY_Shift_L, KEY_LEFTSHIFT }, { XKB_KEY_Shift_R, KEY_RIGHTSHIFT },
    { XKB_KEY_Control_L, KEY_LEFTCTRL }, { XKB_KEY_Control_R, KEY_RIGHTCTRL },
    { XKB_KEY_Alt_L, KEY_LEFTALT }, { XKB_KEY_Meta_L, KEY_LEFTALT },
    { XKB_KEY_Alt_R, KEY_RIGHTALT }, { XKB_KEY_Meta_R, KEY_RIGHTALT },
    { XKB_KEY_Super_L, KEY_LEFTMETA }, { XKB_KEY_Hyper_L, KEY_LEFTMETA },
    { XKB_KEY_Super_R, KEY_RIGHTMETA }, { XKB_KEY_Hyper_R, KEY_RIGHTMETA },
    { XKB_KEY_Num_Lock, KEY_NUMLOCK }, { XKB_KEY_Scroll_Lock, KEY_SCROLLLOCK },
    { XKB_KEY_Sys_Req, KEY_SYSRQ }, { XKB_KEY_Print, KEY_SYSRQ },
    { XKB_KEY_Break, KEY_PAUSE }, { XKB_KEY_Pause, KEY_PAUSE },
    { XKB_KEY_Menu, KEY_COMPOSE }, { XKB_KEY_BackSpace, KEY_BACKSPACE },
    { XKB_KEY_Tab, KEY_TAB }, { XKB_KEY_Linefeed, KEY_ENTER },
    { XKB_KEY_KP_Enter, KEY_KPENTER }, { XKB_KEY_KP_Add, KEY_KPPLUS },
    { XKB_KEY_KP_Subtract, KEY_KPMINUS },
    { XKB_KEY_KP_Multiply, KEY_KPASTERISK },
    { XKB_KEY_KP_Divide, KEY_KPSLASH },
};

/* A keypad's, with Num Lock off or on where they come from; and another. */
static const struct {
    uint32_t keypad, keysym;
} plain[] = {
    { XKB_KEY_KP_Home, XKB_KEY_Home }, { XKB_KEY_KP_End, XKB_KEY_End },
    { XKB_KEY_KP_Left, XKB_KEY_Left }, { XKB_KEY_KP_Right, XKB_KEY_Right },
    { XKB_KEY_KP_Up, XKB_KEY_Up }, { XKB_KEY_KP_Down, XKB_KEY_Down },
    { XKB_KEY_KP_Prior, XKB_KEY_Prior }, { XKB_KEY_KP_Next, XKB_KEY_Next },
    { XKB_KEY_KP_Insert, XKB_KEY_Insert },
    { XKB_KEY_KP_Delete, XKB_KEY_Delete }, { XKB_KEY_KP_Tab, XKB_KEY_Tab },
    { XKB_KEY_KP_Decimal, '.' }, { XKB_KEY_KP_Separator, ',' },
    { XKB_KEY_KP_Space, ' ' }, { XKB_KEY_KP_Equal, '=' },
    { XKB_KEY_Shift_Lock, XKB_KEY_Caps_Lock },
};

static const uint16_t modifiers[] = {
    KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_LEFTCTRL, KEY_RIGHTCTRL, KEY_LEFTALT,
    KEY_RIGHTALT, KEY_LEFTMETA, KEY_RIGHTMETA,
};

void fbc_typist_init(struct fbc_typist *t, const struct fbc_keymap *map,
                     bool by_keysym)
{
    memset(t, 0, sizeof(*t));
    t->map = map;
    t->by_keysym = by_keysym;
}

static bool is_down(const struct fbc_typist *t, uint16_t code)
{
    return t->down[code / 8] >> code % 8 & 1;
}

/* As the guest has it. */
static uint32_t state(const struct fbc_typist *t)
{
    return (is_down(t, KEY_LEFTSHIFT) || is_down(t, KEY_RIGHTSHIFT)
            ? FBC_KEYMAP_SHIFT : 0) |
           (t->lock ? FBC_KEYMAP_LOCK : 0) |
           (is_down(t, KEY_RIGHTALT) && fbc_keymap_has_level3(t->map)
            ? FBC_KEYMAP_LEVEL3 : 0);
}

static void put(struct fbc_typist *t, struct fbc_typist_out *out,
                uint16_t code, bool down)
{
    if ( down && !is_down(t, code) &&
         fbc_keymap_gives(t->map, code, state(t)) == XKB_KEY_Caps_Lock )
        t->lock = !t->lock;
    if ( down )
        t->down[code / 8] |= (uint8_t)(1u << code % 8);
    else
        t->down[code / 8] &= (uint8_t)~(1u << code % 8);
    out->event[out->n++] = (struct fbc_typist_event){ code, down };
}

/* A key that another one holds goes down anew: that is no repetition. */
static void strike(struct fbc_typist *t, struct fbc_typist_out *out,
                   uint16_t code)
{
    if ( is_down(t, code) && !t->repeat )
        put(t, out, code, false);
    put(t, out, code, true);
}

/* The state among those of a key that needs the fewest changes. */
static uint32_t nearest(uint8_t states, uint32_t from)
{
    static const uint8_t changes[] = {
        0, FBC_KEYMAP_SHIFT, FBC_KEYMAP_LEVEL3,
        FBC_KEYMAP_SHIFT | FBC_KEYMAP_LEVEL3,
    };
    size_t i;

    for ( i = 0; i < sizeof(changes); i++ )
        if ( states >> (from ^ changes[i]) & 1 )
            return from ^ changes[i];

    return from;                /* fbc_keymap_find() keeps to this Lock */
}

/* Presses a key as if the modifiers were in another state. */
static void press_in(struct fbc_typist *t, struct fbc_typist_out *out,
                     uint16_t code, uint32_t want)
{
    static const uint16_t mods[] = { KEY_LEFTSHIFT, KEY_RIGHTSHIFT,
                                     KEY_RIGHTALT };
    static const uint8_t bit[] = { FBC_KEYMAP_SHIFT, FBC_KEYMAP_SHIFT,
                                   FBC_KEYMAP_LEVEL3 };
    uint32_t have = state(t), i;
    bool was[3];

    for ( i = 0; i < 3; i++ )
    {
        was[i] = is_down(t, mods[i]);
        if ( !((have ^ want) & bit[i]) )
            continue;
        if ( was[i] )
            put(t, out, mods[i], false);
        else if ( want & bit[i] && i != 1 )
            put(t, out, mods[i], true);
    }
    strike(t, out, code);
    for ( i = 3; i--; )
        if ( is_down(t, mods[i]) != was[i] )
            put(t, out, mods[i], was[i]);
}

static void press(struct fbc_typist *t, struct fbc_typist_out *out,
                  const struct fbc_keymap_key *k)
{
    press_in(t, out, k->code, nearest(k->states, state(t)));
}

/* One for which the modifiers must be right. */
static bool is_char(uint32_t keysym)
{
    return (keysym < 0xfd00 && keysym) || keysym > 0xffff ||
           (keysym >= XKB_KEY_dead_grave && keysym <= XKB_KEY_dead_greek) ||
           keysym == XKB_KEY_ISO_Left_Tab || keysym == XKB_KEY_Caps_Lock;
}

/* The keypad's key as a keysym, if that does not depend on Num Lock. */
static uint32_t off_keypad(uint32_t keysym)
{
    size_t i;

    if ( keysym >= XKB_KEY_KP_0 && keysym <= XKB_KEY_KP_9 )
        return keysym - XKB_KEY_KP_0 + '0';
    for ( i = 0; i < sizeof(plain) / sizeof(plain[0]); i++ )
        if ( plain[i].keypad == keysym )
            return plain[i].keysym;

    return keysym;
}

/* A key that is pressed as it is, whatever the modifiers are; 0: none. */
static uint16_t bare_code(const struct fbc_typist *t, uint32_t keysym)
{
    struct fbc_keymap_key k;
    size_t i;

    if ( keysym == XKB_KEY_ISO_Level3_Shift || keysym == XKB_KEY_Mode_switch )
        return fbc_keymap_has_level3(t->map) ? KEY_RIGHTALT : 0;
    for ( i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++ )
        if ( fixed[i].keysym == keysym )
            return fixed[i].code;

    return !is_char(keysym) && fbc_keymap_find(t->map, keysym, state(t), &k)
           ? k.code : 0;
}

/* Down with a keysym's key; its code, 0: there is none. */
static uint16_t press_keysym(struct fbc_typist *t, uint32_t keysym,
                             struct fbc_typist_out *out)
{
    uint32_t sym = off_keypad(keysym), pair[2];
    struct fbc_keymap_key k, dead;
    uint16_t code = bare_code(t, sym);

    if ( code )
    {
        strike(t, out, code);
        return code;
    }
    if ( !is_char(sym) )
        return 0;
    if ( fbc_keymap_find(t->map, sym, state(t), &k) )
    {
        press(t, out, &k);
        return k.code;
    }

    if ( !fbc_keymap_compose(t->map, sym, pair) ||
         !fbc_keymap_find(t->map, pair[0], state(t), &dead) ||
         !fbc_keymap_find(t->map, pair[1], state(t), &k) )
        return 0;
    press(t, out, &dead);
    put(t, out, dead.code, false);
    press(t, out, &k);

    return k.code;
}

static size_t find_held(const struct fbc_typist *t, uint32_t keysym,
                        uint32_t qnum)
{
    size_t i;

    for ( i = 0; i < t->n_held; i++ )
        if ( t->held[i].who == t->who && t->held[i].keysym == keysym &&
             t->held[i].qnum == qnum )
            break;

    return i;
}

/* Is it held by another key than this one? */
static bool others_hold(const struct fbc_typist *t, size_t but, uint16_t code)
{
    size_t i;

    for ( i = 0; i < t->n_held; i++ )
        if ( i != but && t->held[i].code == code )
            return true;

    return false;
}

/*
 * A viewer may tell the release of a letter by another keysym than its press:
 * Shift went up in between.  Then its place tells, or the key that it is here.
 */
static size_t find_released(const struct fbc_typist *t, uint32_t keysym,
                            uint32_t qnum)
{
    size_t i = find_held(t, keysym, qnum);
    struct fbc_keymap_key k;

    if ( i < t->n_held )
        return i;
    for ( i = 0; qnum && i < t->n_held; i++ )
        if ( t->held[i].who == t->who && t->held[i].qnum == qnum )
            return i;
    if ( fbc_keymap_find(t->map, keysym, 0, &k) )
        for ( i = 0; i < t->n_held; i++ )
            if ( t->held[i].who == t->who && t->held[i].code == k.code &&
                 !t->held[i].qnum )
                return i;

    return t->n_held;
}

static bool go_up(struct fbc_typist *t, uint32_t keysym, uint32_t qnum,
                  struct fbc_typist_out *out)
{
    size_t i = find_released(t, keysym, qnum);
    uint16_t code;

    if ( i == t->n_held )
        return false;
    code = t->held[i].code;
    if ( !others_hold(t, i, code) && is_down(t, code) )
        put(t, out, code, false);
    t->held[i] = t->held[--t->n_held];

    return out->n;
}

static bool is_modifier(uint16_t code)
{
    size_t i;

    for ( i = 0; i < COUNT(modifiers); i++ )
        if ( modifiers[i] == code )
            return true;

    return false;
}

bool fbc_typist_holds(const struct fbc_typist *t, unsigned int who,
                      uint16_t code)
{
    size_t i;

    for ( i = 0; i < t->n_held; i++ )
        if ( t->held[i].who == who && t->held[i].code == code )
            return true;

    return false;
}

/* Up with what only others hold; a bit for each, for put_back(). */
static uint32_t lift(struct fbc_typist *t, struct fbc_typist_out *out)
{
    uint32_t lifted = 0, i;

    for ( i = 0; i < COUNT(modifiers); i++ )
        if ( is_down(t, modifiers[i]) &&
             others_hold(t, t->n_held, modifiers[i]) &&
             !fbc_typist_holds(t, t->who, modifiers[i]) )
        {
            put(t, out, modifiers[i], false);
            lifted |= 1u << i;
        }

    return lifted;
}

static void put_back(struct fbc_typist *t, struct fbc_typist_out *out,
                     uint32_t lifted)
{
    uint32_t i;

    for ( i = COUNT(modifiers); i--; )
        if ( lifted >> i & 1 )
            put(t, out, modifiers[i], true);
}

static bool go_down(struct fbc_typist *t, uint32_t keysym, uint32_t qnum,
                    struct fbc_typist_out *out)
{
    size_t i = find_held(t, keysym, qnum);
    uint16_t code = qnum && !(t->by_keysym && keysym) ? fbc_qnum_code(qnum)
                                                      : 0;
    uint32_t lifted = 0;

    if ( i == t->n_held && i == FBC_TYPIST_KEYS )
        return false;
    t->repeat = i < t->n_held;
    if ( !is_modifier(code ? code : bare_code(t, off_keypad(keysym))) )
        lifted = lift(t, out);
    if ( code )
        strike(t, out, code);
    else if ( !(code = press_keysym(t, keysym, out)) && qnum &&
              (code = fbc_qnum_code(qnum)) )
        strike(t, out, code);
    put_back(t, out, lifted);
    if ( !code )
    {
        out->n = 0;
        return false;
    }

    t->held[i].keysym = keysym;
    t->held[i].qnum = qnum;
    t->held[i].who = t->who;
    t->held[i].code = code;
    t->n_held += i == t->n_held;

    return true;
}

bool fbc_typist_key(struct fbc_typist *t, unsigned int who, bool down,
                    uint32_t keysym, uint32_t qnum,
                    struct fbc_typist_out *out)
{
    out->n = 0;
    t->who = who;

    return down ? go_down(t, keysym, qnum, out)
                : go_up(t, keysym, qnum, out);
}

bool fbc_typist_release(struct fbc_typist *t, struct fbc_typist_out *out)
{
    uint16_t code;

    out->n = 0;
    t->n_held = 0;
    for ( code = 1; code < FBC_KEYMAP_CODES; code++ )
        if ( is_down(t, code) && out->n < FBC_TYPIST_MOST )
            put(t, out, code, false);

    return out->n;
}

void fbc_typist_lift(struct fbc_typist_out *out)
{
    size_t i;

    out->n = 0;
    for ( i = 0; i < COUNT(modifiers); i++ )
        out->event[out->n++] =
            (struct fbc_typist_event){ modifiers[i], false };
}
