/* SPDX-License-Identifier: GPL-2.0-only */
/* The launch log, entry by entry, and its digest. */
#include "core/launch.h"

#include "core/crypto.h"

static const uint8_t magic[4] = "FBL1";
static const uint8_t label[17] = "fbcrypt-launch-v1";

static void hash(struct fbc_launch *l, const void *data, size_t len,
                 uint8_t out[static FBC_HASH_LEN])
{
    l->hashed += len;
    if ( fbc_sha256(data, len, out) )
        l->failed = true;
}

/* sum' = SHA-256(sum || entry): the log's length is of no importance. */
static int chain(uint8_t sum[static FBC_HASH_LEN],
                 const uint8_t entry[static FBC_LAUNCH_ENTRY_LEN])
{
    uint8_t buf[FBC_HASH_LEN + FBC_LAUNCH_ENTRY_LEN];

    memcpy(buf, sum, FBC_HASH_LEN);
    memcpy(buf + FBC_HASH_LEN, entry, FBC_LAUNCH_ENTRY_LEN);

    return fbc_sha256(buf, sizeof(buf), sum);
}

static int finish(const uint8_t header[static FBC_LAUNCH_HEADER_LEN],
                  const uint8_t sum[static FBC_HASH_LEN],
                  uint8_t digest[static FBC_HASH_LEN])
{
    uint8_t buf[sizeof(label) + FBC_LAUNCH_HEADER_LEN + FBC_HASH_LEN];

    memcpy(buf, label, sizeof(label));
    memcpy(buf + sizeof(label), header, FBC_LAUNCH_HEADER_LEN);
    memcpy(buf + sizeof(label) + FBC_LAUNCH_HEADER_LEN, sum, FBC_HASH_LEN);

    return fbc_sha256(buf, sizeof(buf), digest);
}

void fbc_launch_begin(struct fbc_launch *l, void *entries, uint32_t room,
                      uint64_t nr_pages)
{
    memset(l, 0, sizeof(*l));
    l->entries = entries;
    l->room = room;
    l->type = FBC_LAUNCH_PV64;
    l->nr_pages = nr_pages;
}

void fbc_launch_begin_pvh(struct fbc_launch *l, void *entries, uint32_t room)
{
    fbc_launch_begin(l, entries, room, 0);
    l->type = FBC_LAUNCH_PVH;
}

static void add(struct fbc_launch *l, enum fbc_launch_kind kind,
                uint32_t count, uint64_t first, uint64_t bitmap,
                const uint8_t *sum)
{
    uint8_t *e;

    if ( l->failed || l->nr == l->room || l->nr == FBC_LAUNCH_MAX_ENTRIES )
    {
        l->failed = true;
        return;
    }

    e = l->entries + (size_t)l->nr++ * FBC_LAUNCH_ENTRY_LEN;
    memset(e, 0, FBC_LAUNCH_ENTRY_LEN);
    fbc_put16(e, kind);
    fbc_put32(e + 4, count);
    fbc_put64(e + 8, first);
    fbc_put64(e + 16, bitmap);
    if ( sum )
        memcpy(e + 24, sum, FBC_HASH_LEN);
    l->hashed += FBC_HASH_LEN + FBC_LAUNCH_ENTRY_LEN;
    if ( chain(l->sum, e) )
        l->failed = true;
}

void fbc_launch_fact(struct fbc_launch *l, enum fbc_launch_kind kind,
                     uint64_t first, uint32_t count, const void *data,
                     size_t len)
{
    uint8_t sum[FBC_HASH_LEN];

    hash(l, data, len, sum);
    add(l, kind, count, first, 0, sum);
}

void fbc_launch_range(struct fbc_launch *l, enum fbc_launch_kind kind,
                      uint64_t first, uint32_t count)
{
    add(l, kind, count, first, 0, NULL);
}

static void close_window(struct fbc_launch *l)
{
    if ( l->bitmap )
        add(l, FBC_LAUNCH_LOG_PAGES, FBC_LAUNCH_WINDOW, l->first, l->bitmap,
            l->link.hash);
    l->bitmap = 0;
    memset(l->link.hash, 0, FBC_HASH_LEN);
}

/* The page after the last one that a PVH guest has. */
static uint64_t runs_end(const struct fbc_launch *l)
{
    return l->runs ? l->run[l->runs - 1].first + l->run[l->runs - 1].count : 0;
}

