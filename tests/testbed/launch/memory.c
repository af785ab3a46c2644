/* SPDX-License-Identifier: GPL-2.0-only */
/* Other files than the owner's; a byte of memory, and start_info's fields. */
#include "lab.h"

static char text[4096];

static int files(struct lab *lab, const char *name)
{
    if ( !strcmp(name, "other-kernel") )
    {
        snprintf(text, sizeof(text), "%s.other", lab->files.kernel);
        lab->files.kernel = text;
    }
    else if ( !strcmp(name, "other-ramdisk") )
    {
        snprintf(text, sizeof(text), "%s.other", lab->files.ramdisk);
        lab->files.ramdisk = text;
    }
    else if ( !strcmp(name, "longer-ramdisk") )
    {
        snprintf(text, sizeof(text), "%s.longer", lab->files.ramdisk);
        lab->files.ramdisk = text;
    }
    else if ( !strcmp(name, "cmdline-word") )
        strcat(lab->files.cmdline, " init=/bin/sh");
    else if ( !strcmp(name, "cmdline-space") )
        strcat(lab->files.cmdline, " ");
    else if ( !strcmp(name, "more-memory") )
        lab->files.memory = ++lab->files.maxmem;
    else if ( !strcmp(name, "more-maxmem") )
        lab->files.maxmem++;

    return 0;
}

static uint8_t *byte_of(struct lab *lab, const char *name)
{
    const struct xc_dom_image *dom = lab->dom;
    start_info_t *si = lab_start(lab);
    uint8_t *p = NULL;

    if ( !si )
        return NULL;
    if ( !strcmp(name, "text") )
        p = lab_map_va(lab, xc_dom_virt_entry(lab->dom)), p += p ? 0x7f0 : 0;
    else if ( !strcmp(name, "bss") )
        p = lab_map(lab, dom->kernel_seg.pfn + dom->kernel_seg.pages - 1);
    else if ( !strcmp(name, "ramdisk") )
        p = lab_map(lab, dom->modules[0].seg.pfn);
    else if ( !strcmp(name, "last") )
        p = lab_map(lab, lab_last(lab));
    else if ( !strcmp(name, "stack") )
        p = lab_map(lab, dom->bootstack_pfn);
    else if ( !strcmp(name, "padding") )
        p = lab_map(lab, dom->bootstack_pfn + 1);
    else if ( !strcmp(name, "p2m-tail") )
        p = lab_map(lab, dom->p2m_seg.pfn +
                         (dom->total_pages - 1) / ENTRIES),
        p += p ? PAGE - 1 : 0;
    else if ( !strcmp(name, "cmdline-end") )
        p = (uint8_t *)si->cmd_line + strlen((char *)si->cmd_line) + 1;
    else if ( !strcmp(name, "start-end") )
        p = (uint8_t *)si + sizeof(*si) + 100;

    return p;
}

static int poke(struct lab *lab, const char *name)
{
    uint8_t *p = byte_of(lab, name);

    if ( !p )
        return lab_refused(lab, "page");
    *p ^= 0x41;

    return 0;
}

/* A byte in each 64 pages of free memory: more than a log has entries for. */
static int windows(struct lab *lab, const char *name)
{
    enum { WINDOW = 64, BATCH = 256 };
    xen_pfn_t pfn = lab->dom->pfn_alloc_end / WINDOW * WINDOW + WINDOW;
    xen_pfn_t mfn[BATCH];
    unsigned int nr, i;

    (void)name;
    while ( pfn <= lab_last(lab) )
    {
        uint8_t (*p)[PAGE];

        for ( nr = 0; nr < BATCH && pfn <= lab_last(lab); pfn += WINDOW )
            mfn[nr++] = lab_mfn(lab, pfn);
        p = xenforeignmemory_map(lab->fmem, lab->domid,
                                 PROT_READ | PROT_WRITE, nr, mfn, NULL);
        if ( !p )
            return lab_refused(lab, "pages");
        for ( i = 0; i < nr; i++ )
            p[i][0] = 1;
        xenforeignmemory_unmap(lab->fmem, p, nr);
    }

    return 0;
}

