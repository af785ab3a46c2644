/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences of two launch logs. */
#include "lib/launch/compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void say(struct fbc_compare *c, const char *text, ...)
    __attribute__((__format__(printf, 2, 3)));
static void say(struct fbc_compare *c, const char *text, ...)
{
    va_list ap;

    if ( c->lines == FBC_COMPARE_MAX )
    {
        c->more++;
        return;
    }
    va_start(ap, text);
    vsnprintf(c->line[c->lines++], FBC_COMPARE_LINE, text, ap);
    va_end(ap);
}

void fbc_compare_line(struct fbc_compare *c, const char *line)
{
    say(c, "%s", line);
}

void fbc_compare_state(const struct fbc_launchlog *got,
                       char line[static FBC_COMPARE_LINE])
{
    const char *cpu = got->state == FBC_LAUNCH_CPU
                      ? fbc_launchlog_cpu_why(got->detail) : NULL;
    char what[40] = "";

    if ( got->state == FBC_LAUNCH_PARAM || got->state == FBC_LAUNCH_VCPU )
        snprintf(what, sizeof(what), ", %"PRIu64, got->detail);
    else if ( !cpu && got->state > FBC_LAUNCH_TYPE &&
              got->state < FBC_LAUNCH_TOO_MUCH )
        snprintf(what, sizeof(what), ", 0x%"PRIx64, got->detail);
    snprintf(line, FBC_COMPARE_LINE, "not measured: %s%s%s",
             fbc_launchlog_why(got->state), cpu ? ": " : what,
             cpu ? cpu : "");
}

static void compare_cpu(const struct fbc_launchlog *got,
                        const struct fbc_launchlog *want,
                        struct fbc_compare *c)
{
    static const char *const names[] = {
        "rip", "rsp", "rsi", "page of CR3", "vm_assist",
    };
    static const char *const pvh[] = {
        "rip", "rsp", "rbx", "page of IDENT_PT", "vm_assist",
    };
    unsigned int i;

    for ( i = 0; i < 5; i++ )
        if ( fbc_get64(got->cpu + 8 * i) != fbc_get64(want->cpu + 8 * i) )
            say(c, "CPU: %s is 0x%"PRIx64", not 0x%"PRIx64,
                got->type == FBC_LAUNCH_PVH ? pvh[i] : names[i],
                fbc_get64(got->cpu + 8 * i), fbc_get64(want->cpu + 8 * i));
}

static void compare_e820(const struct fbc_launchlog *got,
                         const struct fbc_launchlog *want,
                         struct fbc_compare *c)
{
    const uint8_t *g = got->e820, *w = want->e820;

    if ( got->nr_e820 != want->nr_e820 )
        say(c, "memory map: %"PRIu32" entries, not %"PRIu32, got->nr_e820,
            want->nr_e820);
    else if ( !memcmp(g, w, (size_t)got->nr_e820 * FBC_LAUNCH_E820_LEN) )
        return;
    else if ( got->nr_e820 == 1 && fbc_get64(g) == fbc_get64(w) &&
              fbc_get32(g + 16) == fbc_get32(w + 16) )
        say(c, "maxmem: %"PRIu64" MiB, not %"PRIu64" MiB",
            fbc_get64(g + 8) >> 20, fbc_get64(w + 8) >> 20);
    else
        say(c, "memory map: other entries");
}

struct word {
    const char *s;
    size_t len;
};

static bool next_word(const char **at, const char *end, struct word *w)
{
    while ( *at < end && **at == ' ' )
        ++*at;
    w->s = *at;
    while ( *at < end && **at != ' ' )
        ++*at;
    w->len = (size_t)(*at - w->s);

    return w->len;
}

/* How often the word is there. */
static unsigned int count_word(const char *s, size_t len, struct word what)
{
    const char *end = s + len;
    unsigned int n = 0;
    struct word w;

    while ( next_word(&s, end, &w) )
        n += w.len == what.len && !memcmp(w.s, what.s, w.len);

    return n;
}

/* Words that a has more often than b.  Returns how many. */
static unsigned int extra_words(const char *a, size_t a_len, const char *b,
                                size_t b_len, const char *how,
                                struct fbc_compare *c)
{
    const char *at = a, *end = a + a_len;
    unsigned int n = 0;
    struct word w;

    while ( next_word(&at, end, &w) )
    {
        char text[80];
        size_t i;

        if ( count_word(a, (size_t)(at - a), w) <= count_word(b, b_len, w) )
            continue;
        for ( i = 0; i < w.len && i < sizeof(text) - 1; i++ )
            text[i] = w.s[i] >= ' ' && w.s[i] <= '~' ? w.s[i] : '?';
        text[i] = 0;
        say(c, "cmdline: '%s' %s", text, how);
        n++;
    }

    return n;
}

static void compare_cmdline(const struct fbc_launchlog *got,
                            const struct fbc_launchlog *want,
                            struct fbc_compare *c)
{
    size_t gl, wl;
    const char *g = fbc_launchlog_cmdline(got, &gl);
    const char *w = fbc_launchlog_cmdline(want, &wl);
    unsigned int n = 0;

