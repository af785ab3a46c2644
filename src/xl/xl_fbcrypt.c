/* SPDX-License-Identifier: GPL-2.0-only */
/* xl fbcrypt-setkey: hand a sealed session key to the hypervisor. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libxl.h>
#include <libxl_utils.h>

#include "xl.h"
#include "xl_utils.h"

#include "lib/base/io.h"
#include "lib/dom0/hypercall.h"

static int fail(const struct fbc_error *e)
{
    fprintf(stderr, "xl: error: %s: %s\n", e->what, e->why);
    if ( e->hint[0] )
        fprintf(stderr, "xl: hint: %s\n", e->hint);

    return e->status;
}

static int read_blob(uint8_t blob[static XEN_FBCRYPT_BLOB_LEN],
                     struct fbc_error *e)
{
    uint8_t buf[XEN_FBCRYPT_BLOB_LEN + 1];  /* one more shows trailing bytes */
    ssize_t n;

    if ( isatty(STDIN_FILENO) )
    {
        fbc_fail(e, FBC_EXIT_USAGE, "stdin", "is a terminal");
        return fbc_hint(e, "xl fbcrypt-setkey DOMAIN < blob");
    }

    n = fbc_read(STDIN_FILENO, buf, sizeof(buf), NULL);
    if ( n < 0 )
        return fbc_fail_errno(e, "stdin");
    if ( n != XEN_FBCRYPT_BLOB_LEN )
    {
        fbc_fail(e, FBC_EXIT_INPUT, "key blob", "is not of %u bytes",
                 XEN_FBCRYPT_BLOB_LEN);
        return fbc_hint(e, "fbc-wrapkey makes one");
    }
    memcpy(blob, buf, XEN_FBCRYPT_BLOB_LEN);

    return 0;
}

int main_fbcrypt_setkey(int argc, char **argv)
{
    uint8_t blob[XEN_FBCRYPT_BLOB_LEN];
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

    if ( read_blob(blob, &e) )
        return fail(&e);
    domid = find_domain(domain);
    hv = fbc_hv_open(&e);
    if ( !hv )
        return fail(&e);
    rc = fbc_hv_set_key(hv, (uint16_t)domid, domain, blob, &epoch, &e);
    fbc_hv_close(hv);

    return rc ? fail(&e) : FBC_EXIT_OK;
}