bool fbc_launch_have(struct fbc_launch *l, uint64_t pfn)
{
    if ( l->type != FBC_LAUNCH_PVH || pfn < runs_end(l) )
        l->failed = true;
    if ( !l->runs || pfn != runs_end(l) )
    {
        if ( l->runs == FBC_LAUNCH_RUNS )
            return false;
        l->run[l->runs].first = pfn;
        l->run[l->runs++].count = 0;
    }
    l->run[l->runs - 1].count++;
    l->nr_pages++;

    return true;
}

static bool has(const struct fbc_launch *l, uint64_t pfn)
{
    return l->type == FBC_LAUNCH_PVH ? pfn + 1 == runs_end(l)
                                     : pfn < l->nr_pages;
}

void fbc_launch_page(struct fbc_launch *l, uint64_t pfn, uint8_t type)
{
    uint64_t first = pfn - pfn % FBC_LAUNCH_WINDOW;

    if ( pfn < l->next || !has(l, pfn) )
    {
        l->failed = true;
        return;
    }
    l->next = pfn + 1;

    if ( l->bitmap && first != l->first )
        close_window(l);
    l->first = first;
    l->bitmap |= UINT64_C(1) << (pfn - first);

    fbc_put64(l->link.pfn, pfn);
    l->link.type = type;
    hash(l, &l->link, sizeof(l->link), l->link.hash);
}

static void put_header(uint8_t h[static FBC_LAUNCH_HEADER_LEN],
                       const struct fbc_launch *l,
                       enum fbc_launch_state state, uint64_t detail)
{
    memcpy(h, magic, sizeof(magic));
    fbc_put16(h + 4, 1);
    fbc_put16(h + 6, l->type);
    fbc_put32(h + 8, state);
    fbc_put32(h + 12, l->nr);
    fbc_put64(h + 16, l->nr_pages);
    fbc_put64(h + 24, detail);
}

enum fbc_launch_state
fbc_launch_end(struct fbc_launch *l, enum fbc_launch_state state,
               uint64_t detail, uint8_t header[static FBC_LAUNCH_HEADER_LEN],
               uint8_t digest[static FBC_HASH_LEN])
{
    unsigned int i;

    close_window(l);
    for ( i = 0; i < l->runs; i++ )
    {
        if ( l->run[i].count > UINT32_MAX )
            l->failed = true;
        add(l, FBC_LAUNCH_LOG_RAM, (uint32_t)l->run[i].count, l->run[i].first,
            0, NULL);
    }

    if ( state == FBC_LAUNCH_OK && l->failed )
    {
        state = l->nr == FBC_LAUNCH_MAX_ENTRIES ? FBC_LAUNCH_TOO_MUCH
                                                : FBC_LAUNCH_RESOURCES;
        detail = l->next;
    }
    put_header(header, l, state, detail);
    l->hashed += sizeof(label) + FBC_LAUNCH_HEADER_LEN + FBC_HASH_LEN;
    if ( state == FBC_LAUNCH_OK && finish(header, l->sum, digest) )
    {
        state = FBC_LAUNCH_RESOURCES;
        put_header(header, l, state, 0);
    }
    if ( state != FBC_LAUNCH_OK )
        memset(digest, 0, FBC_HASH_LEN);

    return state;
}

int fbc_launch_digest(const uint8_t header[static FBC_LAUNCH_HEADER_LEN],
                      const uint8_t *entries, uint32_t nr,
                      uint8_t digest[static FBC_HASH_LEN])
{
    uint8_t sum[FBC_HASH_LEN] = { 0 };

    for ( ; nr--; entries += FBC_LAUNCH_ENTRY_LEN )
        if ( chain(sum, entries) )
            return -1;

    return finish(header, sum, digest);
}

void fbc_launch_cpu(uint8_t out[static FBC_LAUNCH_CPU_LEN], uint64_t rip,
                    uint64_t rsp, uint64_t rsi, uint64_t root_pfn,
                    uint64_t vm_assist)
{
    fbc_put64(out, rip);
    fbc_put64(out + 8, rsp);
    fbc_put64(out + 16, rsi);
    fbc_put64(out + 24, root_pfn);
    fbc_put64(out + 32, vm_assist);
}

void fbc_launch_start_normalise(uint8_t page[static FBC_LAUNCH_PAGE],
                                uint64_t store_pfn, uint64_t console_pfn)
{
    fbc_put64(page + FBC_LAUNCH_SI_SHARED, 0);
    fbc_put64(page + FBC_LAUNCH_SI_STORE, store_pfn);
    fbc_put32(page + FBC_LAUNCH_SI_STORE_PORT, 0);
    fbc_put64(page + FBC_LAUNCH_SI_CONSOLE, console_pfn);
    fbc_put32(page + FBC_LAUNCH_SI_CONS_PORT, 0);
}
