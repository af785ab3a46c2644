/* SPDX-License-Identifier: GPL-2.0-only */
/* The launch log, read strictly: what is accepted has one form only. */
#include "parse/launch/log.h"

#include "core/crypto.h"
#include "core/cursor.h"

#define MAX_PFN (UINT64_C(1) << 40)

struct fbc_launchlog_entry
fbc_launchlog_entry(const struct fbc_launchlog *l, uint32_t i)
{
    const uint8_t *p = l->entries + (size_t)i * FBC_LAUNCH_ENTRY_LEN;

    return (struct fbc_launchlog_entry){
        .kind = fbc_get16(p), .count = fbc_get32(p + 4),
        .first = fbc_get64(p + 8), .bitmap = fbc_get64(p + 16),
        .hash = p + 24,
    };
}

/* A range of pages of the guest; of PVH, of those that one may have. */
static bool in_guest(const struct fbc_launchlog *l, uint64_t first,
                     uint64_t count)
{
    uint64_t end = l->type == FBC_LAUNCH_PVH ? MAX_PFN : l->nr_pages;

    return count && first < end && count <= end - first;
}

/* What the i'th entry must be; 0: one of those whose number varies. */
static unsigned int fixed_kind(const struct fbc_launchlog *l, uint32_t i)
{
    static const uint8_t pv[] = {
        FBC_LAUNCH_LOG_CPU, FBC_LAUNCH_LOG_E820, FBC_LAUNCH_LOG_START,
        FBC_LAUNCH_LOG_P2M, FBC_LAUNCH_LOG_CHANNEL, FBC_LAUNCH_LOG_CHANNEL,
    };
    static const uint8_t pvh[] = {
        FBC_LAUNCH_LOG_CPU, FBC_LAUNCH_LOG_E820, FBC_LAUNCH_LOG_START,
        FBC_LAUNCH_LOG_CHANNEL, FBC_LAUNCH_LOG_CHANNEL,
    };

    if ( l->type == FBC_LAUNCH_PVH )
        return i < sizeof(pvh) ? pvh[i] : 0;

    return i < sizeof(pv) ? pv[i] : 0;
}

/* Of the i'th entry; next is the first page that may come. */
static enum fbc_err check_entry(struct fbc_launchlog *l, uint32_t i,
                                uint64_t *next)
{
    struct fbc_launchlog_entry e = fbc_launchlog_entry(l, i);
    const uint8_t *raw = l->entries + (size_t)i * FBC_LAUNCH_ENTRY_LEN;
    unsigned int kind = fixed_kind(l, i);
    bool ok;

    /* Pages, and behind them a PVH guest's runs. */
    if ( !kind )
        kind = e.kind == FBC_LAUNCH_LOG_RAM && l->type == FBC_LAUNCH_PVH
               ? FBC_LAUNCH_LOG_RAM : FBC_LAUNCH_LOG_PAGES;
    if ( e.kind != kind || fbc_get16(raw + 2) )
        return FBC_ERR_RANGE;
    if ( e.kind == FBC_LAUNCH_LOG_RAM && l->runs == l->nr )
    {
        l->runs = i;
        *next = 0;
    }

    switch ( e.kind )
    {
    case FBC_LAUNCH_LOG_CPU:
        ok = e.count == 1 && !e.first && !e.bitmap;
        break;
    case FBC_LAUNCH_LOG_E820:
        ok = e.count <= FBC_LAUNCHLOG_MAX_E820 && !e.first && !e.bitmap;
        break;
    case FBC_LAUNCH_LOG_START:
        ok = e.count == 1 && in_guest(l, e.first, 1) && !e.bitmap;
        break;
    case FBC_LAUNCH_LOG_P2M:
        ok = in_guest(l, e.first, e.count) && !e.bitmap &&
             fbc_is_zero(e.hash, FBC_HASH_LEN);
        break;
    case FBC_LAUNCH_LOG_CHANNEL:
        ok = e.count == 1 && in_guest(l, e.first, 1) && !e.bitmap &&
             fbc_is_zero(e.hash, FBC_HASH_LEN);
        break;
    case FBC_LAUNCH_LOG_RAM:
        /* With a hole before each but one at 0. */
        ok = in_guest(l, e.first, e.count) && !e.bitmap &&
             fbc_is_zero(e.hash, FBC_HASH_LEN) && e.first >= *next &&
             i - l->runs < FBC_LAUNCH_RUNS;
        *next = e.first + e.count + 1;
        break;
    default:
        ok = l->runs == l->nr && e.count == FBC_LAUNCH_WINDOW && e.bitmap &&
             !(e.first % FBC_LAUNCH_WINDOW) && e.first >= *next &&
             in_guest(l, e.first, 64 - __builtin_clzll(e.bitmap | 1));
        *next = e.first + FBC_LAUNCH_WINDOW;
        break;
    }

    return ok ? FBC_OK : FBC_ERR_RANGE;
}

