/* SPDX-License-Identifier: GPL-2.0-only */
/* xl fbcrypt-setkey: hand a sealed session key to the hypervisor. */
#include <stdio.h>
#include <stdlib.h>

#include <libxl.h>
#include <libxl_utils.h>

#include "xl.h"
#include "xl_utils.h"

#include "lib/dom0/blobfile.h"
#include "lib/dom0/hypercall.h"

static int fail(const struct fbc_error *e)
{
    fprintf(stderr, "xl: error: %s: %s\n", e->what, e->why);
    if ( e->hint[0] )
        fprintf(stderr, "xl: hint: %s\n", e->hint);

    return e->status;
}

int main_fbcrypt_setkey(int argc, char **argv)
{
    struct fbc_blobs blobs;
    struct fbc_error e;
    struct fbc_hv *hv;
    uint32_t domid, epoch;
    const char *domain;
    int opt, rc;

    SWITCH_FOREACH_OPT(opt, "", NULL, "fbcrypt-setkey", 1) {
        /* No options */
    }
    domain = argv[optind];
    if ( argc - optind > 1 )
    {
        fbc_fail(&e, FBC_EXIT_USAGE, argv[optind + 1], "unexpected argument");
        return fail(&e);
    }

    if ( fbc_blobs_read("xl fbcrypt-setkey", &blobs, &e) )
        return fail(&e);
    domid = find_domain(domain);
    hv = fbc_hv_open(&e);
    if ( !hv )
        return fail(&e);
    rc = fbc_hv_set_key(hv, (uint16_t)domid, domain, &blobs, &epoch, &e);
    fbc_hv_close(hv);

    return rc ? fail(&e) : FBC_EXIT_OK;
}
