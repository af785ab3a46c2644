/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line: fbcrypt=<bool>|all,no-iommu,no-overwrite,plain-input,
 * console, and others' options that do not go with it.
 */
#include "private.h"

#include <xen/init.h>
#include <xen/param.h>

static bool __ro_after_init opt_fbcrypt = true;
static bool __ro_after_init opt_all;
bool __ro_after_init fbc_opt_iommu = true;
bool __ro_after_init fbc_opt_overwrite = true;
bool __ro_after_init fbc_opt_plain_input;
bool __ro_after_init fbc_opt_console;
bool __initdata fbc_opt_barred;
bool __initdata fbc_opt_dma;

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
        else if ( (val = parse_boolean("overwrite", s, end)) >= 0 )
            fbc_opt_overwrite = val;
        else if ( (val = parse_boolean("plain-input", s, end)) >= 0 )
            fbc_opt_plain_input = val;
        else if ( (val = parse_boolean("console", s, end)) >= 0 )
            fbc_opt_console = val;
        else
            rc = -EINVAL;

        s = end + 1;
    } while ( s[-1] );

    return rc;
}
custom_param("fbcrypt", parse_fbcrypt);

/* Xen calls each handler that an option has: its own, and these. */
#define NOTE(name, what)                                \
static int __init cf_check note_##name(const char *s)   \
{                                                       \
    what = true;                                        \
    return 0;                                           \
}                                                       \
custom_param(#name, note_##name)

/* A file that was not measured; samples of guests' registers. */
NOTE(ucode, fbc_opt_barred);
NOTE(vpmu, fbc_opt_barred);
/* Memory that devices reach in any case. */
NOTE(rmrr, fbc_opt_dma);
NOTE(ivmd, fbc_opt_dma);

bool fbcrypt_enabled(void)
{
    return opt_fbcrypt;
}

bool fbc_protect_all(void)
{
    return opt_all;
}
