/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile dom0 and a hostile guest around sealed input.  Each byte of an
 * input is an operation (OP below); its operands follow.  iw_pump() checks that
 * the guest gets what the tenant sealed, in order, and nothing else.
 */
#include <stdlib.h>

#include "../unit/inputworld.h"
#include "fuzzin.h"

enum op {
    OP_SEAL,                    /* u32: the tenant's next record */
    OP_RECORD,                  /* u8 age, u8 number (255: hello), whole */
    OP_POINTS,                  /* the same, u8 first, u8 end */
    OP_WRONG,                   /* the same, u8 bit */
    OP_EVENT,                   /* u8 type, u8 pressed, u8, u8 */
    OP_PUMP,
    OP_TAKE,                    /* u8: the guest takes so many */
    OP_CONNECT,
    OP_TIME,                    /* u32, ns */
    OP_EPOCH,
    OP_DOM0_PROD,               /* i8 from our own index */
    OP_GUEST_CONS,
    OP_RAW,                     /* 16 bytes of an event */
    OPS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *record(struct in *in, struct iw *w)
{
    const struct iw_conn *c = &w->conn[w->conns - 1 - u8(in) % w->conns];
    uint8_t n = u8(in);

    return n == 255 || !c->sealed ? c->hello : c->record[n % c->sealed];
}

static void raw(struct in *in, struct iw *w)
{
    uint32_t prod = fbc_get32(w->dom0 + FBC_KBDIF_IN_PROD), i;
    uint8_t *ev = iw_slot(w->dom0, prod);

    for ( i = 0; i < FBC_KBDIF_USED_LEN; i++ )
        ev[i] = u8(in);
    fbc_put32(w->dom0 + FBC_KBDIF_IN_PROD, prod + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct in in = { data, size };
    uint8_t wrong[FBC_INPUT_RECORD_LEN], a, b, c;
    struct fbc_input input;
    const uint8_t *r;
    struct iw w;

    iw_new(&w, FBC_INPUTBOX_SEALED);
    while ( in.left )
        switch ( (enum op)(u8(&in) % OPS) )
        {
        case OP_SEAL:
            input = iw_input(u32(&in));
            (void)iw_seal(&w, &input);
            break;

        case OP_RECORD:
            iw_points(&w, record(&in, &w), 0, FBC_CARRIER_POINTS);
            break;

        case OP_POINTS:
            r = record(&in, &w);
            a = u8(&in);
            b = u8(&in);
            iw_points(&w, r, a, b < FBC_CARRIER_POINTS ? b
                                                       : FBC_CARRIER_POINTS);
            break;

        case OP_WRONG:
            memcpy(wrong, record(&in, &w), sizeof(wrong));
            a = u8(&in);
            wrong[a % sizeof(wrong)] ^= (uint8_t)(1u << a / 16 % 8);
            iw_points(&w, wrong, 0, FBC_CARRIER_POINTS);
            break;

        case OP_EVENT:
            a = u8(&in);
            b = u8(&in);
            c = u8(&in);
            iw_event(&w, a, b, c * 4u, u8(&in) * 4u);
            break;

        case OP_PUMP:
            (void)iw_pump(&w);
            break;

        case OP_TAKE:
            iw_guest_takes(&w, u8(&in));
            break;

        case OP_CONNECT:
            iw_connect(&w);
            break;

        case OP_TIME:
            w.now += u32(&in);
            break;

        case OP_EPOCH:
            w.key[0]++;
            fbc_inputbox_epoch(&w.box, w.key, IW_SW, IW_SH);
            break;

        case OP_DOM0_PROD:
            fbc_put32(w.dom0 + FBC_KBDIF_IN_PROD,
                      w.r.s_cons + (uint32_t)(int8_t)u8(&in));
            break;

        case OP_GUEST_CONS:
            fbc_put32(w.guest + FBC_KBDIF_IN_CONS,
                      w.r.prod + (uint32_t)(int8_t)u8(&in));
            break;

        case OP_RAW:
            raw(&in, &w);
            break;

        case OPS:
            break;
        }
    iw_free(&w);

    return 0;
}
