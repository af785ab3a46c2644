/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-sendinput: carry records of sealed input to the hypervisor. */
#include "lib/base/cli.h"
#include "lib/base/io.h"
#include "lib/dom0/domain.h"
#include "lib/dom0/hypercall.h"

#include <unistd.h>

static const char help[] =
    "usage: fbc-sendinput DOMAIN < records\n"
    "\n"
    "Carry the tenant's records of sealed input to the hypervisor as they\n"
    "come, where no VNC server shall.\n"
    "\n"
    FBC_CLI_HELP;

static const struct option options[] = { FBC_CLI_LONG };

struct tally {
    unsigned long taken, refused;
};

static int carry(struct fbc_hv *hv, uint16_t domid, const char *domain,
                 struct tally *n, struct fbc_error *e)
{
    const volatile int *stop = fbc_catch_stop();
    uint8_t record[XEN_FBCRYPT_RECORD_LEN];
    ssize_t got;
    bool taken;

    while ( (got = fbc_read(STDIN_FILENO, record, sizeof(record),
                            stop)) == (ssize_t)sizeof(record) )
    {
        if ( fbc_hv_send_input(hv, domid, domain, record, &taken, e) )
            return -1;
        if ( taken )
            n->taken++;
        else
            n->refused++;
    }
    if ( got < 0 )
        return fbc_fail_errno(e, "stdin");
    if ( got && !*stop )
        return fbc_fail(e, FBC_EXIT_INPUT, "stdin", "ends within a record");

    return 0;
}

static int send_input(const char *domain, struct tally *n,
                      struct fbc_error *e)
{
    struct fbc_hv *hv;
    uint16_t domid;
    int rc;

    if ( fbc_domain_find(domain, &domid, e) )
        return -1;
    hv = fbc_hv_open(e);
    if ( !hv )
        return -1;
    rc = carry(hv, domid, domain, n, e);
    fbc_hv_close(hv);

    return rc;
}

int main(int argc, char **argv)
{
    struct tally n = { 0 };
    struct fbc_error e;
    int opt, rc;

    fbc_cli_start("fbc-sendinput", help);
    while ( (opt = getopt_long(argc, argv, ":" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
            return rc;

    if ( argc - optind != 1 )
        return fbc_cli_usage("DOMAIN", "one domain id or name is needed");
    if ( isatty(STDIN_FILENO) )
        return fbc_cli_usage("stdin", "is a terminal");
    if ( send_input(argv[optind], &n, &e) )
        return fbc_cli_fail(&e);
    fbc_cli_say("%s: %lu records taken, %lu refused", argv[optind], n.taken,
                n.refused);

    return fbc_cli_finish(n.refused ? FBC_EXIT_NO : FBC_EXIT_OK);
}
