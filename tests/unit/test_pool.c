/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys out of a CPU's generators.  pool.json was computed with Python's
 * hashlib and hmac (tests/vectors/make_pool.py).
 */
#include "vec.h"

#include "core/pool.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Is needle anywhere in the len bytes? */
static bool holds(const void *hay, size_t len, const uint8_t *needle)
{
    const uint8_t *p = hay;
    size_t i;

    for ( i = 0; i + FBC_HASH_LEN <= len; i++ )
        if ( !memcmp(p + i, needle, FBC_HASH_LEN) )
            return true;

    return false;
}

static void check_draw(const json_t *v)
{
    struct hex input = vec_hex(v, "input");
    uint8_t out[FBC_KEY_LEN], want[FBC_KEY_LEN], next[FBC_HASH_LEN];
    struct fbc_pool p, same;

    vec_bytes(v, "state", p.state, sizeof(p.state));
    vec_bytes(v, "out", want, sizeof(want));
    vec_bytes(v, "next", next, sizeof(next));
    same = p;
    assert_int_equal(fbc_pool_draw(&p, input.data, input.len, out), FBC_OK);
    assert_memory_equal(out, want, sizeof(out));
    assert_memory_equal(p.state, next, sizeof(next));

    /* From the same state: the same.  From the next one: something else. */
    assert_int_equal(fbc_pool_draw(&same, input.data, input.len, out), FBC_OK);
    assert_memory_equal(out, want, sizeof(out));
    assert_memory_equal(same.state, next, sizeof(next));
    assert_int_equal(fbc_pool_draw(&p, input.data, input.len, out), FBC_OK);
    assert_memory_not_equal(out, want, sizeof(out));
    free(input.data);
}

static void vectors(void **state)
{
    (void)state;
    vec_each("pool.json", "vectors", check_draw);
}

/*
 * What follows from a state without the fresh words that made it, or from an
 * output, by any one step of this construction or of the chain before it,
 * SHA-256 and an expansion, is neither a past output nor a state.
 */
static void apart(void **state)
{
    static const char *const labels[] = {
        "fbcrypt pool output", "fbcrypt pool state", "fbcrypt entropy", "",
    };
    static const uint8_t words[80] = { 1, 2, 3 };
    uint8_t out[FBC_KEY_LEN], derived[FBC_HASH_LEN];
    struct fbc_pool p = { { 0 } }, old;
    unsigned int i, n;
    size_t l;

    (void)state;
    for ( n = 0; n < 4; n++ )
    {
        const uint8_t *from[2];

        old = p;
        assert_int_equal(fbc_pool_draw(&p, words, sizeof(words), out),
                         FBC_OK);
        assert_memory_not_equal(p.state, old.state, sizeof(p.state));
        assert_memory_not_equal(p.state, out, sizeof(out));
        assert_false(holds(&p, sizeof(p), out));
        assert_false(holds(&p, sizeof(p), old.state));

        from[0] = p.state;
        from[1] = out;
        for ( i = 0; i < 2; i++ )
            for ( l = 0; l <= COUNT(labels); l++ )
            {
                if ( l < COUNT(labels) )
                    assert_int_equal(fbc_hkdf_expand(from[i], labels[l],
                                                     strlen(labels[l]),
                                                     derived, 32), 0);
                else
                    assert_int_equal(fbc_sha256(from[i], 32, derived), 0);
                assert_memory_not_equal(derived, out, sizeof(out));
                assert_memory_not_equal(derived, p.state, sizeof(p.state));
                assert_memory_not_equal(derived, old.state,
                                        sizeof(old.state));
            }
    }
}

/* Generators that yield a word every few tries, and none after a while. */
static struct gen {
    unsigned int calls, every, last;
    uint64_t fixed;
    bool is_fixed;
} seed, rnd;

#define ALWAYS (~0u)

static bool yield(struct gen *g, uint64_t mark, uint64_t *v)
{
    g->calls++;
    *v = 0x5555555555555555;    /* the register changes, too, on failure */
    if ( g->calls > g->last || g->calls % g->every )
        return false;
    *v = g->is_fixed ? g->fixed : mark + g->calls;

    return true;
}

static bool rdseed(uint64_t *v)
{
    return yield(&seed, 0x5eed00000000, v);
}

static bool rdrand(uint64_t *v)
{
    return yield(&rnd, 0xaaaa00000000, v);
}

