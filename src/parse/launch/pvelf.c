/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels: program headers and notes (xen/common/libelf of 4.17). */
#include "parse/launch/pvelf.h"

#define IDENT_LEN 20            /* up to the machine */
#define PT_LOAD  1
#define PT_NOTE  4
#define PF_ANY   7u             /* read, write, execute */
#define SHT_NOTE 7
#define EM_386   3
#define EM_X86_64 62
#define MAX_NOTES 65536         /* as libelf */

enum {                          /* Xen public/elfnote.h */
    NOTE_ENTRY = 1,
    NOTE_HYPERCALL_PAGE = 2,
    NOTE_VIRT_BASE = 3,
    NOTE_PADDR_OFFSET = 4,
    NOTE_XEN_VERSION = 5,
    NOTE_GUEST_OS = 6,
    NOTE_LOADER = 8,
    NOTE_BSD_SYMTAB = 11,
    NOTE_INIT_P2M = 15,
    NOTE_MOD_START_PFN = 16,
    NOTE_SUPPORTED_FEATURES = 17,
    NOTE_PHYS32_ENTRY = 18,
};

#define FEATURE_RSDP_UNRESTRICTED 15    /* Xen public/features.h */

/* Where what is in the headers of a class, and how long they are. */
struct class {
    bool wide;                  /* addresses of 8 bytes, or of 4 */
    uint8_t ehdr, phdr, shdr;   /* lengths */
    uint8_t e_phoff, e_shoff, e_phentsize, e_phnum, e_shentsize, e_shnum;
    uint8_t p_flags, p_offset, p_paddr, p_filesz, p_memsz;
    uint8_t sh_offset, sh_size;
};

static const struct class elf64 = {
    .wide = true, .ehdr = 64, .phdr = 56, .shdr = 64,
    .e_phoff = 32, .e_shoff = 40, .e_phentsize = 54, .e_phnum = 56,
    .e_shentsize = 58, .e_shnum = 60,
    .p_flags = 4, .p_offset = 8, .p_paddr = 24, .p_filesz = 32, .p_memsz = 40,
    .sh_offset = 24, .sh_size = 32,
};

static const struct class elf32 = {
    .wide = false, .ehdr = 52, .phdr = 32, .shdr = 40,
    .e_phoff = 28, .e_shoff = 32, .e_phentsize = 42, .e_phnum = 44,
    .e_shentsize = 46, .e_shnum = 48,
    .p_flags = 24, .p_offset = 4, .p_paddr = 12, .p_filesz = 16, .p_memsz = 20,
    .sh_offset = 16, .sh_size = 20,
};

struct file {
    const uint8_t *p;
    uint64_t len;
    const struct class *c;
    uint64_t paddr_offset;
    unsigned int total, of_xen; /* notes */
    bool generic, linux_os, version, symtab;
    bool just_linux;            /* and nothing behind it */
    uint32_t features;
};

static bool inside(const struct file *f, uint64_t offset, uint64_t len)
{
    return len <= f->len && offset <= f->len - len;
}

/* An address, an offset or a size. */
static uint64_t word(const struct file *f, const uint8_t *p)
{
    return f->c->wide ? fbc_get64(p) : fbc_get32(p);
}

/* A number of 1, 2, 4 or 8 bytes; of any other length it is 0, as libelf. */
static uint64_t number(const uint8_t *p, uint32_t len)
{
    switch ( len )
    {
    case 1: return *p;
    case 2: return fbc_get16(p);
    case 4: return fbc_get32(p);
    case 8: return fbc_get64(p);
    }

    return 0;
}

static bool begins(const uint8_t *p, uint32_t len, const char *with)
{
    size_t n = strlen(with);

    return len >= n && !memcmp(p, with, n);
}

static void take_note(struct file *f, struct fbc_pvelf *k, uint32_t type,
                      const uint8_t *p, uint32_t len)
{
    switch ( type )
    {
    case NOTE_ENTRY:          k->entry = number(p, len); break;
    case NOTE_HYPERCALL_PAGE: k->hypercall_page = number(p, len); break;
    case NOTE_VIRT_BASE:      k->virt_base = number(p, len); break;
    case NOTE_PADDR_OFFSET:   f->paddr_offset = number(p, len); break;
    case NOTE_INIT_P2M:       k->p2m_base = number(p, len); break;
    case NOTE_MOD_START_PFN:  k->unmapped_initrd = number(p, len); break;
    case NOTE_XEN_VERSION:    f->version = begins(p, len, "xen-3.0"); break;
    case NOTE_GUEST_OS:
        f->linux_os = begins(p, len, "linux");
        f->just_linux = f->linux_os && (len == 5 || !p[5]);
        break;
    case NOTE_PHYS32_ENTRY:   k->phys_entry = number(p, len); break;
    case NOTE_SUPPORTED_FEATURES:
        f->features |= len >= 4 ? fbc_get32(p) : 0;
        break;
    case NOTE_LOADER:         f->generic = begins(p, len, "generic"); break;
    case NOTE_BSD_SYMTAB:     f->symtab = begins(p, len, "yes"); break;
    }
}

