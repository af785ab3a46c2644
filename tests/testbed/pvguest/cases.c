/* SPDX-License-Identifier: GPL-2.0-only */
/* The lies a frontend can publish. */

#include "info.h"

enum field { WIDTH, HEIGHT, LINE, MEM, DEPTH };

static const struct
{
    const char *name;
    enum field field;
    uint32_t value;
} fields[] = {
    { "width-zero", WIDTH, 0 },
    { "width-negative", WIDTH, -1 },
    { "width-min", WIDTH, 0x80000000 },
    { "width-max", WIDTH, 0x7fffffff },
    { "width-801", WIDTH, 801 },
    { "width-1", WIDTH, 1 },
    { "width-65536", WIDTH, 65536 },
    { "height-zero", HEIGHT, 0 },
    { "height-negative", HEIGHT, -1 },
    { "height-min", HEIGHT, 0x80000000 },
    { "height-max", HEIGHT, 0x7fffffff },
    { "height-656", HEIGHT, 656 },
    { "height-1342178", HEIGHT, 1342178 },
    { "line-zero", LINE, 0 },
    { "line-1", LINE, 1 },
    { "line-small", LINE, 3196 },
    { "line-odd", LINE, 3203 },
    { "line-max", LINE, 0xffffffff },
    { "line-half", LINE, 0x80000000 },
    { "mem-zero", MEM, 0 },
    { "mem-1", MEM, 1 },
    { "mem-odd", MEM, 0x1d4c01 },
    { "mem-small", MEM, 4096 },
    { "mem-one-more", MEM, 0x200001 },
    { "mem-4mib", MEM, 0x400000 },
    { "mem-512mib", MEM, 0x20000000 },
    { "mem-max", MEM, 0xffffffff },
    { "depth-0", DEPTH, 0 },
    { "depth-1", DEPTH, 1 },
    { "depth-8", DEPTH, 8 },
    { "depth-16", DEPTH, 16 },
    { "depth-24", DEPTH, 24 },
    { "depth-255", DEPTH, 255 },
};

static const char *field_name(unsigned int i)
{
    return fields[i].name;
}

static bool field_apply(struct pvdev *dev, unsigned int i)
{
    struct xenfb_page *p = dev->page;

    switch ( fields[i].field )
    {
    case WIDTH: p->width = fields[i].value; break;
    case HEIGHT: p->height = fields[i].value; break;
    case LINE: p->line_length = fields[i].value; break;
    case MEM: p->mem_length = fields[i].value; break;
    case DEPTH: p->depth = fields[i].value; break;
    }

    return true;
}

static const char *const kinds[] = {
    "zero", "one", "max", "huge", "foreign", "xen", "self", "l4", "l1",
    "shared", "start-info", "store", "console", "dup",
};

static const void *page_table(const char *which)
{
    return which[1] == '4' ? start.top_table : start.low_table;
}

static uint64_t foreign_frame(void)
{
    uint64_t frame = hyp_memory(XENMEM_maximum_ram_page, NULL) / 2;

    while ( frame_to_va(frame) )
        frame++;

    return frame;
}

static uint64_t frame_of_kind(struct pvdev *dev, const char *kind)
{
    if ( !strcmp(kind, "zero") )
        return 0;
    if ( !strcmp(kind, "one") )
        return 1;
    if ( !strcmp(kind, "max") )
        return ~0UL;
    if ( !strcmp(kind, "huge") )
        return 1UL << 40;
    if ( !strcmp(kind, "foreign") )
        return foreign_frame();
    if ( !strcmp(kind, "xen") )
        return start.no_frame;
    if ( !strcmp(kind, "self") )
        return va_to_frame(dev->page);
    if ( kind[0] == 'l' )
        return va_to_frame(page_table(kind));
    if ( !strcmp(kind, "shared") )
        return start.shared_frame;
    if ( !strcmp(kind, "start-info") )
        return va_to_frame(start.info);
    if ( !strcmp(kind, "store") )
        return start.store_frame;
    if ( !strcmp(kind, "console") )
        return start.console_frame;

    return va_to_frame(fb.mem);
}

static const char *kind_name(unsigned int i)
{
    return kinds[i];
}

static bool dir_apply(struct pvdev *dev, unsigned int i)
{
    fb.info->pd[0] = frame_of_kind(dev, kinds[i]);

    return true;
}

static bool frame_apply(struct pvdev *dev, unsigned int i)
{
    for ( unsigned int k = 0; k < 512; k += 64 )
        fb.pd[k] = frame_of_kind(dev, kinds[i]);

    return true;
}

/* A backend may write to that page.  PVH: as to any, and a table is in use. */
static const struct arch *ref_only(unsigned int i)
{
    return kinds[i][0] == 'l' ? &pv_arch : NULL;
}

static bool ref_apply(struct pvdev *dev, unsigned int i)
{
    static char text[24];

    format(text, sizeof(text), "%lu", frame_of_kind(dev, kinds[i]));
    dev->ref_text = text;

    return true;
}