static const struct fbc_pool_source both = { rdseed, rdrand };
static const struct fbc_pool_source seed_only = { rdseed, NULL };
static const struct fbc_pool_source rand_only = { NULL, rdrand };
static const struct fbc_pool_source neither;

static struct gen gen(unsigned int every, unsigned int last)
{
    return (struct gen){ .every = every, .last = last };
}

/* Words from seed, the others from rand; -1: an error, nothing is left. */
static int gather(const struct fbc_pool_source *src, bool want_starved)
{
    uint64_t w[FBC_POOL_WORDS], none[FBC_POOL_WORDS] = { 0 };
    bool starved = !want_starved;
    enum fbc_err err;
    int n = 0;
    unsigned int i;

    memset(w, 0xee, sizeof(w));
    err = fbc_pool_gather(src, w, &starved);
    assert_int_equal(starved, want_starved);
    if ( err )
    {
        assert_int_equal(err, FBC_ERR_NO_ENTROPY);
        assert_memory_equal(w, none, sizeof(w));
        return -1;
    }

    for ( i = 0; i < FBC_POOL_WORDS; i++ )
    {
        uint64_t mark = w[i] >> 32;

        assert_true(mark == 0x5eed || mark == 0xaaaa);
        assert_true(mark == 0xaaaa || n == (int)i);
        n += mark == 0x5eed;
    }

    return n;
}

static void retries(void **state)
{
    (void)state;
    seed = gen(1, ALWAYS);
    rnd = gen(1, ALWAYS);
    assert_int_equal(gather(&both, false), FBC_POOL_WORDS);
    assert_int_equal(seed.calls, FBC_POOL_WORDS);
    assert_int_equal(rnd.calls, 0);

    /* The last try of each word. */
    seed = gen(FBC_POOL_TRIES, ALWAYS);
    assert_int_equal(gather(&seed_only, false), FBC_POOL_WORDS);
    rnd = gen(FBC_POOL_TRIES, ALWAYS);
    assert_int_equal(gather(&rand_only, false), 0);
    assert_int_equal(rnd.calls, FBC_POOL_WORDS * FBC_POOL_TRIES);
}

static void starvation(void **state)
{
    unsigned int n;

    (void)state;
    for ( n = 0; n < FBC_POOL_WORDS; n++ )
    {
        seed = gen(1, n);
        rnd = gen(1, ALWAYS);
        assert_int_equal(gather(&both, true), n);

        /* Once dry, it is not asked again: the work is bounded. */
        assert_int_equal(seed.calls, n + FBC_POOL_TRIES);
        assert_int_equal(rnd.calls, FBC_POOL_WORDS - n);
    }

    seed = gen(FBC_POOL_TRIES + 1, ALWAYS);
    rnd = gen(FBC_POOL_TRIES, ALWAYS);
    assert_int_equal(gather(&both, true), 0);
}

static void nothing(void **state)
{
    unsigned int n;

    (void)state;
    for ( n = 0; n < FBC_POOL_WORDS; n++ )
    {
        seed = gen(1, n);
        assert_int_equal(gather(&seed_only, true), -1);
        seed = gen(1, n / 2);
        rnd = gen(1, n - n / 2);
        assert_int_equal(gather(&both, true), -1);
        rnd = gen(1, n);
        assert_int_equal(gather(&rand_only, false), -1);
        assert_int_equal(rnd.calls, n + FBC_POOL_TRIES);
    }
    assert_int_equal(gather(&neither, false), -1);
}

static void stuck(void **state)
{
    static const uint64_t values[] = { 0, ~UINT64_C(0), 0x1234 };
    size_t i;

    (void)state;
    for ( i = 0; i < COUNT(values); i++ )
    {
        seed = rnd = gen(1, ALWAYS);
        seed.is_fixed = true;
        seed.fixed = values[i];
        assert_int_equal(gather(&both, false), -1);
        assert_int_equal(rnd.calls, 0);

        seed = gen(1, 2);
        rnd.is_fixed = true;
        rnd.fixed = values[i];
        assert_int_equal(gather(&both, true), -1);
        assert_int_equal(gather(&rand_only, false), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("output and next state are as written", vectors),
        VEC_TEST("the state tells no output, the output no state", apart),
        VEC_TEST("a generator is asked again", retries),
        VEC_TEST("a drained RDSEED costs no key", starvation),
        VEC_TEST("without any word there is no key", nothing),
        VEC_TEST("a stuck generator gives no key", stuck),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
