/* SPDX-License-Identifier: GPL-2.0-only */
/* When a screen is live, and when and how it is marked. */
#include <stdlib.h>

#include "vec.h"

#include "lib/proxy/live.h"

#define MS  UINT64_C(1000000)
#define S   (1000 * MS)
#define T0  (77 * S)                /* the viewer's clock at the start */
#define X0  (123456 * S)            /* the hypervisor's then */

struct world {
    struct fbc_live l;
    struct fbc_view v;
    struct fbc_view_stats st;
};

static struct world *begin(void)
{
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->v.header.ep.geom.tiles = 10;
    fbc_vector_init(w->v.vec, 1, 10);
    fbc_live_init(&w->l, T0);

    return w;
}

/* A picture; hyper: the time in its manifest, 0: that does not verify. */
static void picture(struct world *w, uint64_t now, uint64_t hyper)
{
    w->st.manifest = hyper ? FBC_OK : FBC_ERR_AUTH;
    w->st.live.time_ns = hyper;
    fbc_live_picture(&w->l, now, &w->v, &w->st);
    w->st.new_epoch = false;
}

static void is(struct world *w, uint64_t now, enum fbc_live_state state,
               const char *text)
{
    char buf[FBC_LIVE_TEXT];

    assert_string_equal(fbc_live_name(fbc_live_state(&w->l, now)),
                        fbc_live_name(state));
    fbc_live_text(&w->l, now, buf);
    assert_string_equal(buf, text);
}

static struct world *live(void)
{
    struct world *w = begin();

    fbc_live_connected(&w->l, T0);
    picture(w, T0, X0);
    is(w, T0, FBC_LIVE_OK, "");

    return w;
}

static void before_the_first_picture(void **state)
{
    struct world *w = begin();

    (void)state;
    is(w, T0, FBC_LIVE_CONNECTING, "no connection yet: trying for 0 s");
    fbc_live_lost(&w->l, T0 + S);
    is(w, T0 + 3 * S, FBC_LIVE_CONNECTING,
       "no connection yet: trying for 3 s");
    fbc_live_connected(&w->l, T0 + 4 * S);
    is(w, T0 + 9 * S, FBC_LIVE_WAITING, "waiting for the first picture");
    assert_true(fbc_live_timeout(&w->l, T0 + 9 * S) == UINT64_MAX);
    assert_false(fbc_live_input(&w->l, T0 + 9 * S));

    fbc_vector_set(w->v.vec, 3, 5);
    picture(w, T0 + 10 * S, 0);
    is(w, T0 + 10 * S, FBC_LIVE_WAITING, "checking: 1 of 10 tiles verified");
    picture(w, T0 + 11 * S, X0);
    is(w, T0 + 11 * S, FBC_LIVE_OK, "");
    assert_true(fbc_live_input(&w->l, T0 + 11 * S));
    free(w);
}

static void a_manifest_that_never_verifies(void **state)
{
    struct world *w = begin();

    (void)state;
    fbc_live_connected(&w->l, T0);
    picture(w, T0, 0);
    picture(w, T0 + 4 * S, 0);
    is(w, T0 + 4 * S, FBC_LIVE_WAITING, "checking: 0 of 10 tiles verified");
    is(w, T0 + 4 * S + 1, FBC_LIVE_FROZEN, "frozen: no manifest for 4 s");
    assert_false(fbc_live_input(&w->l, T0 + 5 * S));
    free(w);
}

static void frozen_after_4_s(void **state)
{
    struct world *w = live();

    (void)state;
    assert_true(fbc_live_timeout(&w->l, T0 + S) == 3 * S + 1);
    is(w, T0 + 4 * S, FBC_LIVE_OK, "");
    is(w, T0 + 4 * S + 1, FBC_LIVE_FROZEN, "frozen: no manifest for 4 s");
    is(w, T0 + 61 * S, FBC_LIVE_FROZEN, "frozen: no manifest for 61 s");
    assert_true(fbc_live_timeout(&w->l, T0 + 61 * S + S / 4) == S * 3 / 4);
    /* The keys that are still down must come up. */
    assert_true(fbc_live_input(&w->l, T0 + 61 * S));

    picture(w, T0 + 62 * S, X0 + 62 * S);
    is(w, T0 + 62 * S, FBC_LIVE_OK, "");
    free(w);
}

