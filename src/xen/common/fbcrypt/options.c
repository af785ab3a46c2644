/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: fbcrypt=<bool>|all,no-iommu */
#include "private.h"

#include <xen/init.h>
#include <xen/param.h>

static bool __ro_after_init opt_fbcrypt = true;
static bool __ro_after_init opt_all;
bool __ro_after_init fbc_opt_iommu = true;

static int __init cf_check parse_fbcrypt(const char *s)
{
    int rc = 0;

    do {
        const char *end = strchr(s, ',') ?: strchr(s, '\0');
        int val = parse_bool(s, end);

        if ( val >= 0 )
            opt_fbcrypt = val;
        else if ( !cmdline_strcmp(s, "all") )
            opt_fbcrypt = opt_all = true;
        else if ( (val = parse_boolean("iommu", s, end)) >= 0 )
            fbc_opt_iommu = val;
        else
            rc = -EINVAL;

        s = end + 1;
    } while ( s[-1] );

    return rc;
}
custom_param("fbcrypt", parse_fbcrypt);

bool fbcrypt_enabled(void)
{
    return opt_fbcrypt;
}

bool fbc_protect_all(void)
{
    return opt_all;
}
