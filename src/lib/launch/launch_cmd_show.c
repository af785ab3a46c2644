/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-launch show: a log as text. */
#include "lib/launch/launch_cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "parse/text/hex.h"

static void show_text(const struct fbc_launchlog *l, const char *state,
                      const char *cmdline, size_t len)
{
    static const char *const kinds[] = {
        [FBC_LAUNCH_LOG_CPU] = "cpu", [FBC_LAUNCH_LOG_E820] = "memory-map",
        [FBC_LAUNCH_LOG_START] = "start_info",
        [FBC_LAUNCH_LOG_PAGES] = "pages",
        [FBC_LAUNCH_LOG_P2M] = "p2m", [FBC_LAUNCH_LOG_CHANNEL] = "channel",
        [FBC_LAUNCH_LOG_RAM] = "memory",
    };
    char hash[2 * FBC_HASH_LEN + 1];
    uint32_t i;

    printf("state: %s\n", state);
    *fbc_hex_write(hash, l->digest, FBC_HASH_LEN) = 0;
    if ( !l->state )
        printf("digest: %s\n", hash);
    printf("type: %s\n", l->type == FBC_LAUNCH_PVH ? "PVH" : "PV");
    printf("memory: %"PRIu64" MiB\n", l->nr_pages >> 8);
    if ( l->e820 && l->nr_e820 == 1 )
        printf("maxmem: %"PRIu64" MiB\n", fbc_get64(l->e820 + 8) >> 20);
    if ( l->start )
        printf("cmdline: %.*s\n", (int)len, cmdline);
    for ( i = 0; i < l->nr; i++ )
    {
        struct fbc_launchlog_entry e = fbc_launchlog_entry(l, i);

        *fbc_hex_write(hash, e.hash, FBC_HASH_LEN) = 0;
        printf("%s 0x%"PRIx64" %u %s\n", kinds[e.kind], e.first,
               e.bitmap ? (unsigned int)__builtin_popcountll(e.bitmap)
                        : e.count, hash);
    }
}

int fbc_launch_show(const struct fbc_launch_args *a, struct fbc_error *e)
{
    struct fbc_logfile f = { .data = NULL };
    char state[FBC_COMPARE_LINE] = "measured";
    char cmdline[FBC_LAUNCHLOG_CMDLINE + 1];
    const char *s;
    struct fbc_json j;
    size_t len, i;
    int rc = -1;

    if ( fbc_logfile_read(a->log[0], &f, e) )
        goto out;
    if ( f.log.state )
        fbc_compare_state(&f.log, state);
    s = fbc_launchlog_cmdline(&f.log, &len);
    for ( i = 0; i < len; i++ )
        cmdline[i] = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
    cmdline[len] = 0;

    if ( a->json )
    {
        fbc_launch_json(&j, true, f.log.state ? NULL : f.log.digest);
        fbc_json_str(&j, "state", state);
        fbc_json_str(&j, "type", f.log.type == FBC_LAUNCH_PVH ? "pvh" : "pv");
        fbc_json_uint(&j, "memory_mib", f.log.nr_pages >> 8);
        fbc_json_str(&j, "cmdline", f.log.start ? cmdline : NULL);
        fbc_json_uint(&j, "entries", f.log.nr);
        fbc_json_end(&j);
    }
    else
        show_text(&f.log, state, cmdline, len);
    rc = FBC_EXIT_OK;

 out:
    fbc_logfile_free(&f);
    return rc;
}