/* What is said there names other pages, or rights that the guest has not. */
static int start(struct lab *lab, const char *name)
{
    start_info_t *si = lab_start(lab);

    if ( !si )
        return lab_refused(lab, "page");
    if ( !strcmp(name, "mod-start") )
        si->mod_start += PAGE;
    else if ( !strcmp(name, "mod-len") )
        si->mod_len++;
    else if ( !strcmp(name, "initdomain") )
        si->flags |= SIF_PRIVILEGED | SIF_INITDOMAIN;
    else if ( !strcmp(name, "p2m-first") )
        si->first_p2m_pfn++;
    else if ( !strcmp(name, "p2m-list") )
        si->mfn_list += PAGE;
    else if ( !strcmp(name, "pt-base") )
        si->pt_base += PAGE;
    else if ( !strcmp(name, "nr-pages") )
        si->nr_pages--;
    else if ( !strcmp(name, "nr-pages-64g") )
        si->nr_pages = 64u << 18;
    else if ( !strcmp(name, "shared-other") )
    {
        xc_dominfo_t info;
        xen_pfn_t mfn;

        if ( lab_other_frame(lab, &mfn) ||
             xc_domain_getinfo(lab->xc, lab->other, 1, &info) != 1 )
            return lab_refused(lab, "another domain");
        si->shared_info = info.shared_info_frame << 12;
    }
    else if ( !strcmp(name, "console-kernel") )
        si->console.domU.mfn = lab_mfn(lab, lab->dom->kernel_seg.pfn);
    else if ( !strcmp(name, "store-kernel") )
        si->store_mfn = lab_mfn(lab, lab->dom->kernel_seg.pfn);
    else if ( !strcmp(name, "console-is-store") )
        si->console.domU.mfn = si->store_mfn;
    else if ( !strcmp(name, "start-magic") )
        si->magic[0] ^= 1;

    return 0;
}

/* The reserved grant says the same as start_info then. */
static int seeded(struct lab *lab, const char *name)
{
    xen_pfn_t pfn = lab->dom->kernel_seg.pfn, mfn = lab_mfn(lab, pfn);
    start_info_t *si = lab_start(lab);
    bool console = !strcmp(name, "console-kernel-grant");

    if ( !si )
        return lab_refused(lab, "page");
    if ( console )
        si->console.domU.mfn = mfn;
    else
        si->store_mfn = mfn;
    if ( xc_dom_gnttab_seed(lab->xc, lab->domid, false,
                            console ? mfn : (xen_pfn_t)si->console.domU.mfn,
                            console ? (xen_pfn_t)si->store_mfn : mfn, 0, 0) )
        return lab_refused(lab, "grants");

    return 0;
}

const struct attack memory_attacks[] = {
    { "other-kernel", FILES, files, NULL },
    { "other-ramdisk", FILES, files, NULL },
    { "longer-ramdisk", FILES, files, NULL },
    { "cmdline-word", FILES, files, NULL },
    { "cmdline-space", FILES, files, NULL },
    { "more-memory", FILES, files, NULL },
    { "more-maxmem", FILES, files, NULL },
    { "text", BUILT, poke, NULL },
    { "bss", BUILT, poke, NULL },
    { "ramdisk", BUILT, poke, NULL },
    { "last", BUILT, poke, NULL },
    { "stack", BUILT, poke, NULL },
    { "padding", BUILT, poke, NULL },
    { "p2m-tail", BUILT, poke, NULL },
    { "cmdline-end", BUILT, poke, NULL },
    { "start-end", BUILT, poke, NULL },
    { "windows", BUILT, windows, NULL },
    { "mod-start", BUILT, start, NULL },
    { "mod-len", BUILT, start, NULL },
    { "initdomain", BUILT, start, NULL },
    { "p2m-first", BUILT, start, NULL },
    { "p2m-list", BUILT, start, NULL },
    { "pt-base", BUILT, start, NULL },
    { "nr-pages", BUILT, start, NULL },
    { "nr-pages-64g", BUILT, start, NULL },
    { "shared-other", BUILT, start, NULL },
    { "console-kernel", BUILT, start, NULL },
    { "store-kernel", BUILT, start, NULL },
    { "console-is-store", BUILT, start, NULL },
    { "start-magic", BUILT, start, NULL },
    { "console-kernel-grant", BUILT, seeded, NULL },
    { "store-kernel-grant", BUILT, seeded, NULL },
    { .name = NULL }
};
