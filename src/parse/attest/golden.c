/* SPDX-License-Identifier: GPL-2.0-only */
/* Golden values. */
#include "parse/attest/golden.h"

#define HEX(member, name) \
    FBC_FIELD(struct fbc_golden, member, name, FBC_FIELD_HEX, 32, 32)

static const struct fbc_field fields[] = {
    FBC_FIELD(struct fbc_golden, name, "name", FBC_FIELD_TEXT, 1,
              FBC_LABEL_MAX),
    HEX(image, "image"),
    HEX(pcrs.value[FBC_PCR_0], "pcr0"),
    HEX(pcrs.value[FBC_PCR_2], "pcr2"),
    HEX(pcrs.value[FBC_PCR_4], "pcr4"),
    HEX(pcrs.value[FBC_PCR_7], "pcr7"),
    HEX(policy, "policy"),
    FBC_FIELD(struct fbc_golden, vmm_key, "vmm-key", FBC_FIELD_HEX_NONE, 32,
              32),
    FBC_FIELD(struct fbc_golden, pcr12, "pcr12", FBC_FIELD_HEX_NONE, 32, 32),
    FBC_FIELD(struct fbc_golden, provenance, "provenance", FBC_FIELD_TEXT, 1,
              FBC_LABEL_MAX),
};

const struct fbc_record fbc_golden_record =
    FBC_RECORD(struct fbc_golden, "fbc-golden-1", fields);

/* All bytes 00, as after a reset, or all ff, as of a PCR that is not there. */
static bool is_untouched(const uint8_t value[static FBC_HASH_LEN])
{
    size_t i;

    for ( i = 1; i < FBC_HASH_LEN; i++ )
        if ( value[i] != value[0] )
            return false;

    return !value[0] || value[0] == 0xff;
}

bool fbc_golden_untouched(const struct fbc_pcrs *pcrs)
{
    return is_untouched(pcrs->value[FBC_PCR_0]) ||
           is_untouched(pcrs->value[FBC_PCR_2]) ||
           is_untouched(pcrs->value[FBC_PCR_7]);
}

enum fbc_err fbc_golden_derive(struct fbc_golden *g)
{
    memset(g->pcrs.value[FBC_PCR_12], 0, FBC_HASH_LEN);
    g->pcr12.len = g->vmm_key.len;
    if ( fbc_pcr4_of_image(g->image, g->pcrs.value[FBC_PCR_4]) ||
         fbc_pcrs_policy(&g->pcrs, g->policy) ||
         (g->vmm_key.len &&
          fbc_pcr12_of_key(g->vmm_key.data, true, g->pcr12.data)) )
        return FBC_ERR_CRYPTO;

    return FBC_OK;
}

enum fbc_err fbc_golden_parse(const char *text, size_t len,
                              struct fbc_golden *g, unsigned int *line)
{
    struct fbc_golden t, again;
    enum fbc_err err = fbc_record_parse(&fbc_golden_record, text, len, &t,
                                        line);

    if ( err )
        return err;
    if ( fbc_golden_untouched(&t.pcrs) )
    {
        if ( line )
            *line = 0;
        return FBC_ERR_RANGE;
    }

    again = t;
    err = fbc_golden_derive(&again);
    if ( err )
        return err;
    if ( memcmp(t.pcrs.value, again.pcrs.value, sizeof(t.pcrs.value)) ||
         memcmp(t.policy, again.policy, sizeof(t.policy)) ||
         t.pcr12.len != again.pcr12.len ||
         memcmp(t.pcr12.data, again.pcr12.data, t.pcr12.len) )
    {
        if ( line )
            *line = 0;
        return FBC_ERR_CHECKSUM;
    }

    *g = t;

    return FBC_OK;
}
