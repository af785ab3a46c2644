/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains as users name them, through XenStore. */
#include "lib/dom0/domain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <xenstore.h>

#include "lib/base/utf8.h"

#define FIRST_RESERVED 0x7ff0u  /* DOMID_FIRST_RESERVED */

struct xs_handle *fbc_xs_open(struct fbc_error *e)
{
    struct xs_handle *xs = xs_open(0);

    if ( !xs )
    {
        fbc_fail(e, FBC_EXIT_ENV, "XenStore", "no connection: %s",
                 strerror(errno));
        fbc_hint(e, "run this in dom0, as root");
    }

    return xs;
}

/* Decimal without sign or leading zero; -1: not a number at all. */
static long parse_id(const char *s)
{
    unsigned long v = 0;
    const char *p;

    for ( p = s; *p >= '0' && *p <= '9'; p++ )
        if ( v < 1000000 )
            v = v * 10 + (unsigned long)(*p - '0');

    return *p || p == s ? -1 : (long)v;
}

int fbc_domain_read(struct xs_handle *xs, uint16_t domid, const char *node,
                    char *out, size_t len)
{
    unsigned int n;
    char path[128];
    char *value;

    snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, node);
    value = xs_read(xs, XBT_NULL, path, &n);
    if ( !value )
        return 0;

    snprintf(out, len, "%s", value);        /* xs_read() adds a NUL */
    fbc_utf8_clean(out);
    free(value);

    return 1;
}

static int find_name(struct xs_handle *xs, const char *domain, uint16_t *domid,
                     struct fbc_error *e)
{
    unsigned int n, i, found = 0;
    char name[256];
    char **ids = xs_directory(xs, XBT_NULL, "/local/domain", &n);

    if ( !ids )
        return fbc_fail_errno(e, "XenStore: /local/domain");

    for ( i = 0; i < n; i++ )
    {
        long id = parse_id(ids[i]);

        if ( id <= 0 || id >= (long)FIRST_RESERVED ||
             !fbc_domain_read(xs, (uint16_t)id, "name", name,
                              sizeof(name)) || strcmp(name, domain) )
            continue;
        *domid = (uint16_t)id;
        found++;
    }
    free(ids);

    if ( found == 1 )
        return 0;
    if ( found )
    {
        fbc_fail(e, FBC_EXIT_INPUT, domain, "%u domains have this name",
                 found);
        return fbc_hint(e, "give the id, from xl list: XenStore may still "
                        "name one that is gone");
    }
    fbc_fail(e, FBC_EXIT_INPUT, domain, "no such domain, or it is gone");

    return fbc_hint(e, "xl list");
}

int fbc_domain_find(const char *domain, uint16_t *domid, struct fbc_error *e)
{
    long id = parse_id(domain);
    struct xs_handle *xs;
    uint16_t found;
    int rc;

    if ( !domain[0] )
        return fbc_fail(e, FBC_EXIT_USAGE, "domain", "name is empty");

    if ( id >= 0 )
    {
        if ( id >= (long)FIRST_RESERVED )
            return fbc_fail(e, FBC_EXIT_INPUT, domain,
                            "no domain id is that high");
        *domid = (uint16_t)id;
        return 0;
    }

    xs = fbc_xs_open(e);
    if ( !xs )
        return -1;
    rc = find_name(xs, domain, &found, e);
    if ( !rc )
        *domid = found;
    xs_close(xs);

    return rc;
}
