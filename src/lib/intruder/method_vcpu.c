/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers and debugging interfaces. */
#include "lib/intruder/method.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define KERNEL_BASE 0xffffffff80000000ull       /* of Linux */
#define LOG_MAX     (1u << 20)

void fbc_method_vcpu(struct fbc_method_run *r)
{
    vcpu_guest_context_any_t c;

    if ( xc_vcpu_getcontext(r->t->xc, r->t->domid, 0, &c) )
        return fbc_method_errno(r, errno, "getvcpucontext");
    if ( !fbc_method_put(r, &c.x64, sizeof(c.x64)) )
        fbc_method_say(r, FBC_METHOD_FRAMES, "registers, rip %#" PRIx64,
                       (uint64_t)c.x64.user_regs.rip);
}

/* op: hypercall buffer, its domain-independent fields set. */
static int domctl(struct fbc_victim *t, struct xen_domctl *op, uint32_t cmd)
{
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = t->domid;

    return xencall1(t->call, __HYPERVISOR_domctl, (uintptr_t)op) ? errno : 0;
}

/* Save takes vector registers, too, and with them the guest's secrets. */
void fbc_method_vcpuext(struct fbc_method_run *r)
{
    struct xen_domctl *op = xencall_alloc_buffer(r->t->call, sizeof(*op));
    uint8_t *state = xencall_alloc_buffer(r->t->call, 2 * FBC_PAGE);
    int rc;

    if ( !op || !state )
    {
        fbc_method_errno(r, ENOMEM, "memory");
        goto out;
    }

    memset(op, 0, sizeof(*op));
    rc = domctl(r->t, op, XEN_DOMCTL_get_ext_vcpucontext);
    if ( rc )
        fbc_method_errno(r, rc, "get_ext_vcpucontext");
    else if ( fbc_method_put(r, &op->u.ext_vcpucontext,
                             sizeof(op->u.ext_vcpucontext)) )
        goto out;

    memset(op, 0, sizeof(*op));
    op->u.vcpuextstate.size = 2 * FBC_PAGE;
    set_xen_guest_handle_raw(op->u.vcpuextstate.buffer, (void *)state);
    rc = domctl(r->t, op, XEN_DOMCTL_getvcpuextstate);
    if ( rc )
        fbc_method_errno(r, rc, "getvcpuextstate");
    else if ( op->u.vcpuextstate.size <= 2 * FBC_PAGE &&
              !fbc_method_put(r, state, op->u.vcpuextstate.size) )
        fbc_method_say(r, FBC_METHOD_FRAMES, "%" PRIu64 " bytes of state",
                       r->bytes);

 out:
    xencall_free_buffer(r->t->call, state);
    xencall_free_buffer(r->t->call, op);
}

void fbc_method_gdbsx(struct fbc_method_run *r)
{
    struct xen_domctl *op = xencall_alloc_buffer(r->t->call, sizeof(*op));
    uint8_t *page = xencall_alloc_buffer(r->t->call, FBC_PAGE);
    int rc;

    if ( !op || !page )
    {
        fbc_method_errno(r, ENOMEM, "memory");
        goto out;
    }

    memset(op, 0, sizeof(*op));
    op->u.gdbsx_guest_memio.gva = KERNEL_BASE;
    op->u.gdbsx_guest_memio.uva = (uintptr_t)page;
    op->u.gdbsx_guest_memio.len = FBC_PAGE;
    rc = domctl(r->t, op, XEN_DOMCTL_gdbsx_guestmemio);
    if ( rc )
        fbc_method_errno(r, rc, "gdbsx_guestmemio");
    else if ( !fbc_method_put(r, page, FBC_PAGE -
                              op->u.gdbsx_guest_memio.remain) )
        fbc_method_say(r, FBC_METHOD_FRAMES, "memory at %#llx", KERNEL_BASE);

 out:
    xencall_free_buffer(r->t->call, page);
    xencall_free_buffer(r->t->call, op);
}

/* The hypervisor prints registers and stacks to a log that dom0 reads. */
void fbc_method_debugkeys(struct fbc_method_run *r)
{
    char *log = malloc(LOG_MAX + 1), name[16];
    unsigned int len = LOG_MAX;
    uint32_t at = 0;

    if ( !log )
        return fbc_method_errno(r, ENOMEM, "memory");
    if ( xc_readconsolering(r->t->xc, log, &len, 0, 0, &at) )
    {
        fbc_method_errno(r, errno, "readconsole");
        goto out;
    }
    if ( xc_send_debug_keys(r->t->xc, (char[]){ "d" }) )
    {
        fbc_method_errno(r, errno, "debug_keys");
        goto out;
    }

    len = LOG_MAX;
    if ( xc_readconsolering(r->t->xc, log, &len, 0, 1, &at) )
        len = 0;
    log[len] = 0;
    snprintf(name, sizeof(name), "(d%uv", r->t->domid);
    if ( !strstr(log, name) )
        fbc_method_say(r, FBC_METHOD_NOTHING, "accepted; the guest did not "
                       "run just then");
    else if ( !fbc_method_put(r, log, len) )
        fbc_method_say(r, FBC_METHOD_FRAMES, "%u bytes of log", len);

 out:
    free(log);
}
