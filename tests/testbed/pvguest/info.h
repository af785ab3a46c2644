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
};

extern const struct group groups[];
extern const unsigned int nr_groups;

/* Takes a copy of the page tables; then: are they still the same? */
void guard_take(void);
bool guard_intact(void);

/* post.c: once connected. post_undo(): false if a pinned page has changed. */
const char *post_name(unsigned int i);
bool post_apply(struct pvdev *dev, unsigned int i);
bool post_undo(void);
#define NR_POST 7

#endif
