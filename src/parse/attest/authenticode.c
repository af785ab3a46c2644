/* SPDX-License-Identifier: GPL-2.0-only */
/* Ranges of an EFI image under its Authenticode hash. */
#include "parse/attest/authenticode.h"

#define DOS_HEAD       64
#define DOS_PE_OFFSET  0x3c
#define PE_SECTIONS    6        /* from "PE\0\0" */
#define PE_OPT_SIZE    20
#define PE_OPT         24
#define OPT_HEADERS    60       /* from the optional header */
#define OPT_CHECKSUM   64
#define OPT_DIRS       108
#define OPT_DIR        112
#define DIR_LEN        8
#define DIR_CERTS      4
#define SECTION_LEN    40
#define SECTION_NAME   8
#define SECTION_SIZE   16       /* SizeOfRawData, PointerToRawData */

#define MACHINE_X86_64 0x8664
#define PE32_PLUS      0x20b

struct pe {
    const uint8_t *file;
    uint64_t len, opt, dirs, table, headers, certs_len;
    unsigned int sections;
    struct fbc_pe_range *range;
    unsigned int n;
};

static void add_range(struct pe *pe, uint64_t offset, uint64_t len)
{
    if ( !len )
        return;
    pe->range[pe->n].offset = offset;
    pe->range[pe->n++].len = len;
}

/* All sums are of numbers below 2^33. */
static enum fbc_err read_headers(struct pe *pe)
{
    uint64_t start, opt_len;

    if ( pe->len < DOS_HEAD )
        return FBC_ERR_LENGTH;
    if ( memcmp(pe->file, "MZ", 2) )
        return FBC_ERR_MAGIC;
    start = fbc_get32(pe->file + DOS_PE_OFFSET);
    if ( pe->len < start + PE_OPT + OPT_DIR )
        return FBC_ERR_LENGTH;
    if ( memcmp(pe->file + start, "PE\0\0", 4) )
        return FBC_ERR_MAGIC;

    pe->opt = start + PE_OPT;
    if ( fbc_get16(pe->file + start + 4) != MACHINE_X86_64 ||
         fbc_get16(pe->file + pe->opt) != PE32_PLUS )
        return FBC_ERR_ALGORITHM;

    pe->sections = fbc_get16(pe->file + start + PE_SECTIONS);
    opt_len = fbc_get16(pe->file + start + PE_OPT_SIZE);
    pe->dirs = fbc_get32(pe->file + pe->opt + OPT_DIRS);
    pe->headers = fbc_get32(pe->file + pe->opt + OPT_HEADERS);
    pe->table = pe->opt + opt_len;
    if ( pe->sections > FBC_PE_SECTIONS ||
         opt_len < OPT_DIR + pe->dirs * DIR_LEN ||
         start < DOS_HEAD ||
         pe->headers < pe->table + (uint64_t)pe->sections * SECTION_LEN )
        return FBC_ERR_RANGE;

    return pe->len < pe->headers ? FBC_ERR_LENGTH : FBC_OK;
}

/* The headers but for the checksum and the entry of the certificates. */
static enum fbc_err add_headers(struct pe *pe)
{
    uint64_t sum = pe->opt + OPT_CHECKSUM, after = sum + 4;
    uint64_t certs = pe->opt + OPT_DIR + DIR_CERTS * DIR_LEN, at;

    add_range(pe, 0, sum);
    if ( pe->dirs <= DIR_CERTS )
    {
        add_range(pe, after, pe->headers - after);
        return FBC_OK;
    }

    add_range(pe, after, certs - after);
    add_range(pe, certs + DIR_LEN, pe->headers - certs - DIR_LEN);
    at = fbc_get32(pe->file + certs);
    pe->certs_len = fbc_get32(pe->file + certs + 4);

    /* They are at the end, or what is hashed depends on who hashes. */
    return pe->certs_len && at + pe->certs_len != pe->len ? FBC_ERR_RANGE
           : FBC_OK;
}

/* By offset; they must not overlap. */
static enum fbc_err add_sections(struct pe *pe)
{
    unsigned int first = pe->n, i, j;

    for ( i = 0; i < pe->sections; i++ )
    {
        const uint8_t *s = pe->file + pe->table + i * SECTION_LEN +
                           SECTION_SIZE;
        uint64_t len = fbc_get32(s), offset = fbc_get32(s + 4);

        if ( !len )
            continue;
        if ( offset < pe->headers )
            return FBC_ERR_RANGE;
        if ( pe->len < offset + len )
            return FBC_ERR_LENGTH;
        for ( j = pe->n; j > first && pe->range[j - 1].offset > offset; j-- )
            pe->range[j] = pe->range[j - 1];
        pe->range[j].offset = offset;
        pe->range[j].len = len;
        pe->n++;
    }

    for ( i = first + 1; i < pe->n; i++ )
        if ( pe->range[i].offset <
             pe->range[i - 1].offset + pe->range[i - 1].len )
            return FBC_ERR_RANGE;

    return FBC_OK;
}

/*
 * What follows, as firmware takes it: from the sum of the lengths hashed,
 * which is the end of the last section unless there are gaps.
 */
static enum fbc_err add_rest(struct pe *pe)
{
    uint64_t sum = pe->headers, end = pe->len - pe->certs_len;
    unsigned int i;

    for ( i = 0; i < pe->n; i++ )
        if ( pe->range[i].offset >= pe->headers )
            sum += pe->range[i].len;
    if ( pe->certs_len > pe->len || end < sum )
        return FBC_ERR_RANGE;
    add_range(pe, sum, end - sum);

    return FBC_OK;
}

/* pe->range has room for FBC_PE_RANGES. */
static enum fbc_err read_file(struct pe *pe)
{
    enum fbc_err err = read_headers(pe);

    if ( !err )
        err = add_headers(pe);
    if ( !err )
        err = add_sections(pe);

    return err ? err : add_rest(pe);
}

enum fbc_err fbc_pe_ranges(const uint8_t *file, uint64_t len,
                           struct fbc_pe_range range[static FBC_PE_RANGES],
                           unsigned int *n)
{
    struct fbc_pe_range t[FBC_PE_RANGES];
    struct pe pe = { .file = file, .len = len, .range = t };
    enum fbc_err err = read_file(&pe);

    if ( err )
        return err;

    memcpy(range, t, pe.n * sizeof(t[0]));
    *n = pe.n;

    return FBC_OK;
}

enum fbc_err fbc_pe_sections(const uint8_t *file, uint64_t len,
                             const char *name, struct fbc_pe_range *range,
                             unsigned int *n)
{
    struct fbc_pe_range t[FBC_PE_RANGES];
    struct pe pe = { .file = file, .len = len, .range = t };
    enum fbc_err err = read_file(&pe);
    unsigned int i;

    if ( err )
        return err;

    *n = 0;
    for ( i = 0; i < pe.sections; i++ )
    {
        const uint8_t *s = file + pe.table + i * SECTION_LEN;

        /* Of a name that ends early, what follows does not count. */
        if ( strncmp((const char *)s, name, SECTION_NAME) )
            continue;
        if ( !(*n)++ )
        {
            range->len = fbc_get32(s + SECTION_SIZE);
            range->offset = range->len ? fbc_get32(s + SECTION_SIZE + 4) : 0;
        }
    }

    return FBC_OK;
}
