/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Primitives that fail: each call of each in its turn.  Whoever calls them
 * says so, and leaves its outputs alone.
 */
#include "vec.h"

#include <stdlib.h>

#include "core/blob.h"
#include "core/hpke.h"
#include "core/input.h"
#include "core/kdf.h"
#include "core/launch.h"
#include "core/manifest.h"
#include "core/pool.h"
#include "core/shadow.h"
#include "core/tile.h"
#include "core/vmmkey.h"
#include "parse/attest/decision.h"
#include "parse/attest/tpms.h"
#include "parse/launch/log.h"
#include "parse/shadow/view.h"
#include "parse/text/keytext.h"

static unsigned int countdown;  /* the call that fails; 0: none does */

static bool fails(void)
{
    return countdown && !--countdown;
}

/* In the place of the primitives: see tests/mk/crypto.mk. */
#define BREAK(name, decl, args) \
    int __real_##name decl; \
    int __wrap_##name decl; \
    int __wrap_##name decl { return fails() ? -1 : __real_##name args; }

BREAK(fbc_sha256, (const void *d, size_t n, uint8_t *out), (d, n, out))
BREAK(fbc_hkdf_extract, (const void *s, size_t sn, const void *d, size_t n,
                         uint8_t *out), (s, sn, d, n, out))
BREAK(fbc_hkdf_expand, (const uint8_t *p, const void *d, size_t n, void *out,
                        size_t len), (p, d, n, out, len))
BREAK(fbc_x25519, (uint8_t *out, const uint8_t *s, const uint8_t *p),
      (out, s, p))
BREAK(fbc_x25519_public, (uint8_t *out, const uint8_t *s), (out, s))
BREAK(fbc_aead_init, (struct fbc_aead *a, enum fbc_aead_id id,
                      const uint8_t *key), (a, id, key))
BREAK(fbc_aead_seal, (struct fbc_aead *a, const uint8_t *nonce,
                      const void *aad, size_t an, void *buf, size_t n,
                      uint8_t *tag), (a, nonce, aad, an, buf, n, tag))
BREAK(fbc_ccm8_seal, (const uint8_t *k, const uint8_t *nonce,
                      const void *aad, size_t an, void *buf, size_t n,
                      uint8_t *tag), (k, nonce, aad, an, buf, n, tag))

static uint8_t sk[FBC_KEY_LEN], sk_e[FBC_KEY_LEN], vmm_sk[FBC_KEY_LEN];
static uint8_t pub[FBC_KEY_LEN], vmm_pub[FBC_KEY_LEN], enc[FBC_KEY_LEN];
static uint8_t uuid[FBC_UUID_LEN], blob[FBC_BLOB_LEN], made[FBC_BLOB_LEN];
static struct fbc_session session, opened;
static struct fbc_blob_info info;
static struct fbc_hpke hpke;
static struct fbc_epoch epoch = { .aead = FBC_AEAD_AES256_GCM, .epoch = 1 };
static struct fbc_epoch_keys keys;
static struct fbc_pool pool;
static uint8_t key[FBC_KEY_LEN];
static struct fbc_input_conn conn, conn2;
static uint8_t hello[FBC_INPUT_RECORD_LEN], record[FBC_INPUT_RECORD_LEN];
static const struct fbc_input bye = { .kind = FBC_INPUT_BYE };
static struct fbc_aead aead;
static uint8_t pixels[FBC_TILE_W * FBC_TILE_H * 3], tile[FBC_RECORD_LEN];
static uint8_t vec[FBC_VECTOR_LEN(4)], manifest[FBC_MANIFEST_LEN];
static char line[FBC_KEYTEXT_MAX_LINE], entry[FBC_DECISION_LINE];
static uint8_t payload[FBC_KEY_LEN], id[FBC_KEYID_LEN];
static uint8_t name[FBC_TPM_NAME_LEN];
static struct fbc_decision decision, told;
static struct fbc_log_span span;

static int seal_blob(void)
{
    return fbc_blob_seal(made, &session, 5, 0, sk, vmm_pub, sk_e);
}

static int parse_blob(void)
{
    return fbc_blob_parse(blob, sizeof(blob), &info);
}

static int open_blob(void)
{
    uint64_t seq = 0;
    int rc = fbc_blob_open(blob, sizeof(blob), uuid, 4, vmm_sk, vmm_pub,
                           &opened, &seq);

    assert_true(!seq == !!rc);

    return rc;
}

static int send_hpke(void)
{
    return fbc_hpke_setup_sender(&hpke, FBC_AEAD_AES256_GCM, vmm_pub, sk,
                                 sk_e, "i", 1, enc);
}

