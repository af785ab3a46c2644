/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI tables that libxl gives a PVH guest, 4.17.6 to 4.22 (libacpi's
 * build.c, libxl_x86_acpi.c): all but the DSDT are built here.
 */
#ifndef FBC_PARSE_ACPI_H
#define FBC_PARSE_ACPI_H

#include "core/fbc.h"

#define FBC_ACPI_INFO      UINT64_C(0xfc000000) /* guest's address */
#define FBC_ACPI_PAGES     16           /* of tables, behind the info page */
#define FBC_ACPI_RSDP_LEN  64
#define FBC_ACPI_MAX_VCPUS 128
#define FBC_ACPI_MAX_DSDT  60000

struct fbc_acpi {
    /* The caller sets these: */
    const uint8_t *dsdt;
    uint32_t dsdt_len;
    unsigned int maxvcpus, vcpus;       /* the first so many are there */
    bool again;                 /* not the first guest of its toolstack's
                                   process, as when xl reboots it */

    /* fbc_acpi_build() these: */
    unsigned int pages;         /* of tables */
    uint8_t info[64];           /* the rest of its page is zero */
    uint8_t rsdp[FBC_ACPI_RSDP_LEN];
    uint8_t tables[FBC_ACPI_PAGES * 4096];
};

/* FBC_ERR_RANGE: no such number of vCPUs, or too large a DSDT. */
enum fbc_err FBC_MUST_CHECK fbc_acpi_build(struct fbc_acpi *a);

/* Is this a DSDT of Xen's, whole, and nothing behind it? */
bool fbc_acpi_is_dsdt(const uint8_t *data, size_t len);

/*
 * The only one in a file, as in libxenlight.so; *at and *len say where.
 * FBC_ERR_MAGIC: there is none; FBC_ERR_RANGE: there are several.
 */
enum fbc_err FBC_MUST_CHECK fbc_acpi_find_dsdt(const uint8_t *data, size_t size,
                                               size_t *at, uint32_t *len);

#endif /* FBC_PARSE_ACPI_H */
