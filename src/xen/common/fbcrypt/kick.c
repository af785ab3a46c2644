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

void fbc_kick_back(struct domain *ld, evtchn_port_t lport)
{
    const struct evtchn *chn;
    struct domain *rd = NULL;
    evtchn_port_t rport = 0;

    read_lock(&ld->event_lock);
    if ( port_is_valid(ld, lport) )
    {
        chn = evtchn_from_port(ld, lport);
        if ( chn->state == ECS_INTERDOMAIN &&
             get_domain(chn->u.interdomain.remote_dom) )
        {
            rd = chn->u.interdomain.remote_dom;
            rport = chn->u.interdomain.remote_port;
        }
    }
    read_unlock(&ld->event_lock);

    if ( !rd )
        return;
    fbc_kick(rd, rport);
    put_domain(rd);
}