static int receive_hpke(void)
{
    return fbc_hpke_setup_recipient(&hpke, FBC_AEAD_AES256_GCM,
                                    blob + 112, vmm_sk, pub, "i", 1);
}

static int derive(void)
{
    return fbc_kdf_epoch(&epoch, session.key, &keys);
}

static int draw(void)
{
    struct fbc_pool before = pool;
    int rc = fbc_pool_draw(&pool, "x", 1, key);

    if ( rc )
        assert_memory_equal(&pool, &before, sizeof(pool));

    return rc;
}

static int greet(void)
{
    return fbc_input_hello(sk, 2, 7, &conn2, record);
}

static int accept_hello(void)
{
    return fbc_input_accept(sk, hello, &conn2);
}

static int seal_input(void)
{
    return fbc_input_seal(&conn, 1, &bye, record);
}

static int seal_tile(void)
{
    return fbc_tile_seal(&aead, 1, 2, 3, FBC_TILE_W, FBC_TILE_H, pixels,
                         tile);
}

static int seal_band(void)
{
    static uint8_t plain[FBC_CODED_MAX];

    return fbc_band_seal(&aead, 1, 2, 3, 800, FBC_TILE_H, FBC_CODING_LINE,
                         plain, tile);
}

static int seal_manifest(void)
{
    const struct fbc_manifest m = { .counter = 1,
                                    .launched = FBC_LAUNCHED_ANY };

    return fbc_manifest_seal(&aead, 2, &m, vec, 4, manifest);
}

static int encode_key(void)
{
    return fbc_keytext_encode(FBC_KEY_OWNER_SECRET, sk, line);
}

static int parse_key(void)
{
    static char text[FBC_KEYTEXT_MAX_LINE];
    unsigned int was = countdown;

    countdown = 0;
    assert_int_equal(fbc_keytext_encode(FBC_KEY_OWNER_SECRET, sk, text), 0);
    countdown = was;

    return fbc_keytext_parse(FBC_KEY_OWNER_SECRET, text, strlen(text),
                             payload);
}

static int key_id(void)
{
    return fbc_keytext_id(pub, id);
}

static int parse_entry(void)
{
    return fbc_decision_parse(entry, strlen(entry) - 1, sk, &told);
}

static int encode_entry(void)
{
    char text[FBC_DECISION_LINE];
    struct fbc_decision d = decision;

    return fbc_decision_encode(&d, sk, text) ? 0 : -1;
}

static int next_entry(void)
{
    static struct fbc_log_span before = { .count = 1,
                                          .last = { .number = 1 } };

    memcpy(before.last.hash, sk, sizeof(sk));
    span = before;
    if ( !fbc_log_next(&span, entry, strlen(entry)) )
        return 0;
    assert_memory_equal(&span, &before, sizeof(span));

    return -1;
}

static int name_of(void)
{
    return fbc_tpm_name(blob, sizeof(blob), name);
}

static int qualify(void)
{
    uint8_t n[FBC_TPM_NAME_LEN] = { 1 };

    return fbc_tpm_qualified(n, n, name);
}

static int hypervisors(void)
{
    struct fbc_vmmkey k;
    int rc = fbc_vmmkey_obtain(NULL, sk, true, false, &k);

    if ( rc )
    {
        assert_int_equal(k.err, FBC_ERR_CRYPTO);
        assert_true(fbc_is_zero(k.secret, sizeof(k.secret)));
        assert_true(fbc_is_zero(k.public_key, sizeof(k.public_key)));
    }

    return rc;
}