static void pictures_without_manifest_do_not_help(void **state)
{
    struct world *w = live();
    uint64_t t;

    (void)state;
    for ( t = 0; t <= 5 * S; t += 100 * MS )
        picture(w, T0 + t, 0);
    is(w, T0 + 5 * S, FBC_LIVE_FROZEN, "frozen: no manifest for 5 s");
    free(w);
}

static void the_same_manifest_again_does_not_help(void **state)
{
    struct world *w = live();
    uint64_t t;

    (void)state;
    for ( t = 0; t <= 5 * S; t += 100 * MS )
        picture(w, T0 + t, X0);
    is(w, T0 + 5 * S, FBC_LIVE_FROZEN, "frozen: no manifest for 5 s");
    free(w);
}

static void a_stream_in_slow_motion_is_noticed(void **state)
{
    struct world *w = live();
    uint64_t t;

    (void)state;
    for ( t = 0; t <= 20 * S; t += S )
        picture(w, T0 + t, X0 + t / 2);     /* half the speed */
    is(w, T0 + 20 * S, FBC_LIVE_DELAYED, "delayed: the picture is 9 s old");

    /* Then a jump back to now. */
    picture(w, T0 + 21 * S, X0 + 21 * S);
    is(w, T0 + 21 * S, FBC_LIVE_OK, "");
    free(w);
}

static void a_delay_from_the_middle_is_noticed(void **state)
{
    struct world *w = live();
    uint64_t t;

    (void)state;
    for ( t = 0; t <= 60 * S; t += S / 2 )
        picture(w, T0 + t, X0 + t);
    is(w, T0 + 60 * S, FBC_LIVE_OK, "");
    for ( t = 65 * S; t <= 90 * S; t += S / 2 )
        picture(w, T0 + t, X0 + t - 5 * S);
    is(w, T0 + 90 * S, FBC_LIVE_DELAYED, "delayed: the picture is 4 s old");
    free(w);
}

/* It would be live but for the challenges. */
static void beats(struct world *w, uint64_t from, uint64_t to)
{
    uint64_t t;

    for ( t = from; t <= to; t += S / 2 )
        picture(w, T0 + t, X0 + t);
}

static void a_challenge_must_be_answered(void **state)
{
    struct world *w = begin();

    (void)state;
    fbc_live_ask(&w->l);
    fbc_live_connected(&w->l, T0);
    beats(w, 0, 2 * S);
    is(w, T0 + 2 * S, FBC_LIVE_UNANSWERED,
       "waiting for the answer to a challenge: 2 s");
    assert_true(fbc_live_input(&w->l, T0 + 2 * S));
    fbc_live_answered(&w->l, T0 + 1 * S);
    is(w, T0 + 2 * S, FBC_LIVE_OK, "");
    fbc_live_answered(&w->l, T0);               /* an older one is no news */
    beats(w, 2 * S, 5 * S);
    is(w, T0 + 5 * S, FBC_LIVE_OK, "");
    assert_true(fbc_live_timeout(&w->l, T0 + 5 * S) == 1);
    is(w, T0 + 5 * S + 1, FBC_LIVE_UNANSWERED,
       "challenge not answered for 4 s");
    assert_true(fbc_live_timeout(&w->l, T0 + 5 * S + 1) == S - 1);
    fbc_live_answered(&w->l, T0 + 5 * S);
    is(w, T0 + 5 * S + 1, FBC_LIVE_OK, "");

    /* Across connections it counts on, another session key begins anew. */
    fbc_live_lost(&w->l, T0 + 6 * S);
    fbc_live_connected(&w->l, T0 + 7 * S);
    beats(w, 7 * S, 8 * S);
    is(w, T0 + 8 * S, FBC_LIVE_OK, "");
    fbc_live_new_key(&w->l, T0 + 8 * S);
    beats(w, 8 * S, 8 * S);
    is(w, T0 + 8 * S, FBC_LIVE_UNANSWERED,
       "waiting for the answer to a challenge: 0 s");
    free(w);
}

static void clocks_may_drift(void **state)
{
    struct world *w = live();
    uint64_t t;

    (void)state;
    for ( t = 0; t <= 86400 * S; t += S / 2 )
        picture(w, T0 + t, X0 + t - t / 3000);
    is(w, T0 + 86400 * S, FBC_LIVE_OK, "");
    for ( ; t <= 2 * 86400 * S; t += S / 2 )
        picture(w, T0 + t, X0 + t + t / 3000);
    is(w, T0 + 2 * 86400 * S, FBC_LIVE_OK, "");
    free(w);
}

