/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-setkey: hand a sealed session key to the hypervisor. */
#include "lib/base/cli.h"
#include "lib/dom0/blobfile.h"
#include "lib/dom0/domain.h"
#include "lib/dom0/hypercall.h"

static const char help[] =
    "usage: fbc-setkey DOMAIN < blob\n"
    "\n"
    "Hand the sealed session key of a domain's owner to the hypervisor.\n"
    "\n"
    FBC_CLI_HELP;

static const struct option options[] = { FBC_CLI_LONG };

static int set_key(const char *domain, uint32_t *epoch, struct fbc_error *e)
{
    struct fbc_blobs blobs;
    struct fbc_hv *hv;
    uint16_t domid;
    int rc;

    if ( fbc_blobs_read("fbc-setkey", &blobs, e) ||
         fbc_domain_find(domain, &domid, e) )
        return -1;
    hv = fbc_hv_open(e);
    if ( !hv )
        return -1;
    rc = fbc_hv_set_key(hv, domid, domain, &blobs, epoch, e);
    fbc_hv_close(hv);

    return rc;
}

int main(int argc, char **argv)
{
    struct fbc_error e;
    uint32_t epoch;
    int opt, rc;

    fbc_cli_start("fbc-setkey", help);
    while ( (opt = getopt_long(argc, argv, ":" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
            return rc;

    if ( argc - optind != 1 )
        return fbc_cli_usage("DOMAIN", "one domain id or name is needed");
    if ( set_key(argv[optind], &epoch, &e) )
        return fbc_cli_fail(&e);
    fbc_cli_say("%s: key set, epoch %u", argv[optind], epoch);

    return fbc_cli_finish(FBC_EXIT_OK);
}