    if ( gl == wl && !memcmp(g, w, gl) )
    {
        if ( got->type == FBC_LAUNCH_PV64 &&
             memcmp(g, w, FBC_LAUNCH_SI_CMDLINE_LEN) )
            say(c, "cmdline: bytes after its end");
        return;
    }
    n += extra_words(g, gl, w, wl, "added", c);
    n += extra_words(w, wl, g, gl, "missing", c);
    if ( !n )
        say(c, "cmdline: the same words in another order, or other spaces");
}

struct field {
    const char *name;
    unsigned int at, len;
};

static const struct field pv_fields[] = {
    { "nr_pages", FBC_LAUNCH_SI_NR_PAGES, 8 },
    { "flags", FBC_LAUNCH_SI_FLAGS, 8 },
    { "page of the store", FBC_LAUNCH_SI_STORE, 8 },
    { "page of the console", FBC_LAUNCH_SI_CONSOLE, 8 },
    { "pt_base", FBC_LAUNCH_SI_PT_BASE, 8 },
    { "nr_pt_frames", FBC_LAUNCH_SI_NR_PT, 8 },
    { "mfn_list", FBC_LAUNCH_SI_MFN_LIST, 8 },
    { "mod_start", FBC_LAUNCH_SI_MOD_START, 8 },
    { "mod_len", FBC_LAUNCH_SI_MOD_LEN, 8 },
    { "first_p2m_pfn", FBC_LAUNCH_SI_P2M_FIRST, 8 },
    { "nr_p2m_frames", FBC_LAUNCH_SI_P2M_NR, 8 },
    { NULL, 0, 0 }
};

static const struct field pvh_fields[] = {
    { "magic", FBC_LAUNCH_HSI_MAGIC, 4 },
    { "version", FBC_LAUNCH_HSI_VERSION, 4 },
    { "flags", FBC_LAUNCH_HSI_FLAGS, 4 },
    { "nr_modules", FBC_LAUNCH_HSI_NR_MODS, 4 },
    { "modlist_paddr", FBC_LAUNCH_HSI_MODLIST, 8 },
    { "cmdline_paddr", FBC_LAUNCH_HSI_CMDLINE, 8 },
    { "rsdp_paddr", FBC_LAUNCH_HSI_RSDP, 8 },
    { "memmap_paddr", FBC_LAUNCH_HSI_MEMMAP, 8 },
    { "memmap_entries", FBC_LAUNCH_HSI_NR_MEMMAP, 4 },
    { NULL, 0, 0 }
};

static void compare_start(const struct fbc_launchlog *got,
                          const struct fbc_launchlog *want,
                          struct fbc_compare *c)
{
    bool pvh = got->type == FBC_LAUNCH_PVH;
    const struct field *f = pvh ? pvh_fields : pv_fields;
    const uint8_t *g = got->start, *w = want->start;
    uint64_t at = fbc_launchlog_entry(got, 2).first;
    size_t before = c->lines + c->more;

    if ( at != fbc_launchlog_entry(want, 2).first )
        say(c, "start_info: on page 0x%"PRIx64", not 0x%"PRIx64, at,
            fbc_launchlog_entry(want, 2).first);
    if ( !memcmp(g, w, FBC_LAUNCH_PAGE) )
        return;

    compare_cmdline(got, want, c);
    for ( ; f->name; f++ )
    {
        uint64_t gv = f->len == 4 ? fbc_get32(g + f->at) : fbc_get64(g + f->at);
        uint64_t wv = f->len == 4 ? fbc_get32(w + f->at) : fbc_get64(w + f->at);

        if ( gv != wv )
            say(c, "start_info: %s is 0x%"PRIx64", not 0x%"PRIx64, f->name,
                gv, wv);
    }
    if ( !pvh && memcmp(g + FBC_LAUNCH_SI_LEN, w + FBC_LAUNCH_SI_LEN,
                        FBC_LAUNCH_PAGE - FBC_LAUNCH_SI_LEN) )
        say(c, "start_info: bytes after its end");
    if ( before == c->lines + c->more )
        say(c, pvh ? "start_info: modules, memory map, or what is behind"
                   : "start_info: differs in what has no name");
}

static void compare_range(const struct fbc_launchlog *got, uint32_t i,
                          const struct fbc_launchlog *want, uint32_t j,
                          const char *name, struct fbc_compare *c)
{
    struct fbc_launchlog_entry g = fbc_launchlog_entry(got, i);
    struct fbc_launchlog_entry w = fbc_launchlog_entry(want, j);

    if ( g.first != w.first || g.count != w.count )
        say(c, "%s: 0x%"PRIx64" and %"PRIu32" pages, not 0x%"PRIx64
            " and %"PRIu32, name, g.first, g.count, w.first, w.count);
}

static void compare_ranges(const struct fbc_launchlog *got,
                           const struct fbc_launchlog *want,
                           struct fbc_compare *c)
{
    uint32_t i;

    if ( got->type == FBC_LAUNCH_PV64 )
        compare_range(got, 3, want, 3, "P2M list", c);
    compare_range(got, got->channels, want, want->channels, "store page", c);
    compare_range(got, got->channels + 1, want, want->channels + 1,
                  "console page", c);

