/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that draws, the hypervisor's engine that seals, and a dom0 that
 * shows something else.  Whatever fails ends the program.
 */
#ifndef FBC_TEST_EVILSHADOW_H
#define FBC_TEST_EVILSHADOW_H

#include "core/inputbox.h"
#include "core/shadow.h"
#include "parse/text/keytext.h"

enum tamper {
    TAMPER_NONE,
    TAMPER_HEADER, TAMPER_CIPHER, TAMPER_COUNTER, TAMPER_FLAGS, TAMPER_TAG,
    TAMPER_MANIFEST, TAMPER_MANIFEST_COUNTER, TAMPER_MANIFEST_TAG,
    TAMPER_OLD_TILE,            /* with its record */
    TAMPER_OLD_MANIFEST,
    TAMPER_OLD_PICTURE,
    TAMPER_SWAP,                /* two tiles, with their records */
};

#define EVIL_LAG_MAX 64

struct evil {
    uint8_t file[FBC_SESSION_FILE_LEN];
    enum fbc_launched launched; /* the first digest of file, if it has one */
    uint8_t launch[FBC_HASH_LEN];
    enum fbc_aead_id aead;
    uint32_t epoch;             /* the last one used */
    struct fbc_geom g;
    struct fbc_shadow s;
    uint8_t *fb;                /* the guest's */
    uint8_t *out;               /* what the hypervisor writes */
    uint8_t *old;               /* what it wrote when evil_remember() was */
    uint8_t *shown;             /* what dom0 shows, of fbc_shadow_bytes(&g) */
    uint8_t *vec, *dirty;
    uint32_t seed;

    enum tamper tamper;
    uint32_t tile;              /* which one is tampered with */
    uint32_t bit;               /* of the string that is */
    unsigned int lag;           /* pictures that are shown so much later */
    uint8_t *late[EVIL_LAG_MAX];
    unsigned int sealed;        /* pictures so far */

    /* Sealed input. */
    struct fbc_inputbox box;
    bool no_input;              /* a hypervisor that knows nothing of it */
    bool swallow;               /* dom0 keeps what comes */
    bool full;                  /* the guest takes nothing */
    unsigned int lose;          /* one of so many positions is lost; 0: none */
    unsigned int pointers;      /* so far */
    bool taken;                 /* a record, since the last manifest */
};

/* CLOCK_MONOTONIC. */
uint64_t evil_now_ns(void);

/* A position that a client sent; prints what the guest gets of it. */
void evil_pointer(struct evil *v, uint32_t x, uint32_t y);

void evil_key_file(struct evil *v, const char *path);

/* A screen of that size, drawn and sealed under a new epoch. */
void evil_begin(struct evil *v, uint32_t width, uint32_t height);
void evil_end(struct evil *v);

/* A new epoch of the same screen. */
void evil_rekey(struct evil *v);

/* The guest draws on the tile that is tampered with, and somewhere else. */
void evil_draw(struct evil *v);

/* Everything that is due, a manifest; then what is shown. */
void evil_seal(struct evil *v);

/* Old is what is shown now. */
void evil_remember(struct evil *v);

/* The guest's screen as PPM; the file appears when it is complete. */
void evil_truth(const struct evil *v, const char *path);

#endif /* FBC_TEST_EVILSHADOW_H */
