/* SPDX-License-Identifier: GPL-2.0-only */
/* A launch log that dom0 made: what is taken lies in it, and is in order. */
#include <stdlib.h>

#include "lib/launch/compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fbc_compare c;
    struct fbc_launchlog l;
    uint64_t next = 0;
    uint32_t i;
    size_t len;

    if ( fbc_launchlog_parse(data, size, &l) )
        return 0;

    if ( l.entries + (size_t)l.nr * FBC_LAUNCH_ENTRY_LEN > data + size ||
         (l.start && l.start + FBC_LAUNCH_PAGE != data + size) ||
         (!l.state && !l.start) )
        abort();
    for ( i = l.pages; i < l.runs; i++ )
    {
        struct fbc_launchlog_entry e = fbc_launchlog_entry(&l, i);

        if ( e.first < next || !e.bitmap ||
             (l.type == FBC_LAUNCH_PV64 && e.first >= l.nr_pages) )
            abort();
        next = e.first + FBC_LAUNCH_WINDOW;
    }
    fbc_launchlog_cmdline(&l, &len);
    if ( len >= FBC_LAUNCHLOG_CMDLINE )
        abort();
    fbc_compare_logs(&l, &l, NULL, NULL, &c);
    if ( !l.state && c.lines )
        abort();

    return 0;
}