bool fbc_launchlog_has(const struct fbc_launchlog *l, uint64_t pfn)
{
    uint32_t i;

    for ( i = l->runs; i < l->nr; i++ )
    {
        struct fbc_launchlog_entry e = fbc_launchlog_entry(l, i);

        if ( pfn - e.first < e.count )
            return true;
    }

    return false;
}

/* A PVH guest that was measured has all the pages that its log speaks of. */
static bool has_all(const struct fbc_launchlog *l)
{
    uint64_t pages = 0;
    unsigned int b;
    uint32_t i;

    for ( i = l->runs; i < l->nr; i++ )
        pages += fbc_launchlog_entry(l, i).count;
    if ( pages != l->nr_pages )
        return false;

    for ( i = l->channels - 1; i < l->pages; i++ )
        if ( !fbc_launchlog_has(l, fbc_launchlog_entry(l, i).first) )
            return false;
    for ( ; i < l->runs; i++ )
    {
        struct fbc_launchlog_entry e = fbc_launchlog_entry(l, i);

        for ( b = 0; b < FBC_LAUNCH_WINDOW; b++ )
            if ( (e.bitmap >> b & 1) && !fbc_launchlog_has(l, e.first + b) )
                return false;
    }

    return true;
}

/* The bytes that the i'th entry hashes; *p NULL: there is no such entry. */
static enum fbc_err take_fact(const struct fbc_launchlog *l, uint32_t i,
                              struct fbc_cursor *c, size_t len,
                              const uint8_t **p)
{
    uint8_t hash[FBC_HASH_LEN];

    if ( i >= l->nr )
        return FBC_OK;
    *p = fbc_take(c, len);
    if ( !*p )
        return FBC_ERR_LENGTH;
    if ( fbc_sha256(*p, len, hash) )
        return FBC_ERR_CRYPTO;

    return memcmp(hash, fbc_launchlog_entry(l, i).hash, FBC_HASH_LEN)
           ? FBC_ERR_CHECKSUM : FBC_OK;
}

enum fbc_err fbc_launchlog_parse(const uint8_t *data, size_t len,
                                 struct fbc_launchlog *out)
{
    struct fbc_cursor c = { .p = data, .left = len };
    struct fbc_launchlog l = { .header = fbc_take(&c, FBC_LAUNCH_HEADER_LEN) };
    enum fbc_err err = FBC_OK;
    uint64_t next = 0;
    uint32_t i;

    if ( len < 4 || memcmp(data, "FBL1", 4) )
        return FBC_ERR_MAGIC;
    if ( !l.header )
        return FBC_ERR_LENGTH;
    l.type = fbc_get16(data + 6);
    if ( fbc_get16(data + 4) != 1 ||
         (l.type != FBC_LAUNCH_PV64 && l.type != FBC_LAUNCH_PVH) )
        return FBC_ERR_VERSION;

    l.channels = l.type == FBC_LAUNCH_PVH ? 3 : 4;
    l.pages = l.channels + 2;
    l.state = fbc_get32(data + 8);
    l.nr = fbc_get32(data + 12);
    l.nr_pages = fbc_get64(data + 16);
    l.detail = fbc_get64(data + 24);
    if ( l.nr > FBC_LAUNCH_MAX_ENTRIES || (!l.state && l.nr < l.pages) ||
         (!l.state && l.detail) || l.nr_pages >> 40 )
        return FBC_ERR_RANGE;
    l.entries = fbc_take(&c, (size_t)l.nr * FBC_LAUNCH_ENTRY_LEN);
    if ( !l.entries )
        return FBC_ERR_LENGTH;

    l.runs = l.nr;
    for ( i = 0; i < l.nr && !err; i++ )
        err = check_entry(&l, i, &next);
    if ( !err && !l.state && l.type == FBC_LAUNCH_PVH && !has_all(&l) )
        err = FBC_ERR_RANGE;
    if ( l.nr > 1 && !err )
        l.nr_e820 = fbc_launchlog_entry(&l, 1).count;
    err = err ?: take_fact(&l, 0, &c, FBC_LAUNCH_CPU_LEN, &l.cpu);
    err = err ?: take_fact(&l, 1, &c, (size_t)l.nr_e820 * FBC_LAUNCH_E820_LEN,
                           &l.e820);
    err = err ?: take_fact(&l, 2, &c, FBC_LAUNCH_PAGE, &l.start);
    if ( err )
        return err;
    if ( c.left )
        return FBC_ERR_LENGTH;