/* A log with six facts and a page; what is wrong stays wrong to the end. */
static int measure(void)
{
    static struct fbc_launch l;
    static uint8_t text[4 * 4096];
    uint8_t digest[FBC_HASH_LEN], again[FBC_HASH_LEN];
    uint8_t cpu[FBC_LAUNCH_CPU_LEN] = { 0 }, start[FBC_LAUNCH_PAGE] = { 0 };
    uint8_t e820[FBC_LAUNCH_E820_LEN] = { 0 }, *p;
    struct fbc_launchlog log;

    fbc_launch_begin(&l, text + FBC_LAUNCH_HEADER_LEN, 16, 1000);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_CPU, 0, 1, cpu, sizeof(cpu));
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_E820, 0, 1, e820, sizeof(e820));
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_START, 7, 1, start, sizeof(start));
    fbc_launch_range(&l, FBC_LAUNCH_LOG_P2M, 20, 5);
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, 8, 1);
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, 9, 1);
    memset(l.link.page, 5, FBC_LAUNCH_PAGE);
    assert_false(fbc_launch_is_zero(l.link.page));
    fbc_launch_page(&l, 1, 0);
    if ( fbc_launch_end(&l, FBC_LAUNCH_OK, 0, text, digest) )
    {
        assert_int_equal(fbc_get32(text + 8), FBC_LAUNCH_RESOURCES);
        assert_true(fbc_is_zero(digest, sizeof(digest)));
        return -1;
    }
    if ( fbc_launch_digest(text, text + FBC_LAUNCH_HEADER_LEN, l.nr, again) )
        return -1;
    assert_memory_equal(digest, again, sizeof(digest));

    p = text + FBC_LAUNCH_HEADER_LEN + l.nr * FBC_LAUNCH_ENTRY_LEN;
    memcpy(p, cpu, sizeof(cpu));
    memcpy(p + sizeof(cpu), e820, sizeof(e820));
    memcpy(p + sizeof(cpu) + sizeof(e820), start, sizeof(start));
    p += sizeof(cpu) + sizeof(e820) + sizeof(start);

    return fbc_launchlog_parse(text, (size_t)(p - text), &log);
}

/* A key that cannot be set leaves the screen as it was; so does a view's. */
static int rekey(void)
{
    static uint8_t fb[64 * 400 * 4], out[400 * 80 * 4];
    static uint8_t v[4096], dirty[64];
    static struct fbc_shadow s;
    static struct fbc_view view;
    uint8_t file[FBC_SESSION_FILE_LEN] = { 0 }, vmm[FBC_HASH_LEN] = { 0 };
    static uint8_t screen[400 * 64 * 3];
    struct fbc_view_stats st;
    struct fbc_geom g;
    unsigned int was = countdown;
    int rc;

    countdown = 0;
    assert_int_equal(fbc_geom_init(&g, 400, 64), FBC_OK);
    assert_true(fbc_shadow_vec_len(&g) <= sizeof(v));
    assert_true(sizeof(out) >= (size_t)g.swidth * g.sheight * 4);
    fbc_shadow_init(&s, &g, fb, 400 * 4, out, v, dirty, uuid, vmm);
    countdown = was;
    rc = fbc_shadow_key(&s, FBC_AEAD_AES256_GCM, 1, enc, session.key,
                        FBC_LAUNCHED_ANY, NULL);
    if ( rc )
    {
        assert_int_equal(s.header.ep.aead, FBC_AEAD_NONE);
        assert_int_equal(s.due, 0);
        return rc;
    }

    memcpy(file + FBC_SESSION_KEY, session.key, FBC_KEY_LEN);
    memcpy(file + FBC_SESSION_UUID, uuid, FBC_UUID_LEN);
    memset(screen, 0x77, sizeof(screen));
    fbc_view_init(&view, file);
    rc = fbc_view_update(&view, out, g.swidth, g.sheight,
                         (size_t)g.swidth * 4, UINT32_MAX, screen, &st);
    if ( rc )
        assert_int_equal(screen[0], 0x77);
    fbc_view_clear(&view);
    fbc_shadow_clear(&s);

    return rc;
}

/* A band that is not sealed stays due, and comes once sealing works. */
static int update(void)
{
    static uint8_t fb[400 * 16 * 4], out[400 * 18 * 4], was[sizeof(out)];
    static uint8_t v[256], dirty[64];
    static struct fbc_cells cells;
    static struct fbc_shadow s;
    unsigned int then = countdown;
    struct fbc_geom g;
    int rc;

    countdown = 0;
    assert_int_equal(fbc_geom_init(&g, 400, 16), FBC_OK);
    assert_true(fbc_shadow_vec_len(&g) <= sizeof(v));
    assert_int_equal(fbc_shadow_bytes(&g), sizeof(out));
    s.cells = &cells;
    fbc_shadow_init(&s, &g, fb, 400 * 4, out, v, dirty, uuid,
                    session.key);
    assert_int_equal(fbc_shadow_key(&s, FBC_AEAD_AES256_GCM, 1, enc,
                                    session.key, FBC_LAUNCHED_ANY, NULL),
                     FBC_OK);
    memcpy(was, out, sizeof(was));
    countdown = then;
    rc = fbc_shadow_step(&s, UINT32_MAX);
    if ( rc )
    {
        assert_memory_equal(out, was, sizeof(out));
        assert_true(fbc_shadow_busy(&s));
        countdown = 0;
        assert_int_equal(fbc_shadow_step(&s, UINT32_MAX), FBC_OK);
        assert_int_equal(s.counter, 2);
    }
    assert_false(fbc_shadow_busy(&s));
    assert_memory_not_equal(out, was, sizeof(out));
    fbc_shadow_clear(&s);

    return rc;
}

