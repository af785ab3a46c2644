/* SPDX-License-Identifier: GPL-2.0-only */
/* AES-256-GCM of libIPSec_MB: it takes the CPU's widest registers. */
#include "crypto/gcm.h"

#include <intel-ipsec-mb.h>
#include <stdlib.h>
#include <threads.h>

struct fbc_gcm {
    struct gcm_key_data key __attribute__((__aligned__(64)));
    struct gcm_context_data state;      /* of a message; secret, too */
};

/* Its functions for this CPU, or NULL; they write nothing to it. */
static IMB_MGR *mgr;
static once_flag chosen = ONCE_FLAG_INIT;

static void choose(void)
{
    /* Without these it would look up tables by secret index. */
    static const uint64_t need = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    IMB_MGR *m = alloc_mb_mgr(0);

    if ( !m )
        return;

    init_mb_mgr_auto(m, NULL);
    if ( !imb_get_errno(m) && (m->features & need) == need )
        mgr = m;
    else
        free_mb_mgr(m);
}

struct fbc_gcm *fbc_gcm_new(const uint8_t key[static FBC_KEY_LEN])
{
    struct fbc_gcm *g;

    call_once(&chosen, choose);
    if ( !mgr )
        return NULL;

    g = aligned_alloc(_Alignof(struct fbc_gcm), sizeof(*g));
    if ( g )
        IMB_AES256_GCM_PRE(mgr, key, &g->key);

    return g;
}

void fbc_gcm_open(struct fbc_gcm *g, const uint8_t nonce[static FBC_NONCE_LEN],
                  const void *aad, size_t aad_len, void *buf, size_t len,
                  uint8_t tag[static FBC_TAG_LEN])
{
    IMB_AES256_GCM_DEC(mgr, &g->key, &g->state, buf, buf, len, nonce, aad,
                       aad_len, tag, FBC_TAG_LEN);
}

void fbc_gcm_free(struct fbc_gcm *g)
{
    fbc_wipe(g, sizeof(*g));
    free(g);
}
