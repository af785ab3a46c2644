/* SPDX-License-Identifier: GPL-2.0-only */
/* The ACPI table TPM2. */
#include "lib/attest/acpitpm.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/io.h"

#define START_METHOD 48         /* offset; 32 bits, little-endian */

int fbc_acpi_tpm_check(const char *path, struct fbc_error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t table[START_METHOD + 4];
    uint32_t method;
    ssize_t n;

    if ( fd < 0 )
        return 0;
    n = fbc_read(fd, table, sizeof(table), NULL);
    close(fd);
    if ( n != sizeof(table) )
        return 0;

    method = (uint32_t)table[START_METHOD + 3] << 24 |
             (uint32_t)table[START_METHOD + 2] << 16 |
             (uint32_t)table[START_METHOD + 1] << 8 | table[START_METHOD];
    if ( method == 6 || method == 7 )
        return 0;

    fbc_fail(e, FBC_EXIT_NO, "TPM", "start method %u: dom0 could extend PCR "
             "12 by a key of its own", method);

    return fbc_hint(e, "only 6 (FIFO) and 7 (CRB) will do; "
                    "fbcrypt-provision(7), step 1");
}