static void a_connection_lost_and_found(void **state)
{
    struct world *w = live();

    (void)state;
    fbc_live_lost(&w->l, T0 + S);
    is(w, T0 + S, FBC_LIVE_LOST, "connection lost: retrying for 0 s");
    fbc_live_lost(&w->l, T0 + 2 * S);       /* another attempt */
    is(w, T0 + 6 * S, FBC_LIVE_LOST, "connection lost: retrying for 5 s");
    assert_false(fbc_live_input(&w->l, T0 + 6 * S));

    fbc_live_connected(&w->l, T0 + 7 * S);
    is(w, T0 + 7 * S, FBC_LIVE_WAITING, "waiting for the first picture");
    /* What was held proves nothing about this connection. */
    picture(w, T0 + 7 * S, X0);
    is(w, T0 + 7 * S, FBC_LIVE_WAITING, "checking: 0 of 10 tiles verified");
    picture(w, T0 + 8 * S, X0 + 8 * S);
    is(w, T0 + 8 * S, FBC_LIVE_OK, "");
    free(w);
}

static void pictures_of_no_use(void **state)
{
    static const struct { enum fbc_err err; enum fbc_live_state state;
                          const char *text; } cases[] = {
        { FBC_ERR_UNKEYED, FBC_LIVE_UNKEYED, "no key set yet" },
        { FBC_ERR_AUTH, FBC_LIVE_OTHER_KEY,
          "another session key or launch" },
        { FBC_ERR_WRONG_VM, FBC_LIVE_OTHER_VM, "the screen of another VM" },
        { FBC_ERR_WRONG_VMM, FBC_LIVE_OTHER_VMM, "another hypervisor" },
        { FBC_ERR_STALE, FBC_LIVE_OLD, "a replay: this epoch is over" },
        { FBC_ERR_MAGIC, FBC_LIVE_NO_SHADOW, "not a protected screen" },
        { FBC_ERR_SIZE, FBC_LIVE_NO_SHADOW, "not a valid shadow" },
        { FBC_ERR_VERSION, FBC_LIVE_NO_SHADOW,
          "a shadow of an unknown version" },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct world *w = live();

        fbc_live_unusable(&w->l, T0 + S, cases[i].err);
        is(w, T0 + S, cases[i].state, cases[i].text);
        is(w, T0 + 60 * S, cases[i].state, cases[i].text);
        assert_false(fbc_live_input(&w->l, T0 + S));
        picture(w, T0 + 61 * S, X0);
        is(w, T0 + 61 * S, FBC_LIVE_WAITING,
           "checking: 0 of 10 tiles verified");
        picture(w, T0 + 62 * S, X0 + 62 * S);
        is(w, T0 + 62 * S, FBC_LIVE_OK, "");
        free(w);
    }
}

static void a_torn_header_is_nothing_yet(void **state)
{
    struct world *w = live();

    (void)state;
    fbc_live_unusable(&w->l, T0 + S, FBC_ERR_CHECKSUM);
    is(w, T0 + S, FBC_LIVE_OK, "");
    is(w, T0 + 5 * S, FBC_LIVE_FROZEN, "frozen: no manifest for 5 s");

    fbc_live_connected(&w->l, T0 + 6 * S);
    fbc_live_unusable(&w->l, T0 + 6 * S, FBC_ERR_CHECKSUM);
    is(w, T0 + 6 * S, FBC_LIVE_NO_SHADOW, "not a valid shadow");
    free(w);
}

static void a_tile_that_keeps_failing(void **state)
{
    struct world *w = live();

    (void)state;
    w->v.bad[4] = 99;
    picture(w, T0 + S, X0 + S);
    picture(w, T0 + S * 3 / 2, X0 + S * 3 / 2);
    is(w, T0 + S * 3 / 2, FBC_LIVE_OK, "");
    picture(w, T0 + 2 * S + 1, X0 + 2 * S);
    is(w, T0 + 2 * S + 1, FBC_LIVE_TAMPERED,
       "tampered: 1 tile does not verify");
    assert_false(fbc_live_input(&w->l, T0 + 2 * S + 1));

    w->v.bad[0] = w->v.bad[9] = 7;
    picture(w, T0 + 3 * S, X0 + 3 * S);
    picture(w, T0 + 4 * S, X0 + 4 * S);
    picture(w, T0 + 5 * S, X0 + 5 * S);
    is(w, T0 + 5 * S, FBC_LIVE_TAMPERED, "tampered: 3 tiles do not verify");

    memset(w->v.bad, 0, sizeof(w->v.bad));
    picture(w, T0 + 6 * S, X0 + 6 * S);
    is(w, T0 + 6 * S, FBC_LIVE_OK, "");
    free(w);
}

