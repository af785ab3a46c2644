/* SPDX-License-Identifier: GPL-2.0-only */
/* A library with a DSDT in it: what is found lies in the file, and fits in. */
#include <stdlib.h>

#include "parse/launch/acpi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fbc_acpi a;
    size_t at;

    fbc_acpi_is_dsdt(data, size);
    if ( fbc_acpi_find_dsdt(data, size, &at, &a.dsdt_len) )
        return 0;

    if ( at > size || a.dsdt_len > size - at ||
         !fbc_acpi_is_dsdt(data + at, a.dsdt_len) )
        abort();
    a.dsdt = data + at;
    a.maxvcpus = 1 + data[0] % FBC_ACPI_MAX_VCPUS;
    a.vcpus = 1;
    if ( fbc_acpi_build(&a) || a.pages > FBC_ACPI_PAGES )
        abort();

    return 0;
}
