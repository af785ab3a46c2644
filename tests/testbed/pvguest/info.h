/* SPDX-License-Identifier: GPL-2.0-only */
/* The cases of hostile-info: what they are (cases.c), how they run (info.c). */
#ifndef PVGUEST_INFO_H
#define PVGUEST_INFO_H

#include "pvguest.h"

struct group
{
    const char *prefix;
    bool vfb_only, after_connect;
    unsigned int nr;
    const char *(*name)(unsigned int i);
    /* Spoils the device, before publishing or once connected. */
    bool (*apply)(struct pvdev *dev, unsigned int i);
    /* The kind of guest that can do it; NULL, or returning it: both. */
    const struct arch *(*only)(unsigned int i);
    unsigned int nr_gone; /* after the first so many the pages are gone */
};

extern const struct group groups[];
extern const unsigned int nr_groups;

/* Takes a copy of the page tables; then: are they still the same? */
void guard_take(void);
bool guard_intact(void);

/* post.c: once connected. post_undo(): false if a pinned page has changed. */
const char *post_name(unsigned int i);
const struct arch *post_only(unsigned int i);
bool post_apply(struct pvdev *dev, unsigned int i);
bool post_undo(void);
#define NR_POST 7

/* move.c: the same; false if what took the place of a page has changed. */
const char *move_name(unsigned int i);
const struct arch *move_only(unsigned int i);
bool move_apply(struct pvdev *dev, unsigned int i);
bool move_undo(void);
#define NR_MOVE 6

#endif
