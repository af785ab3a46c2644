/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of our own, which do not come back to the hook. */
#include "private.h"

#include <xen/percpu.h>

static DEFINE_PER_CPU(bool, kicking);

bool fbc_kicking(void)
{
    return this_cpu(kicking);
}

void fbc_kick(struct domain *ld, evtchn_port_t lport)
{
    this_cpu(kicking) = true;
    evtchn_send(ld, lport);
    this_cpu(kicking) = false;
}