    if ( !l.state &&
         fbc_launch_digest(l.header, l.entries, l.nr, l.digest) )
        return FBC_ERR_CRYPTO;
    *out = l;

    return FBC_OK;
}

const char *fbc_launchlog_cmdline(const struct fbc_launchlog *l, size_t *len)
{
    const char *s;

    uint64_t at = FBC_LAUNCH_SI_CMDLINE, end = at + FBC_LAUNCH_SI_CMDLINE_LEN;

    *len = 0;
    if ( !l->start )
        return "";
    if ( l->type == FBC_LAUNCH_PVH )
    {
        at = fbc_get64(l->start + FBC_LAUNCH_HSI_CMDLINE) -
             fbc_launchlog_entry(l, 2).first * FBC_LAUNCH_PAGE;
        end = FBC_LAUNCH_PAGE;
        if ( at < FBC_LAUNCH_HSI_LEN || at >= end )
            return "";
    }
    s = (const char *)l->start + at;
    while ( at + *len < end && s[*len] )
        ++*len;

    return s;
}

const char *fbc_launchlog_why(uint32_t state)
{
    static const char *const why[] = {
        [FBC_LAUNCH_OK] = "measured",
        [FBC_LAUNCH_PENDING] = "not measured yet",
        [FBC_LAUNCH_TYPE] = "neither a 64-bit PV guest nor PVH, or one that is "
                            "migrated",
        [FBC_LAUNCH_START] = "rsi (PVH: rbx) points to no start_info page, or "
                             "to one with another shared_info",
        [FBC_LAUNCH_SIZE] = "start_info's nr_pages is not the guest's memory",
        [FBC_LAUNCH_P2M] = "the P2M list does not lie in a row of data pages",
        [FBC_LAUNCH_FRAME] =
            "the P2M list (PVH: the p2m) names a page that is not the guest's "
            "alone",
        [FBC_LAUNCH_CHANNEL] = "the pages of store and console are not two",
        [FBC_LAUNCH_TABLE] = "half a page table, or a descriptor table",
        [FBC_LAUNCH_ENTRY] =
            "a page table names memory that is not the guest's",
        [FBC_LAUNCH_CPU] = "vCPU 0 has more set than a builder sets",
        [FBC_LAUNCH_VCPU] = "another vCPU is set up, too",
        [FBC_LAUNCH_TOO_MUCH] = "more memory has contents than a log takes",
        [FBC_LAUNCH_RESOURCES] = "the hypervisor had no memory for it",
        [FBC_LAUNCH_PARAM] = "an HVM parameter that no builder sets",
    };

    return state < sizeof(why) / sizeof(why[0]) ? why[state]
                                                : "unknown state";
}

const char *fbc_launchlog_cpu_why(uint64_t detail)
{
    static const char *const why[] = {
        [FBC_LAUNCH_CPU_GPRS] = "a register besides rip, rsp and rsi (PVH: "
                                "rip, rbx)",
        [FBC_LAUNCH_CPU_FLAGS] = "rflags, or how it is to start",
        [FBC_LAUNCH_CPU_SEGMENTS] = "selectors, bases or the kernel's stack",
        [FBC_LAUNCH_CPU_DESCRIPTORS] = "a GDT or LDT",
        [FBC_LAUNCH_CPU_USER] = "a page table for user mode",
        [FBC_LAUNCH_CPU_TRAPS] = "a trap handler",
        [FBC_LAUNCH_CPU_CALLBACKS] = "an event or system call handler",
        [FBC_LAUNCH_CPU_CONTROL] = "control registers",
        [FBC_LAUNCH_CPU_DEBUG] = "debug registers",
        [FBC_LAUNCH_CPU_FPU] = "FPU or extended state",
        [FBC_LAUNCH_CPU_MSRS] = "model-specific registers",
        [FBC_LAUNCH_CPU_ROOT] = "CR3, which names no page of the guest's",
        [FBC_LAUNCH_CPU_CACHE] = "MTRR, PAT, or another way of caching memory",
        [FBC_LAUNCH_CPU_APIC] = "the local APIC",
        [FBC_LAUNCH_CPU_EVENT] = "an exception or interrupt that is pending",
    };

    return detail < sizeof(why) / sizeof(why[0]) ? why[detail] : NULL;
}
