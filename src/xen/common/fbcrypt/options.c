/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line: fbcrypt=<bool>|all,no-iommu,no-smap,no-overwrite,
 * plain-input,console, and others' options that do not go with it.
 */
#include "private.h"

#include <xen/init.h>
#include <xen/param.h>

static bool __ro_after_init opt_fbcrypt = true;
static bool __ro_after_init opt_all;
bool __ro_after_init fbc_opt_iommu = true;
bool __ro_after_init fbc_opt_smap = true;
bool __ro_after_init fbc_opt_overwrite = true;
bool __ro_after_init fbc_opt_plain_input;
bool __ro_after_init fbc_opt_console;
const char *__initdata fbc_opt_barred[FBC_OPTS_BARRED + 1];
const char *__initdata fbc_opt_dma[FBC_OPTS_BARRED + 1];

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
        else if ( (val = parse_boolean("smap", s, end)) >= 0 )
            fbc_opt_smap = val;
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

static int __init note(const char *list[], const char *name)
{
    unsigned int i;

    for ( i = 0; i < FBC_OPTS_BARRED; i++ )
        if ( !list[i] || list[i] == name )
        {
            list[i] = name;
            break;
        }

    return 0;
}

/*
 * Xen calls each handler that an option has: its own, and these.  Whatever its
 * value is; tests/xen-options has a verdict on every option of Xen's.
 */
#define NOTE(id, name, list)                            \
static const char __initconst name_##id[] = name;       \
static int __init cf_check note_##id(const char *s)     \
{                                                       \
    return note(list, name_##id);                       \
}                                                       \
custom_param(name, note_##id)

/* A file that was not measured; samples of guests' registers. */
NOTE(ucode, "ucode", fbc_opt_barred);
NOTE(vpmu, "vpmu", fbc_opt_barred);
/* Registers of PVH guests in Xen's log. */
NOTE(hvm_debug, "hvm_debug", fbc_opt_barred);
/* Configuration space that Xen does not know of. */
NOTE(mmcfg, "mmcfg", fbc_opt_barred);
/* Code in memory at an address of the command line's. */
NOTE(tboot, "tboot", fbc_opt_barred);
/* dom0 is not the hardware domain; Xen is a guest. */
NOTE(hardware_dom, "hardware_dom", fbc_opt_barred);
NOTE(pv_shim, "pv-shim", fbc_opt_barred);
/* What Xen's SUPPORT.md does not call secure, for guests that dom0 makes. */
NOTE(altp2m, "altp2m", fbc_opt_barred);
NOTE(hvm_fep, "hvm_fep", fbc_opt_barred);
/* Memory that devices reach in any case. */
NOTE(rmrr, "rmrr", fbc_opt_dma);
NOTE(ivmd, "ivmd", fbc_opt_dma);
/* A device that says that its addresses are translated. */
NOTE(ats, "ats", fbc_opt_dma);
/* A controller of dom0's with buffers in Xen. */
NOTE(dbgp, "dbgp", fbc_opt_dma);

bool fbcrypt_enabled(void)
{
    return opt_fbcrypt;
}

bool fbc_protect_all(void)
{
    return opt_all;
}
