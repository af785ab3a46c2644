/* SPDX-License-Identifier: GPL-2.0-only */
/* TPM 2.0 structures of fixed formats. */
#include "parse/attest/tpms.h"
#include "core/crypto.h"
#include "core/cursor.h"
#include "core/tpmspec.h"

#define ATTR_NO_DA     0x00000400u
#define AK_ATTRIBUTES  0x00050072u      /* and noDA, or not */

static void copy(struct fbc_cursor *c, uint8_t *out, size_t n)
{
    const uint8_t *p = fbc_take(c, n);

    if ( p )
        memcpy(out, p, n);
}

/* A TPM2B of exactly n bytes. */
static void copy2b(struct fbc_cursor *c, uint8_t *out, size_t n)
{
    if ( fbc_take_number(c, 2) != n )
        c->bad = true;
    copy(c, out, n);
}

/* A TPM2B number: 32 bytes, or fewer without leading zeros. */
static void copy_coord(struct fbc_cursor *c, uint8_t out[FBC_TPM_COORD_LEN])
{
    size_t n = (size_t)fbc_take_number(c, 2);
    const uint8_t *p = NULL;

    if ( n && n <= FBC_TPM_COORD_LEN )
        p = fbc_take(c, n);
    if ( !p || (n < FBC_TPM_COORD_LEN && !p[0]) )
    {
        c->bad = true;
        return;
    }
    memset(out, 0, FBC_TPM_COORD_LEN - n);
    memcpy(out + FBC_TPM_COORD_LEN - n, p, n);
}

/* Exactly these bytes. */
static void expect(struct fbc_cursor *c, const uint8_t *want, size_t n)
{
    const uint8_t *p = fbc_take(c, n);

    if ( p && memcmp(p, want, n) )
        c->bad = true;
}

static bool done(const struct fbc_cursor *c)
{
    return !c->bad && !c->left;
}

enum fbc_reason fbc_tpm_ek_parse(const uint8_t *p, size_t len,
                                 uint8_t modulus[static FBC_TPM_MODULUS_LEN])
{
    static const uint8_t head[] = {
        0x01, 0x3a,                     /* length */
        0x00, 0x01, 0x00, 0x0b,         /* RSA, name by SHA-256 */
        0x00, 0x03, 0x00, 0xb2,         /* fixedTPM fixedParent
                                           sensitiveDataOrigin adminWithPolicy
                                           restricted decrypt */
        0x00, 0x20,                     /* PolicySecret(endorsement) */
        0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8,
        0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
        0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64,
        0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
        0x00, 0x06, 0x00, 0x80, 0x00, 0x43,     /* AES 128 CFB */
        0x00, 0x10, 0x08, 0x00,         /* no scheme, 2048 bits */
        0x00, 0x00, 0x00, 0x00,         /* exponent 65537 */
    };
    struct fbc_cursor c = { .p = p, .left = len };
    uint8_t n[FBC_TPM_MODULUS_LEN];

    _Static_assert(sizeof(head) + 2 + sizeof(n) == FBC_TPM_EK_LEN, "EK");

    expect(&c, head, sizeof(head));
    copy2b(&c, n, sizeof(n));
    if ( !done(&c) || !(n[0] & 0x80) )
        return FBC_REASON_EK_TEMPLATE;

    memcpy(modulus, n, sizeof(n));

    return FBC_REASON_OK;
}

enum fbc_reason fbc_tpm_ak_parse(const uint8_t *p, size_t len,
                                 uint8_t x[static FBC_TPM_COORD_LEN],
                                 uint8_t y[static FBC_TPM_COORD_LEN])
{
    static const uint8_t head[] = {
        0x00, 0x00,                     /* no policy */
        0x00, 0x10,                     /* no symmetric algorithm */
        0x00, 0x18, 0x00, 0x0b,         /* ECDSA with SHA-256 */
        0x00, 0x03, 0x00, 0x10,         /* P-256, no KDF */
    };
    struct fbc_cursor c = { .p = p, .left = len };
    uint8_t px[FBC_TPM_COORD_LEN], py[FBC_TPM_COORD_LEN];
    uint64_t size = fbc_take_number(&c, 2);

    _Static_assert(2 + 8 + sizeof(head) + 2 * (2 + sizeof(px)) ==
                   FBC_TPM_AK_MAX, "AK");

    if ( size != c.left )
        return FBC_REASON_AK_TEMPLATE;
    if ( fbc_take_number(&c, 2) != FBC_TPM_ALG_ECC ||
         fbc_take_number(&c, 2) != FBC_TPM_ALG_SHA256 ||
         (fbc_take_number(&c, 4) & ~(uint64_t)ATTR_NO_DA) != AK_ATTRIBUTES )
        return FBC_REASON_AK_TEMPLATE;
    expect(&c, head, sizeof(head));
    copy_coord(&c, px);
    copy_coord(&c, py);
    if ( !done(&c) )
        return FBC_REASON_AK_TEMPLATE;

    memcpy(x, px, sizeof(px));
    memcpy(y, py, sizeof(py));

    return FBC_REASON_OK;
}