/* Notes from offset on; what does not fit into len ends them. */
static enum fbc_err take_notes(struct file *f, struct fbc_pvelf *k,
                               uint64_t offset, uint64_t len)
{
    const uint8_t *p;

    if ( !inside(f, offset, len) )
        return FBC_ERR_LENGTH;
    p = f->p + offset;

    while ( len >= 12 )
    {
        uint64_t namesz = fbc_get32(p), descsz = fbc_get32(p + 4);
        uint64_t desc = 12 + ((namesz + 3) & ~UINT64_C(3));
        uint64_t next = desc + ((descsz + 3) & ~UINT64_C(3));

        if ( ++f->total > MAX_NOTES )
            return FBC_ERR_RANGE;
        if ( desc + descsz > len )
            return FBC_ERR_LENGTH;
        if ( namesz >= 4 && !memcmp(p + 12, "Xen", 4) )
        {
            f->of_xen++;
            take_note(f, k, fbc_get32(p + 8), p + desc, (uint32_t)descsz);
        }
        if ( next > len )
            break;
        p += next;
        len -= next;
    }

    return FBC_OK;
}

static enum fbc_err take_segment(struct file *f, struct fbc_pvelf *k,
                                 const uint8_t *h)
{
    const struct class *c = f->c;
    uint64_t offset = word(f, h + c->p_offset);
    uint64_t paddr = word(f, h + c->p_paddr);
    uint64_t filesz = word(f, h + c->p_filesz);
    uint64_t memsz = word(f, h + c->p_memsz);

    if ( fbc_get32(h) == PT_NOTE && offset )
        return take_notes(f, k, offset, filesz);
    if ( fbc_get32(h) != PT_LOAD || !(fbc_get32(h + c->p_flags) & PF_ANY) )
        return FBC_OK;

    if ( !inside(f, offset, filesz) )
        return FBC_ERR_LENGTH;
    if ( k->segments == FBC_PVELF_MAX_SEGMENTS || memsz < filesz ||
         paddr + memsz < paddr )
        return FBC_ERR_RANGE;

    k->segment[k->segments].paddr = paddr;
    k->segment[k->segments].offset = offset;
    k->segment[k->segments].filesz = filesz;
    k->segment[k->segments].memsz = memsz;
    k->segments++;
    if ( k->pstart > paddr )
        k->pstart = paddr;
    if ( k->pend < paddr + memsz )
        k->pend = paddr + memsz;

    return FBC_OK;
}

/* A table of headers, of which each has at least want bytes. */
static const uint8_t *table(const struct file *f, uint64_t offset,
                            uint16_t size, uint16_t nr, uint16_t want)
{
    return size >= want && inside(f, offset, (uint64_t)size * nr)
           ? f->p + offset : NULL;
}

static enum fbc_err take_headers(struct file *f, struct fbc_pvelf *k)
{
    const struct class *c = f->c;
    uint16_t phsize = fbc_get16(f->p + c->e_phentsize);
    uint16_t phnum = fbc_get16(f->p + c->e_phnum);
    uint16_t shsize = fbc_get16(f->p + c->e_shentsize);
    uint16_t shnum = fbc_get16(f->p + c->e_shnum);
    const uint8_t *h = table(f, word(f, f->p + c->e_phoff), phsize, phnum,
                             c->phdr);
    enum fbc_err err;
    unsigned int i;

    if ( !h )
        return FBC_ERR_LENGTH;
    for ( i = 0; i < phnum; i++ )
    {
        err = take_segment(f, k, h + (size_t)i * phsize);
        if ( err )
            return err;
    }