    if ( got->nr - got->runs != want->nr - want->runs )
        say(c, "memory: in %"PRIu32" pieces, not %"PRIu32,
            got->nr - got->runs, want->nr - want->runs);
    else
        for ( i = 0; i < got->nr - got->runs; i++ )
            compare_range(got, got->runs + i, want, want->runs + i, "memory",
                          c);
}

enum how { SAME, DIFFERS, SHOULD_BE_ZERO, IS_ZERO };

/* Pages next to each other of which the same is to be said. */
struct run {
    enum how how;
    const char *name;
    uint64_t first, last;
};

static void end_run(struct run *r, struct fbc_compare *c)
{
    static const char *const texts[] = {
        [DIFFERS] = "differs", [SHOULD_BE_ZERO] = "should be zero",
        [IS_ZERO] = "is zero, or of another type",
    };

    if ( r->how == SAME )
        return;
    if ( r->first == r->last )
        say(c, "%s: page 0x%"PRIx64" %s", r->name, r->first, texts[r->how]);
    else
        say(c, "%s: pages 0x%"PRIx64" to 0x%"PRIx64": %s", r->name, r->first,
            r->last, texts[r->how]);
    r->how = SAME;
}

/* A window: entries that are not there have an empty bitmap. */
static void compare_window(uint64_t first, const struct fbc_launchlog_entry *g,
                           const struct fbc_launchlog_entry *w,
                           fbc_compare_name *what, const void *arg,
                           struct run *r, struct fbc_compare *c)
{
    bool same = g->bitmap == w->bitmap &&
                !memcmp(g->hash, w->hash, FBC_HASH_LEN);
    unsigned int i;

    for ( i = 0; i < FBC_LAUNCH_WINDOW; i++ )
    {
        uint64_t pfn = first + i;
        bool in_g = g->bitmap >> i & 1, in_w = w->bitmap >> i & 1;
        const char *name = what ? what(arg, pfn) : "memory";
        enum how how = in_g && !in_w ? SHOULD_BE_ZERO :
                       in_w && !in_g ? IS_ZERO :
                       in_g && g->bitmap == w->bitmap && !same ? DIFFERS
                       : SAME;

        /* Which of 64 pages differs the log does not say. */
        if ( how != r->how || name != r->name || pfn != r->last + 1 )
        {
            end_run(r, c);
            *r = (struct run){ how, name, pfn, pfn };
        }
        r->last = pfn;
    }
}

static void compare_pages(const struct fbc_launchlog *got,
                          const struct fbc_launchlog *want,
                          fbc_compare_name *name, const void *arg,
                          struct fbc_compare *c)
{
    static const struct fbc_launchlog_entry none;
    struct run r = { SAME, NULL, 0, 0 };
    uint32_t i = got->pages, j = want->pages;

    while ( i < got->runs || j < want->runs )
    {
        struct fbc_launchlog_entry g = { .first = UINT64_MAX }, w = g;
        uint64_t first;

        if ( i < got->runs )
            g = fbc_launchlog_entry(got, i);
        if ( j < want->runs )
            w = fbc_launchlog_entry(want, j);
        first = g.first < w.first ? g.first : w.first;
        i += g.first == first;
        j += w.first == first;
        compare_window(first, g.first == first ? &g : &none,
                       w.first == first ? &w : &none, name, arg, &r, c);
    }
    end_run(&r, c);
}

void fbc_compare_logs(const struct fbc_launchlog *got,
                      const struct fbc_launchlog *want,
                      fbc_compare_name *name, const void *arg,
                      struct fbc_compare *c)
{
    memset(c, 0, sizeof(*c));

    if ( got->type != want->type )
    {
        say(c, "type: a %s guest, not a %s one",
            got->type == FBC_LAUNCH_PVH ? "PVH" : "PV",
            want->type == FBC_LAUNCH_PVH ? "PVH" : "PV");
        return;
    }

    if ( got->state || want->state )
    {
        char line[FBC_COMPARE_LINE];

        fbc_compare_state(got->state ? got : want, line);
        say(c, "%s", line);
    }
    /* A PVH guest's pages are counted last. */
    if ( got->type == FBC_LAUNCH_PVH && got->state )
        ;
    else if ( got->nr_pages >> 8 == want->nr_pages >> 8 &&
         got->nr_pages != want->nr_pages )
        say(c, "memory: %"PRIu64" pages, not %"PRIu64, got->nr_pages,
            want->nr_pages);
    else if ( got->nr_pages != want->nr_pages )
        say(c, "memory: %"PRIu64" MiB, not %"PRIu64" MiB",
            got->nr_pages >> 8, want->nr_pages >> 8);
    if ( got->cpu && want->cpu )
        compare_cpu(got, want, c);
    if ( got->e820 && want->e820 )
        compare_e820(got, want, c);
    if ( got->start && want->start )
        compare_start(got, want, c);
    if ( got->state || want->state )
        return;
    compare_ranges(got, want, c);
    compare_pages(got, want, name, arg, c);
}
