/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots with the fake TPM. */
#include "boots.h"

struct faketpm f;
struct fbc_vmmkey k;
const uint8_t data[FBC_NV_SIZE] = { 0xda, 0x7a, 1, 2, 3, 4, 5, 6 };
struct meddling m;
unsigned int events;

unsigned int commands(enum start s)
{
    static const unsigned int n[STARTS] = { 5, 24, 17 };

    return n[s];
}

void prepare(enum start s)
{
    fake_init(&f);
    if ( s != PER_BOOT )
        fake_define(&f, s == SECOND ? data : NULL);
}

void judged(void)
{
    const char *wrong;
    int rc;

    memset(&k, 0xa5, sizeof(k));
    memset(f.tpm.buf, 0xee, sizeof(f.tpm.buf));
    rc = fbc_vmmkey_obtain(&f.tpm, fake_cpu_random, true, false, &k);
    assert_int_equal(rc, 0);
    wrong = fake_judge(&f, rc, &k);
    if ( wrong )
        fail_msg("%s", wrong);
}

void safe(void)
{
    uint8_t want[FBC_HASH_LEN];

    judged();
    if ( k.attested )
    {
        assert_int_equal(fbc_pcr12_of_key(k.public_key, true, want), 0);
        assert_memory_equal(f.pcr[12], want, sizeof(want));
    }
    if ( !k.exposed )
    {
        assert_false(fake_forgeable(&f));
        assert_false(fake_readable(&f));
    }
    if ( k.mode == FBC_VMMKEY_SEALED )
    {
        assert_memory_equal(f.data, k.secret, sizeof(k.secret));
        assert_true(f.attributes & FBC_NV_READLOCKED);
        assert_false(f.session[0].open);
        assert_false(f.session[1].open);
    }
    else
        assert_memory_not_equal(f.data, k.secret, sizeof(k.secret));
}

void unattested(enum fbc_err err, const char *step)
{
    safe();
    assert_false(k.attested);
    assert_false(k.exposed);
    assert_false(k.created);
    assert_int_equal(k.mode, FBC_VMMKEY_PER_BOOT);
    assert_string_equal(k.step, step);
    assert_int_equal(k.err, err);
}

void attested(enum fbc_vmmkey_mode mode, bool created)
{
    safe();
    assert_true(k.attested);
    assert_int_equal(k.mode, mode);
    assert_int_equal(k.created, created);
    assert_int_equal(k.err, mode == FBC_VMMKEY_SEALED ? FBC_OK
                                                      : FBC_ERR_NV_ABSENT);
}

static bool mine(const struct faketpm *t, uint32_t code)
{
    return t->total >= m.at && t->total <= m.until &&
           (!m.code || m.code == code);
}

bool blocked(struct faketpm *t, uint32_t code)
{
    return mine(t, code);
}

static void meddled(struct faketpm *t, uint32_t code, uint8_t *rsp,
                    size_t *len)
{
    if ( !mine(t, code) )
        return;
    if ( m.lose )
        *len = FAKE_LOST;
    if ( *len == FAKE_LOST )
        return;
    if ( m.rc )
        *len = fake_answer(rsp, m.rc);
    if ( m.tag )
        rsp[1] = m.tag;
    if ( m.flip < *len )
        rsp[m.flip] ^= m.bits;
    if ( m.cut < *len )
        *len = m.cut;
}

void meddle(enum start s, unsigned int at, unsigned int until)
{
    prepare(s);
    memset(&m, 0, sizeof(m));
    m.at = at;
    m.until = until;
    m.cut = m.flip = (size_t)-2;
    f.meddle = meddled;
}

void ignored(struct faketpm *t, uint32_t code, uint8_t *rsp, size_t *len)
{
    (void)rsp;
    (void)len;
    if ( code == FAKE_CC_PCR_EVENT && events )
    {
        events--;
        memset(t->pcr[12], 0, FBC_HASH_LEN);
    }
}
