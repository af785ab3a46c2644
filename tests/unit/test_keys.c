/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What viewers send arrives as the same text at a guest of each layout.  The
 * guest is an xkb_state of its own that is fed the events, with a compose
 * table behind it, as in an X or Wayland session.
 */
#include "vec.h"

#include <linux/input-event-codes.h>
#include <string.h>
#include <xkbcommon/xkbcommon-compose.h>
#include <xkbcommon/xkbcommon.h>

#include "lib/input/qnum.h"
#include "lib/input/typist.h"

static const char *const layouts[] = {
    "us", "gb", "de", "fr", "jp", "de:nodeadkeys", "ch:fr", "es", "se", "pl",
    "cz", "us:intl",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct fbc_error e;

static struct guest {
    struct xkb_context *ctx;
    struct xkb_keymap *map;
    struct xkb_state *state;
    struct xkb_compose_table *table;
    struct xkb_compose_state *compose;
    bool down[FBC_KEYMAP_CODES];
    uint32_t text[4096];            /* plain keysyms */
    size_t len;
    unsigned int repeats;
} g;

static struct fbc_keymap *map;
static struct fbc_typist t;
static struct fbc_typist_out out;

static void boot(const char *layout)
{
    char name[64], *variant;
    struct xkb_rule_names n = { .rules = "evdev", .model = "pc105" };

    snprintf(name, sizeof(name), "%s", layout);
    n.layout = name;
    variant = strchr(name, ':');
    if ( variant )
    {
        *variant = 0;
        n.variant = variant + 1;
    }
    memset(&g, 0, sizeof(g));
    g.ctx = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
    g.map = xkb_keymap_new_from_names(g.ctx, &n, 0);
    assert_non_null(g.map);
    g.state = xkb_state_new(g.map);
    g.table = xkb_compose_table_new_from_locale(g.ctx, "en_US.UTF-8", 0);
    assert_non_null(g.table);
    g.compose = xkb_compose_state_new(g.table, 0);

    assert_int_equal(fbc_keymap_new(layout, &map, &e), 0);
    fbc_typist_init(&t, map, false);
}

static void halt(void)
{
    fbc_keymap_free(map);
    xkb_compose_state_unref(g.compose);
    xkb_compose_table_unref(g.table);
    xkb_state_unref(g.state);
    xkb_keymap_unref(g.map);
    xkb_context_unref(g.ctx);
}

/* A key of the guest goes down, or repeats. */
static void struck(uint16_t code)
{
    uint32_t sym = xkb_state_key_get_one_sym(g.state, code + 8u);

    if ( sym >= XKB_KEY_Shift_L && sym <= XKB_KEY_Hyper_R )
        return;
    if ( sym >= XKB_KEY_ISO_Lock && sym <= XKB_KEY_ISO_Last_Group_Lock )
        return;
    xkb_compose_state_feed(g.compose, sym);
    switch ( xkb_compose_state_get_status(g.compose) )
    {
    case XKB_COMPOSE_COMPOSING:
        return;

    case XKB_COMPOSE_COMPOSED:
        sym = xkb_compose_state_get_one_sym(g.compose);
        break;

    default:
        break;
    }
    xkb_compose_state_reset(g.compose);
    g.text[g.len++] = fbc_keymap_plain(sym);
    assert_true(g.len < COUNT(g.text));
}

static void deliver(void)
{
    size_t i;

    assert_true(out.n <= FBC_TYPIST_MOST);
    for ( i = 0; i < out.n; i++ )
    {
        uint16_t code = out.event[i].code;
        bool down = out.event[i].down;

        assert_true(code && code < FBC_KEYMAP_CODES);
        assert_true(down || g.down[code]);
        g.repeats += down && g.down[code];
        if ( down )
            struck(code);
        if ( down != g.down[code] )
            xkb_state_update_key(g.state, code + 8u,
                                 down ? XKB_KEY_DOWN : XKB_KEY_UP);
        g.down[code] = down;
    }
}

static bool key_of(unsigned int who, bool down, uint32_t keysym,
                   uint32_t qnum)
{
    bool any = fbc_typist_key(&t, who, down, keysym, qnum, &out);

    assert_int_equal(any, out.n != 0);
    deliver();

    return any;
}

static bool key(bool down, uint32_t keysym, uint32_t qnum)
{
    return key_of(0, down, keysym, qnum);
}

static bool tap(uint32_t keysym)
{
    return key(true, keysym, 0) && key(false, keysym, 0);
}

static void nothing_is_down(void)
{
    size_t i;

    for ( i = 0; i < FBC_KEYMAP_CODES; i++ )
        assert_false(g.down[i]);
}

static void typed(size_t from, uint32_t keysym)
{
    assert_int_equal(g.len, from + 1);
    assert_int_equal(g.text[from], fbc_keymap_plain(keysym));
}

/* Every character that the layout has, with each modifier held. */
static void each_character_arrives(void **state)
{
    static const uint32_t held[] = { 0, XKB_KEY_Shift_L, XKB_KEY_Shift_R,
                                     XKB_KEY_ISO_Level3_Shift,
                                     XKB_KEY_Caps_Lock };
    size_t i, h;
    uint32_t c;

    (void)state;
    for ( i = 0; i < COUNT(layouts); i++ )
    {
        unsigned int ascii = 0, latin = 0;

        boot(layouts[i]);
        for ( h = 0; h < COUNT(held); h++ )
        {
            if ( held[h] == XKB_KEY_Caps_Lock )
                assert_true(tap(held[h]));
            else if ( held[h] )
                (void)key(true, held[h], 0);
            for ( c = ' '; c < 0x3000; c++ )
            {
                uint32_t sym = c < 0x100 ? c : c | 0x01000000;

                if ( (c > '~' && c < 0xa0) || c == 0xad )
                    continue;
                g.len = 0;
                if ( !key(true, sym, 0) )
                    continue;
                typed(0, sym);
                /* Not by a key that hardly any keyboard has. */
                assert_true(out.event[out.n / 2].code < 128 || c >= 0x80);
                assert_true(key(false, sym, 0));
                ascii += !h && c < 0x80;
                latin += !h && c >= 0xc0 && c < 0x100;
            }
            if ( held[h] && held[h] != XKB_KEY_Caps_Lock )
                (void)key(false, held[h], 0);
            nothing_is_down();
        }
        /* Dead keys count: es has ~ only with AltGr, cz writes few by any. */
        if ( strcmp(layouts[i], "cz") )
            assert_int_equal(ascii, 95);
        if ( !strcmp(layouts[i], "de") )
            assert_true(latin > 55);
        halt();
    }
}

static void a_euro_has_two_names(void **state)
{
    (void)state;
    boot("de");
    assert_true(tap(XKB_KEY_EuroSign));
    assert_true(tap(0x010020ac));
    assert_int_equal(g.len, 2);
    assert_int_equal(g.text[0], g.text[1]);
    halt();
}

/* An American's Shift+2 for a German's AltGr+Q. */
static void modifiers_give_way_and_come_back(void **state)
{
    (void)state;
    boot("de");
    assert_true(key(true, XKB_KEY_Shift_L, 0));
    assert_true(key(true, '@', 0));
    typed(0, '@');
    assert_true(g.down[KEY_LEFTSHIFT] && g.down[KEY_Q]);
    assert_false(g.down[KEY_RIGHTALT]);
    assert_true(tap('A'));
    assert_int_equal(g.text[1], 'A');
    assert_true(key(false, XKB_KEY_Shift_L, 0));
    assert_true(key(false, '@', 0));
    nothing_is_down();
    halt();
}

static void shortcuts_keep_their_modifiers(void **state)
{
    (void)state;
    boot("us");
    assert_true(key(true, XKB_KEY_Control_L, 0));
    assert_true(key(true, XKB_KEY_Alt_R, 0));
    assert_true(key(true, XKB_KEY_Shift_R, 0));
    assert_true(key(true, XKB_KEY_Delete, 0));
    assert_true(g.down[KEY_LEFTCTRL] && g.down[KEY_RIGHTALT]);
    assert_true(g.down[KEY_RIGHTSHIFT] && g.down[KEY_DELETE]);
    assert_int_equal(out.n, 1);
    assert_true(key(true, 'C', 0));
    assert_int_equal(out.n, 1);
    while ( fbc_typist_release(&t, &out) )
        deliver();
    nothing_is_down();
    halt();
}

/* AltGr of a keyboard that has three levels, at a guest that has two. */
static void level3_is_no_alt(void **state)
{
    (void)state;
    boot("us");
    assert_false(key(true, XKB_KEY_ISO_Level3_Shift, 0));
    assert_true(tap('@'));
    typed(0, '@');
    assert_false(key(false, XKB_KEY_ISO_Level3_Shift, 0));
    halt();
}

static void function_keys_are_bare(void **state)
{
    static const struct { uint32_t keysym; uint16_t code; } keys[] = {
        { XKB_KEY_F1, KEY_F1 }, { XKB_KEY_F12, KEY_F12 },
        { XKB_KEY_Return, KEY_ENTER }, { XKB_KEY_Escape, KEY_ESC },
        { XKB_KEY_Left, KEY_LEFT }, { XKB_KEY_Page_Down, KEY_PAGEDOWN },
        { XKB_KEY_Insert, KEY_INSERT }, { XKB_KEY_BackSpace, KEY_BACKSPACE },
        { XKB_KEY_KP_Enter, KEY_KPENTER }, { XKB_KEY_KP_Home, KEY_HOME },
        { XKB_KEY_Super_L, KEY_LEFTMETA }, { XKB_KEY_Menu, KEY_COMPOSE },
        { XKB_KEY_Print, KEY_SYSRQ }, { XKB_KEY_Pause, KEY_PAUSE },
        { XKB_KEY_Tab, KEY_TAB }, { XKB_KEY_ISO_Left_Tab, KEY_TAB },
        { XKB_KEY_Num_Lock, KEY_NUMLOCK },
    };
    size_t i, j;

    (void)state;
    for ( j = 0; j < 5; j++ )
    {
        boot(layouts[j]);
        assert_true(key(true, XKB_KEY_Shift_L, 0));
        for ( i = 0; i < COUNT(keys); i++ )
        {
            assert_true(key(true, keys[i].keysym, 0));
            assert_int_equal(out.n, 1);
            assert_int_equal(out.event[0].code, keys[i].code);
            assert_true(key(false, keys[i].keysym, 0));
        }
        halt();
    }
}

static void keypad_digits_do_not_depend_on_num_lock(void **state)
{
    uint32_t i;

    (void)state;
    for ( i = 0; i < 5; i++ )
    {
        boot(layouts[i]);
        assert_true(tap(XKB_KEY_KP_7));
        typed(0, '7');
        assert_true(tap(XKB_KEY_KP_Decimal));
        assert_int_equal(g.text[1], '.');
        halt();
    }
}

static void caps_lock_is_followed(void **state)
{
    (void)state;
    boot("us");
    assert_true(tap('A'));          /* the viewer's lock alone is on */
    assert_true(tap(XKB_KEY_Caps_Lock));
    assert_true(t.lock);
    assert_true(key(true, 'A', 0));
    assert_int_equal(out.n, 1);     /* no Shift is needed now */
    assert_true(key(false, 'A', 0));
    assert_true(tap('a'));
    assert_true(tap('1'));
    assert_true(tap(XKB_KEY_Caps_Lock));
    assert_false(t.lock);
    assert_true(tap('a'));
    assert_int_equal(g.len, 5);
    assert_memory_equal(g.text, ((uint32_t[]){ 'A', 'A', 'a', '1', 'a' }),
                        5 * sizeof(g.text[0]));
    halt();
}

static void held_keys_repeat(void **state)
{
    (void)state;
    boot("fr");
    assert_true(key(true, 'x', 0));
    assert_true(key(true, 'x', 0));
    assert_true(key(true, '@', 0));
    assert_true(key(true, '@', 0));
    assert_int_equal(g.repeats, 2);
    assert_int_equal(g.len, 4);
    assert_int_equal(g.text[3], '@');
    assert_true(key(false, '@', 0));
    assert_true(key(false, 'x', 0));
    assert_false(key(false, 'x', 0));
    nothing_is_down();
    halt();
}

/* Two keysyms of one key of the guest's, one after the other without a gap. */
static void one_key_for_two_is_struck_twice(void **state)
{
    (void)state;
    boot("us");
    assert_true(key(true, 'a', 0));
    assert_true(key(true, 'A', 0));
    assert_int_equal(g.repeats, 0);
    assert_int_equal(g.len, 2);
    assert_int_equal(g.text[1], 'A');
    assert_false(key(false, 'a', 0));       /* the other still holds it */
    assert_true(g.down[KEY_A]);
    assert_true(key(false, 'A', 0));
    nothing_is_down();
    halt();
}

static void a_release_finds_its_press(void **state)
{
    (void)state;
    boot("us");
    assert_true(key(true, XKB_KEY_Shift_L, 0));
    assert_true(key(true, 'A', 0));
    assert_true(key(false, XKB_KEY_Shift_L, 0));
    assert_true(key(false, 'a', 0));
    nothing_is_down();
    assert_true(key(true, '!', 0x02));      /* by its place */
    assert_true(key(false, '1', 0x02));
    nothing_is_down();
    halt();
}

static void places_are_places(void **state)
{
    (void)state;
    boot("de");
    assert_true(key(true, 'y', 0x15));
    assert_int_equal(out.event[0].code, KEY_Y);     /* types z there */
    typed(0, 'z');
    assert_true(key(false, 'y', 0x15));
    assert_true(key(true, 0, 0x9d));
    assert_int_equal(out.event[0].code, KEY_RIGHTCTRL);
    assert_true(key(false, 0, 0x9d));

    fbc_typist_init(&t, map, true);
    g.len = 0;
    assert_true(key(true, 'y', 0x15));
    assert_int_equal(out.event[0].code, KEY_Z);
    typed(0, 'y');
    assert_true(key(false, 'y', 0x15));
    /* What has no keysym here goes by its place all the same. */
    assert_true(key(true, XKB_KEY_XF86AudioMute + 0x400, 0xa0));
    assert_int_equal(out.event[0].code, KEY_MUTE);
    assert_true(key(false, XKB_KEY_XF86AudioMute + 0x400, 0xa0));
    nothing_is_down();
    halt();
}

/* Of linux/input-event-codes.h and of a PC keyboard's manual. */
static void scan_codes(void **state)
{
    static const struct { uint32_t qnum; uint16_t code; } known[] = {
        { 0, 0 }, { 0x01, KEY_ESC }, { 0x1c, KEY_ENTER }, { 0x39, KEY_SPACE },
        { 0x53, KEY_KPDOT }, { 0x54, KEY_SYSRQ }, { 0x56, KEY_102ND },
        { 0x57, KEY_F11 }, { 0x58, KEY_F12 }, { 0x9c, KEY_KPENTER },
        { 0xb8, KEY_RIGHTALT }, { 0xc8, KEY_UP }, { 0xd3, KEY_DELETE },
        { 0xdb, KEY_LEFTMETA }, { 0xdd, KEY_COMPOSE }, { 0x73, KEY_RO },
        { 0x7d, KEY_YEN }, { 0x79, KEY_HENKAN }, { 0x80, 0 }, { 0xff, 0 },
        { 0x100, 0 }, { 0xe048, 0 }, { UINT32_MAX, 0 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < COUNT(known); i++ )
        assert_int_equal(fbc_qnum_code(known[i].qnum), known[i].code);
}

static void what_is_no_key_is_nothing(void **state)
{
    static const uint32_t none[] = {
        0, 1, 0x0a, 0x01000000, 0x0110ffff, 0x01110000, 0x20000000,
        0xffffffff, XKB_KEY_VoidSymbol, 0x01004e2d,
    };
    size_t i;

    (void)state;
    boot("us");
    for ( i = 0; i < COUNT(none); i++ )
    {
        assert_false(key(true, none[i], 0));
        assert_false(key(false, none[i], 0));
    }
    assert_int_equal(t.n_held, 0);
    assert_false(key(true, 0, 0xffff));
    halt();
}

static void no_more_than_fit(void **state)
{
    unsigned int i, n = 0;

    (void)state;
    boot("us");
    for ( i = 0; i < 200; i++ )
        n += key(true, 0x10000 + i, 0x1e);
    assert_int_equal(n, FBC_TYPIST_KEYS);
    for ( n = 0; fbc_typist_release(&t, &out); n++ )
        deliver();
    assert_int_equal(n, 1);
    nothing_is_down();
    assert_false(key(false, 0x10000, 0x1e));
    halt();
}

/* By keysym and by place; who holds them goes on with them. */
static void modifiers_are_each_viewers_own(void **state)
{
    (void)state;
    boot("us");
    assert_true(key_of(1, true, XKB_KEY_Shift_L, 0x2a));
    assert_true(key_of(1, true, XKB_KEY_Control_R, 0x9d));
    assert_true(key_of(2, true, 'a', 0x1e));
    assert_int_equal(out.n, 5);
    assert_true(key_of(2, false, 'a', 0x1e));
    assert_true(key_of(2, true, 'a', 0));
    assert_true(key_of(2, false, 'a', 0));
    assert_true(g.down[KEY_LEFTSHIFT] && g.down[KEY_RIGHTCTRL]);
    assert_true(key_of(1, true, 'B', 0x30));
    assert_int_equal(out.n, 1);
    assert_true(key_of(1, false, 'B', 0x30));
    assert_int_equal(g.len, 3);
    assert_memory_equal(g.text, ((uint32_t[]){ 'a', 'a', 'B' }),
                        3 * sizeof(g.text[0]));

    /* Both hold one: it goes up with the second. */
    assert_true(key_of(2, true, XKB_KEY_Shift_L, 0x2a));
    assert_true(key_of(2, true, 'C', 0x2e));
    assert_int_equal(out.n, 3);
    assert_int_equal(g.text[3], 'C');
    assert_true(key_of(2, false, 'C', 0x2e));
    assert_false(key_of(1, false, XKB_KEY_Shift_L, 0x2a));
    assert_true(g.down[KEY_LEFTSHIFT]);
    assert_false(fbc_typist_holds(&t, 1, KEY_LEFTSHIFT));
    assert_true(fbc_typist_holds(&t, 2, KEY_LEFTSHIFT));
    assert_true(key_of(2, false, XKB_KEY_Shift_L, 0x2a));
    assert_true(key_of(1, false, XKB_KEY_Control_R, 0x9d));
    nothing_is_down();

    /* No such key: nothing is lifted for it. */
    assert_true(key_of(1, true, XKB_KEY_Alt_L, 0));
    assert_false(key_of(2, true, 0x01004e2d, 0));
    assert_true(g.down[KEY_LEFTALT] && key_of(1, false, XKB_KEY_Alt_L, 0));
    halt();
}

static void two_viewers_strike_one_key(void **state)
{
    (void)state;
    boot("us");
    assert_true(key_of(1, true, 'a', 0x1e));
    assert_true(key_of(2, true, 'a', 0x1e));
    assert_int_equal(g.repeats, 0);
    assert_int_equal(g.len, 2);
    assert_true(key_of(1, true, 'a', 0x1e));
    assert_int_equal(g.repeats, 1);
    assert_false(key_of(1, false, 'a', 0x1e));
    assert_true(g.down[KEY_A]);
    assert_true(key_of(2, false, 'a', 0x1e));
    nothing_is_down();
    halt();
}

static void a_new_keyboard_lifts_modifiers(void **state)
{
    (void)state;
    fbc_typist_lift(&out);
    assert_int_equal(out.n, 8);
    assert_int_equal(out.event[0].code, KEY_LEFTSHIFT);
    assert_false(out.event[7].down);
}

static void names(void **state)
{
    static const char *const bad[] = {
        "", ":", ":neo", "de:", "de:neo:x", "../de", "de(neo)", "de neo",
        "xx", "de:nosuch", "0123456789012345678901234567890123456789",
    };
    struct fbc_keymap *m = NULL;
    size_t i;

    (void)state;
    for ( i = 0; i < COUNT(bad); i++ )
    {
        assert_int_equal(fbc_keymap_new(bad[i], &m, &e), -1);
        assert_int_equal(e.status, FBC_EXIT_USAGE);
        assert_null(m);
    }
    fbc_keymap_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_character_arrives),
        cmocka_unit_test(a_euro_has_two_names),
        cmocka_unit_test(modifiers_give_way_and_come_back),
        cmocka_unit_test(shortcuts_keep_their_modifiers),
        cmocka_unit_test(level3_is_no_alt),
        cmocka_unit_test(function_keys_are_bare),
        cmocka_unit_test(keypad_digits_do_not_depend_on_num_lock),
        cmocka_unit_test(caps_lock_is_followed),
        cmocka_unit_test(held_keys_repeat),
        cmocka_unit_test(one_key_for_two_is_struck_twice),
        cmocka_unit_test(a_release_finds_its_press),
        cmocka_unit_test(places_are_places),
        cmocka_unit_test(scan_codes),
        cmocka_unit_test(what_is_no_key_is_nothing),
        cmocka_unit_test(no_more_than_fit),
        cmocka_unit_test(modifiers_are_each_viewers_own),
        cmocka_unit_test(two_viewers_strike_one_key),
        cmocka_unit_test(a_new_keyboard_lifts_modifiers),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