enum fbc_reason fbc_tpm_sig_parse(const uint8_t *p, size_t len,
                                  uint8_t r[static FBC_TPM_COORD_LEN],
                                  uint8_t s[static FBC_TPM_COORD_LEN])
{
    struct fbc_cursor c = { .p = p, .left = len };
    uint8_t pr[FBC_TPM_COORD_LEN], ps[FBC_TPM_COORD_LEN];

    if ( fbc_take_number(&c, 2) != FBC_TPM_ALG_ECDSA ||
         fbc_take_number(&c, 2) != FBC_TPM_ALG_SHA256 )
        return FBC_REASON_SIGNATURE_FORMAT;
    copy_coord(&c, pr);
    copy_coord(&c, ps);
    if ( !done(&c) )
        return FBC_REASON_SIGNATURE_FORMAT;

    memcpy(r, pr, sizeof(pr));
    memcpy(s, ps, sizeof(ps));

    return FBC_REASON_OK;
}

enum fbc_reason fbc_tpm_quote_parse(const uint8_t *p, size_t len,
                                    struct fbc_tpm_quote *q)
{
    static const uint8_t bank[] = {
        0x00, 0x00, 0x00, 0x01,         /* one selection */
        0x00, 0x0b, 0x03,               /* SHA-256, 24 PCRs */
    };
    struct fbc_cursor c = { .p = p, .left = len };
    struct fbc_tpm_quote t = { .signer = { 0 } };
    uint64_t safe;

    if ( fbc_take_number(&c, 4) != FBC_TPM_GENERATED )
        return FBC_REASON_QUOTE_MAGIC;
    if ( fbc_take_number(&c, 2) != FBC_TPM_ST_ATTEST_QUOTE )
        return c.bad ? FBC_REASON_QUOTE_FORMAT : FBC_REASON_QUOTE_TYPE;

    copy2b(&c, t.signer, sizeof(t.signer));
    if ( c.bad || t.signer[0] || t.signer[1] != FBC_TPM_ALG_SHA256 )
        return FBC_REASON_QUOTE_FORMAT;

    if ( fbc_take_number(&c, 2) != sizeof(t.nonce) )
        return c.bad ? FBC_REASON_QUOTE_FORMAT : FBC_REASON_NONCE;
    copy(&c, t.nonce, sizeof(t.nonce));
    t.clock = fbc_take_number(&c, 8);
    t.resets = (uint32_t)fbc_take_number(&c, 4);
    t.restarts = (uint32_t)fbc_take_number(&c, 4);
    safe = fbc_take_number(&c, 1);
    t.safe = safe;
    t.firmware = fbc_take_number(&c, 8);
    if ( c.bad || safe > 1 || c.left < sizeof(bank) )
        return FBC_REASON_QUOTE_FORMAT;

    expect(&c, bank, sizeof(bank));
    if ( c.bad )
        return FBC_REASON_SELECTION;
    copy(&c, t.select, sizeof(t.select));
    copy2b(&c, t.digest, sizeof(t.digest));
    if ( !done(&c) )
        return FBC_REASON_QUOTE_FORMAT;

    *q = t;

    return FBC_REASON_OK;
}

static void put_head(uint8_t name[static FBC_TPM_NAME_LEN])
{
    name[0] = FBC_TPM_ALG_SHA256 >> 8;
    name[1] = FBC_TPM_ALG_SHA256 & 0xff;
}

int fbc_tpm_name(const uint8_t *public, size_t len,
                 uint8_t name[static FBC_TPM_NAME_LEN])
{
    if ( len < 2 || fbc_sha256(public + 2, len - 2, name + 2) )
        return -1;
    put_head(name);

    return 0;
}

int fbc_tpm_qualified(const uint8_t ek_name[static FBC_TPM_NAME_LEN],
                      const uint8_t ak_name[static FBC_TPM_NAME_LEN],
                      uint8_t name[static FBC_TPM_NAME_LEN])
{
    uint8_t buf[2 * FBC_TPM_NAME_LEN];
    size_t i;

    for ( i = 0; i < 4; i++ )
        buf[i] = (uint8_t)(FBC_TPM_RH_ENDORSEMENT >> (24 - 8 * i));
    memcpy(buf + 4, ek_name, FBC_TPM_NAME_LEN);
    if ( fbc_sha256(buf, 4 + FBC_TPM_NAME_LEN, buf + 2) )
        return -1;

    put_head(buf);
    memcpy(buf + FBC_TPM_NAME_LEN, ak_name, FBC_TPM_NAME_LEN);
    if ( fbc_sha256(buf, sizeof(buf), name + 2) )
        return -1;
    put_head(name);

    return 0;
}