static const struct {
    const char *what;
    int (*run)(void);
    void *out;                  /* is left alone */
    size_t len;
    unsigned int calls;         /* of primitives, at least */
} cases[] = {
#define OUT(v) &(v), sizeof(v)
    { "fbc_blob_seal", seal_blob, OUT(made), 12 },
    { "fbc_blob_parse", parse_blob, OUT(info), 1 },
    { "fbc_blob_open", open_blob, OUT(opened), 12 },
    { "fbc_hpke_setup_sender", send_hpke, OUT(hpke), 10 },
    { "fbc_hpke_setup_recipient", receive_hpke, OUT(hpke), 10 },
    { "fbc_kdf_epoch", derive, OUT(keys), 5 },
    { "fbc_pool_draw", draw, OUT(key), 3 },
    { "fbc_input_hello", greet, OUT(record), 1 },
    { "fbc_input_accept", accept_hello, OUT(conn2), 1 },
    { "fbc_input_seal", seal_input, OUT(record), 1 },
    { "fbc_tile_seal", seal_tile, OUT(tile), 1 },
    { "fbc_band_seal", seal_band, OUT(tile), 1 },
    { "fbc_manifest_seal", seal_manifest, OUT(manifest), 1 },
    { "fbc_keytext_encode", encode_key, OUT(line), 1 },
    { "fbc_keytext_parse", parse_key, OUT(payload), 1 },
    { "fbc_keytext_id", key_id, OUT(id), 1 },
    { "fbc_decision_encode", encode_entry, NULL, 0, 1 },
    { "fbc_decision_parse", parse_entry, OUT(told), 1 },
    { "fbc_log_next", next_entry, NULL, 0, 1 },
    { "fbc_tpm_name", name_of, NULL, 0, 1 },
    { "fbc_tpm_qualified", qualify, NULL, 0, 2 },
    { "fbc_vmmkey_obtain", hypervisors, NULL, 0, 4 },
    { "a launch log", measure, NULL, 0, 20 },
    { "a key of a screen", rekey, NULL, 0, 14 },
    { "an update of a screen", update, NULL, 0, 1 },
};

static void broken(void **state)
{
    uint8_t untouched[4096];
    unsigned int n;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
        for ( n = 1; ; n++ )
        {
            int rc;

            assert_true(cases[i].len <= sizeof(untouched));
            memset(untouched, 0xa5, sizeof(untouched));
            if ( cases[i].len )
                memset(cases[i].out, 0xa5, cases[i].len);
            countdown = n;
            rc = cases[i].run();
            if ( countdown )    /* it calls no more of them */
            {
                countdown = 0;
                if ( rc || n <= cases[i].calls )
                    fail_msg("%s: %d after %u calls", cases[i].what, rc,
                             n - 1);
                break;
            }
            if ( !rc )
                fail_msg("%s: call %u fails, and nobody minds",
                         cases[i].what, n);
            if ( cases[i].len && memcmp(cases[i].out, untouched,
                                        cases[i].len) )
                fail_msg("%s: call %u fails, and there is an output",
                         cases[i].what, n);
        }
}

static int prepare(void **state)
{
    (void)state;
    memset(sk, 0x11, sizeof(sk));
    memset(sk_e, 0x22, sizeof(sk_e));
    memset(vmm_sk, 0x33, sizeof(vmm_sk));
    memset(session.key, 0x44, sizeof(session.key));
    decision = (struct fbc_decision){ .number = 2, .host = "h",
                                      .time = "2026-11-24T20:15:00Z",
                                      .kind = FBC_DECISION_RELEASED,
                                      .reason = "ok" };

    return fbc_x25519_public(pub, sk) ||
           fbc_x25519_public(vmm_pub, vmm_sk) || fbc_kdf_uuid(pub, uuid) ||
           fbc_blob_seal(blob, &session, 5, 0, sk, vmm_pub, sk_e) ||
           fbc_input_hello(sk, 2, 7, &conn, hello) ||
           fbc_aead_init(&aead, FBC_AEAD_AES256_GCM, sk) ||
           !fbc_decision_encode(&decision, sk, entry) ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    fbc_aead_clear(&aead);

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("each primitive that fails is noticed, and gives nothing",
                 broken),
    };

    return cmocka_run_group_tests_name("broken", tests, prepare, end);
}