static void a_tile_that_is_being_written(void **state)
{
    struct world *w = live();
    uint64_t t;

    (void)state;
    for ( t = S; t < 20 * S; t += 300 * MS )
    {
        w->v.bad[4] = t;                    /* another version each time */
        w->v.bad[5] = t / S % 2;            /* heals in time */
        picture(w, T0 + t, X0 + t);
        is(w, T0 + t, FBC_LIVE_OK, "");
    }

    /* Two pictures, far apart, are not enough. */
    w = (free(w), live());
    w->v.bad[4] = 99;
    picture(w, T0 + S, X0 + S);
    picture(w, T0 + 3 * S, X0 + 3 * S);
    is(w, T0 + 3 * S, FBC_LIVE_OK, "");
    free(w);
}

static void a_new_epoch_must_prove_itself(void **state)
{
    struct world *w = live();

    (void)state;
    w->st.new_epoch = true;
    picture(w, T0 + S, 0);
    is(w, T0 + S, FBC_LIVE_WAITING, "checking: 0 of 10 tiles verified");
    picture(w, T0 + S, X0 + S);
    is(w, T0 + S, FBC_LIVE_OK, "");

    /* Its manifests may not be older than the last epoch's. */
    w->st.new_epoch = true;
    picture(w, T0 + 2 * S, X0 + S / 2);
    is(w, T0 + 2 * S, FBC_LIVE_WAITING, "checking: 0 of 10 tiles verified");

    /* Another key: another hypervisor's clock, perhaps. */
    fbc_live_new_key(&w->l, T0 + 3 * S);
    is(w, T0 + 3 * S, FBC_LIVE_WAITING, "waiting for the first picture");
    w->st.new_epoch = true;
    picture(w, T0 + 3 * S, 5);
    is(w, T0 + 3 * S, FBC_LIVE_OK, "");
    free(w);
}

static void time_outs_wake_up_at_every_change(void **state)
{
    struct world *w = live();
    uint64_t now = T0;
    char last[FBC_LIVE_TEXT], text[FBC_LIVE_TEXT];
    unsigned int changes = 0;

    (void)state;
    fbc_live_text(&w->l, now, last);
    while ( now < T0 + 20 * S )
    {
        uint64_t next = now + fbc_live_timeout(&w->l, now), t;

        assert_true(next > now);
        for ( t = now; t < next && t < T0 + 20 * S; t += 37 * MS )
        {
            fbc_live_text(&w->l, t, text);
            assert_string_equal(text, last);
        }
        now = next;
        fbc_live_text(&w->l, now, text);
        changes += strcmp(text, last) != 0;
        strcpy(last, text);
    }
    assert_int_equal(changes, 1 + 16);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_picture),
        cmocka_unit_test(a_manifest_that_never_verifies),
        cmocka_unit_test(frozen_after_4_s),
        cmocka_unit_test(pictures_without_manifest_do_not_help),
        cmocka_unit_test(the_same_manifest_again_does_not_help),
        cmocka_unit_test(a_stream_in_slow_motion_is_noticed),
        cmocka_unit_test(a_delay_from_the_middle_is_noticed),
        cmocka_unit_test(a_challenge_must_be_answered),
        cmocka_unit_test(clocks_may_drift),
        cmocka_unit_test(a_connection_lost_and_found),
        cmocka_unit_test(pictures_of_no_use),
        cmocka_unit_test(a_torn_header_is_nothing_yet),
        cmocka_unit_test(a_tile_that_keeps_failing),
        cmocka_unit_test(a_tile_that_is_being_written),
        cmocka_unit_test(a_new_epoch_must_prove_itself),
        cmocka_unit_test(time_outs_wake_up_at_every_change),
    };

    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
