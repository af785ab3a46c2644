/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots with the fake TPM, and what must hold after each of them. */
#ifndef FBC_TEST_BOOTS_H
#define FBC_TEST_BOOTS_H

#include "vec.h"

#include "faketpm.h"

#define COUNT(a) ((unsigned int)(sizeof(a) / sizeof((a)[0])))

extern struct faketpm f;
extern struct fbc_vmmkey k;
extern const uint8_t data[FBC_NV_SIZE];     /* in the index, if SECOND */

enum start { PER_BOOT, FIRST, SECOND, STARTS };

/* So many commands does an undisturbed boot take. */
unsigned int commands(enum start s);

void prepare(enum start s);

/* A boot.  The judge is content. */
void judged(void);
/* The TPM does not lie: moreover it is as it should be afterwards. */
void safe(void);
/* Moreover this is the outcome; PCR 12 is capped. */
void unattested(enum fbc_err err, const char *step);
void attested(enum fbc_vmmkey_mode mode, bool created);

/* What happens to commands at to until, counted from 1. */
struct meddling {
    unsigned int at, until;
    uint32_t code;              /* only if it is this command, or 0 */
    uint32_t rc;                /* the answer is this code, or 0 */
    size_t cut, flip;           /* the answer's length; where to XOR bits */
    uint8_t bits, tag;          /* second byte of the tag, or 0 */
    bool lose;
};
extern struct meddling m;

/* Prepares that, with nothing in m but at and until. */
void meddle(enum start s, unsigned int at, unsigned int until);
/* For f.block: these commands do not arrive. */
bool blocked(struct faketpm *t, uint32_t code);

/* For f.meddle: so many PCR_Events say yes and do nothing. */
extern unsigned int events;
void ignored(struct faketpm *t, uint32_t code, uint8_t *rsp, size_t *len);

#endif /* FBC_TEST_BOOTS_H */