static const struct
{
    const char *name, *text;
} texts[] = {
    { "text-empty", "" },
    { "text-garbage", "garbage" },
    { "text-minus-1", "-1" },
    { "text-hex", "0x1234" },
    { "text-2-64", "18446744073709551616" },
    { "text-2-64-minus-1", "18446744073709551615" },
    { "text-2-52", "4503599627370496" },
    { "text-20-nines", "99999999999999999999" },
    { "text-trailing", "1234garbage" },
    { "text-two", "1234 5678" },
    { "text-newline", "1234\n" },
    { "text-percent", "%s%n%x" },
    { "text-3000", NULL },
};

static const char *text_name(unsigned int i)
{
    return texts[i].name;
}

static bool text_apply(struct pvdev *dev, unsigned int i)
{
    static char digits[3001];

    memset(digits, '7', sizeof(digits) - 1);
    dev->ref_text = texts[i].text ?: digits;

    return true;
}

static const char *const ports[] = {
    "zero", "minus-1", "huge", "beyond", "unbound", "store", "console", "self",
    "text", "empty",
};

static const char *port_name(unsigned int i)
{
    return ports[i];
}

static bool port_apply(struct pvdev *dev, unsigned int i)
{
    static char text[24];
    struct evtchn_bind_interdomain self = { .remote_dom = DOMID_SELF };

    if ( !strcmp(ports[i], "store") )
        format(text, sizeof(text), "%u", start.store_port);
    else if ( !strcmp(ports[i], "console") )
        format(text, sizeof(text), "%u", start.console_port);
    else if ( !strcmp(ports[i], "self") )
    {
        self.remote_port = evt_alloc(DOMID_SELF);
        hyp_evtchn(EVTCHNOP_bind_interdomain, &self);
        format(text, sizeof(text), "%u", self.local_port);
    }
    else
        format(text, sizeof(text), "%s",
               ports[i][0] == 'z' ? "0" : ports[i][0] == 'm' ? "-1" :
               ports[i][0] == 'h' ? "4294967295" :
               ports[i][0] == 'b' ? "4096" :
               ports[i][0] == 'u' ? "1000" : ports[i][0] == 't' ? "seven" : "");
    dev->port_text = text;

    return true;
}

static const char *const odds[] = {
    [PUB_LINUX] = "linux",       [PUB_ABSOLUTE] = "absolute",
    [PUB_ABORTED] = "aborted",   [PUB_NO_TX] = "no-tx",
    [PUB_REVERSED] = "reversed", [PUB_NUL] = "nul",
    [PUB_ZEROS] = "zeros",       [PUB_REWRITTEN] = "rewritten",
};

static const char *odd_name(unsigned int i)
{
    return odds[i];
}

static bool odd_apply(struct pvdev *dev, unsigned int i)
{
    dev->style = i;

    return true;
}

static const char *bad_last_name(unsigned int i)
{
    (void)i;

    return "bad-last";
}

static bool bad_last_apply(struct pvdev *dev, unsigned int i)
{
    (void)i;
    dev->style = PUB_BAD_LAST;

    return true;
}

const struct group groups[] = {
    { "", true, false, ARRAY_SIZE(fields), field_name, field_apply, NULL, 0 },
    { "dir-", true, false, ARRAY_SIZE(kinds), kind_name, dir_apply, NULL, 0 },
    { "frame-", true, false, ARRAY_SIZE(kinds), kind_name, frame_apply, NULL,
      0 },
    { "ref-", false, false, ARRAY_SIZE(kinds), kind_name, ref_apply, ref_only,
      0 },
    { "ref-", false, false, ARRAY_SIZE(texts), text_name, text_apply, NULL, 0 },
    { "port-", false, false, ARRAY_SIZE(ports), port_name, port_apply, NULL,
      0 },
    { "odd-", false, false, ARRAY_SIZE(odds), odd_name, odd_apply, NULL, 0 },
    { "ref-", false, false, 1, bad_last_name, bad_last_apply, NULL, 0 },
    { "post-", false, true, NR_POST, post_name, post_apply, post_only, 4 },
    { "post-", false, true, NR_MOVE, move_name, move_apply, move_only, 4 },
};
const unsigned int nr_groups = ARRAY_SIZE(groups);

static uint64_t tables[2][512];

static void guard_read(uint64_t copy[2][512])
{
    memcpy(copy[0], page_table("l4"), PAGE_SIZE);
    memcpy(copy[1], page_table("l1"), PAGE_SIZE);
    for ( unsigned int i = 0; i < 1024; i++ )
        copy[i / 512][i % 512] &= ~0x60UL; /* accessed, dirty */
}

void guard_take(void)
{
    guard_read(tables);
}

bool guard_intact(void)
{
    static uint64_t seen[2][512];

    guard_read(seen);

    return !memcmp(seen, tables, sizeof(seen));
}