    if ( !shnum )
        return FBC_OK;
    h = table(f, word(f, f->p + c->e_shoff), shsize, shnum, c->shdr);
    if ( !h )
        return FBC_ERR_LENGTH;
    if ( f->of_xen )
        return FBC_OK;
    for ( i = 1; i < shnum; i++ )
    {
        const uint8_t *s = h + (size_t)i * shsize;

        if ( fbc_get32(s + 4) != SHT_NOTE )
            continue;
        err = take_notes(f, k, word(f, s + c->sh_offset),
                         word(f, s + c->sh_size));
        if ( err )
            return err;
    }

    return FBC_OK;
}

static bool in_bounds(const struct fbc_pvelf *k)
{
    if ( k->kstart > k->kend || k->entry < k->kstart || k->entry > k->kend ||
         k->virt_base > k->kstart )
        return false;

    return k->p2m_base == FBC_PVELF_UNSET || k->p2m_base < k->kstart ||
           k->p2m_base >= k->kend;
}

static enum fbc_err place(const struct file *f, struct fbc_pvelf *k)
{
    uint64_t offset = f->paddr_offset;

    if ( offset != FBC_PVELF_UNSET && k->virt_base == FBC_PVELF_UNSET )
        return FBC_ERR_RANGE;
    if ( k->virt_base == FBC_PVELF_UNSET )
        k->virt_base = 0;
    if ( offset == FBC_PVELF_UNSET )
        offset = 0;
    if ( k->entry == FBC_PVELF_UNSET )
        k->entry = fbc_get64(f->p + 24);

    k->kstart = k->pstart + k->virt_base - offset;
    k->kend = k->pend + k->virt_base - offset;

    return in_bounds(k) ? FBC_OK : FBC_ERR_RANGE;
}

/* Paging is off. */
static enum fbc_err place_pvh(const struct file *f, struct fbc_pvelf *k)
{
    if ( f->paddr_offset != FBC_PVELF_UNSET && k->virt_base == FBC_PVELF_UNSET )
        return FBC_ERR_RANGE;
    k->virt_base = 0;
    k->entry = k->phys_entry;
    k->kstart = k->pstart;
    k->kend = k->pend;
    k->rsdp_anywhere = !f->just_linux ||
                       (f->features >> FEATURE_RSDP_UNRESTRICTED & 1);

    return in_bounds(k) ? FBC_OK : FBC_ERR_RANGE;
}

/* A PVH guest starts in 32 bits, and a file of these may be all that it is. */
static const struct class *class_of(const uint8_t *image, bool pvh)
{
    uint16_t machine = fbc_get16(image + 18);

    if ( image[5] != 1 )                        /* little-endian */
        return NULL;
    if ( image[4] == 2 && machine == EM_X86_64 )
        return &elf64;

    return pvh && image[4] == 1 && machine == EM_386 ? &elf32 : NULL;
}

static enum fbc_err parse(const uint8_t *image, size_t len, bool pvh,
                          struct fbc_pvelf *out)
{
    static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };
    struct file f = { .p = image, .len = len,
                      .paddr_offset = FBC_PVELF_UNSET };
    struct fbc_pvelf k = {
        .image = image, .pstart = FBC_PVELF_UNSET,
        .virt_base = FBC_PVELF_UNSET, .entry = FBC_PVELF_UNSET,
        .hypercall_page = FBC_PVELF_UNSET, .p2m_base = FBC_PVELF_UNSET,
        .phys_entry = FBC_PVELF_UNSET,
    };
    enum fbc_err err;

    if ( len < IDENT_LEN || memcmp(image, magic, sizeof(magic)) )
        return FBC_ERR_MAGIC;
    f.c = class_of(image, pvh);
    if ( !f.c )
        return FBC_ERR_VERSION;
    if ( len < f.c->ehdr )
        return FBC_ERR_MAGIC;

    err = take_headers(&f, &k);
    if ( err )
        return err;
    if ( f.symtab || (pvh ? k.phys_entry == FBC_PVELF_UNSET
                          : !f.of_xen || !f.version ||
                            !(f.generic || f.linux_os)) )
        return FBC_ERR_VERSION;
    if ( !k.segments )
        return FBC_ERR_RANGE;

    err = pvh ? place_pvh(&f, &k) : place(&f, &k);
    if ( !err )
        *out = k;

    return err;
}

enum fbc_err fbc_pvelf_parse(const uint8_t *image, size_t len,
                             struct fbc_pvelf *k)
{
    return parse(image, len, false, k);
}

enum fbc_err fbc_pvelf_parse_pvh(const uint8_t *image, size_t len,
                                 struct fbc_pvelf *k)
{
    return parse(image, len, true, k);
}
