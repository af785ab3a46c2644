/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypercall of the encrypted framebuffer. */
#include "lib/dom0/hypercall.h"

#include <errno.h>
#include <stdlib.h>
#include <xencall.h>

#include "lib/dom0/xenlog.h"

union arg {
    uint32_t abi_version;       /* the first field of each */
    struct xen_fbcrypt_vmm vmm;
    struct xen_fbcrypt_setkey setkey;
    struct xen_fbcrypt_status status;
    struct xen_fbcrypt_input input;
    struct {
        struct xen_fbcrypt_launch head;
        uint8_t data[XEN_FBCRYPT_LAUNCH_CHUNK];
    } launch;
};

struct fbc_hv {
    xencall_handle *xc;
    union arg *arg;             /* memory that the hypervisor can reach */
};

struct fbc_hv *fbc_hv_open(struct fbc_error *e)
{
    struct fbc_hv *hv = calloc(1, sizeof(*hv));

    if ( !hv )
    {
        fbc_fail_errno(e, "memory");
        return NULL;
    }

    hv->xc = xencall_open(&fbc_xenlog, 0);
    if ( !hv->xc )
    {
        fbc_fail(e, FBC_EXIT_ENV, "Xen", "no hypercalls from here: %s",
                 strerror(errno));
        fbc_hint(e, "run this in dom0, as root");
        free(hv);
        return NULL;
    }

    hv->arg = xencall_alloc_buffer(hv->xc, sizeof(*hv->arg));
    if ( !hv->arg )
    {
        fbc_fail_errno(e, "hypercall buffer");
        fbc_hv_close(hv);
        return NULL;
    }

    return hv;
}

void fbc_hv_close(struct fbc_hv *hv)
{
    if ( !hv )
        return;
    if ( hv->arg )
        xencall_free_buffer(hv->xc, hv->arg);
    xencall_close(hv->xc);
    free(hv);
}

static int explain(const struct fbc_hv *hv, const char *domain,
                   struct fbc_error *e)
{
    switch ( errno )
    {
    case ENOSYS:
        fbc_fail(e, FBC_EXIT_ENV, "Xen", "this hypervisor has no fbcrypt");
        return fbc_hint(e, "boot the fbcrypt hypervisor; xl info shows which "
                        "one runs");

    case EILSEQ:
        fbc_fail(e, FBC_EXIT_VERSION, "Xen",
                 "hypervisor speaks fbcrypt ABI %u, this tool %u",
                 hv->arg->abi_version, XEN_FBCRYPT_ABI_VERSION);
        return fbc_hint(e, "install the tools that came with the hypervisor");

    case EPERM:
        fbc_fail(e, FBC_EXIT_ENV, "Xen", "only the control domain may do this");
        return fbc_hint(e, "run this in dom0, as root");

    case ESRCH:
        fbc_fail(e, FBC_EXIT_INPUT, domain, "no such domain, or it is gone");
        return fbc_hint(e, "xl list");

    case EOPNOTSUPP:
        fbc_fail(e, FBC_EXIT_NO, domain, "domain is not protected");
        return fbc_hint(e, "fbc-status %s", domain);

    case EACCES:
        if ( hv->arg->setkey.result == FBC_ERR_PENDING )
            return fbc_fail(e, FBC_EXIT_NO, domain, "domain has not been "
                            "started yet, or is being destroyed");
        fbc_fail(e, FBC_EXIT_NO, domain, "hypervisor refused the key: %s",
                 fbc_strerror(hv->arg->setkey.result));
        switch ( hv->arg->setkey.result )
        {
        case FBC_ERR_REPLAY:
            return fbc_hint(e, "numbers follow the owner's clock: if that was "
                            "ahead, let fbc-wrapkey -o replace the session key "
                            "made then, or restart the host");

        case FBC_ERR_LAUNCH:
            return fbc_hint(e, "fbc-status --launch-log %.60s says with what; "
                            "see fbc-launch(1)", domain);
        }
        return -1;
    }

    return fbc_fail_errno(e, domain);
}

static int not_protected(const char *domain, uint32_t why,
                         struct fbc_error *e)
{
    static const struct { const char *why, *hint; } texts[] = {
        [XEN_FBCRYPT_WHY_OFF] = { "the hypervisor protects no domain",
            "see fbcrypt= on the Xen command line, in fbcrypt(7)" },
        [XEN_FBCRYPT_WHY_CONTROL] = { "it is a control domain", "xl list" },
        [XEN_FBCRYPT_WHY_TYPE] = { "it is neither a PV nor a PVH guest",
            "type = \"pv\" in its configuration" },
        [XEN_FBCRYPT_WHY_HANDLE] = { "its UUID is not an owner's",
            "create it with the uuid that fbc-keygen -u prints" },
    };
    bool known = why < sizeof(texts) / sizeof(texts[0]) && texts[why].why;

    fbc_fail(e, FBC_EXIT_NO, domain, "domain is not protected: %s",
             known ? texts[why].why : "the hypervisor does not say why");

    return known ? fbc_hint(e, "%s", texts[why].hint) : -1;
}

static int call(struct fbc_hv *hv, unsigned int cmd, const char *domain,
                struct fbc_error *e)
{
    hv->arg->abi_version = XEN_FBCRYPT_ABI_VERSION;
    if ( xencall2(hv->xc, __HYPERVISOR_fbcrypt_op, cmd,
                  (uint64_t)(unsigned long)hv->arg) )
        return explain(hv, domain, e);

    return 0;
}

int fbc_hv_vmm(struct fbc_hv *hv, struct xen_fbcrypt_vmm *vmm,
               struct fbc_error *e)
{
    memset(hv->arg, 0, sizeof(*hv->arg));
    if ( call(hv, XEN_FBCRYPT_get_vmm, "Xen", e) )
        return -1;
    *vmm = hv->arg->vmm;

    return 0;
}

int fbc_hv_status(struct fbc_hv *hv, uint16_t domid, const char *domain,
                  struct xen_fbcrypt_status *st, struct fbc_error *e)
{
    memset(hv->arg, 0, sizeof(*hv->arg));
    hv->arg->status.domid = domid;
    if ( call(hv, XEN_FBCRYPT_get_status, domain, e) )
        return -1;
    if ( hv->arg->status.state == XEN_FBCRYPT_STATE_UNPROTECTED )
        return not_protected(domain, hv->arg->status.reason, e);
    *st = hv->arg->status;

    return 0;
}

int fbc_hv_launch(struct fbc_hv *hv, uint16_t domid, const char *domain,
                  struct xen_fbcrypt_launch *head, uint8_t *log, size_t room,
                  struct fbc_error *e)
{
    const struct xen_fbcrypt_launch *got = &hv->arg->launch.head;
    size_t have = 0;

    do {
        memset(hv->arg, 0, sizeof(*hv->arg));
        hv->arg->launch.head.domid = domid;
        hv->arg->launch.head.offset = (uint32_t)have;
        if ( call(hv, XEN_FBCRYPT_get_launch, domain, e) )
            return -1;
        if ( got->chunk > sizeof(hv->arg->launch.data) ||
             got->chunk > room - have )
            break;
        memcpy(log + have, hv->arg->launch.data, got->chunk);
        have += got->chunk;
    } while ( got->chunk && have < got->log_len );
    *head = *got;

    return 0;
}

int fbc_hv_set_key(struct fbc_hv *hv, uint16_t domid, const char *domain,
                   const struct fbc_blobs *blobs, uint32_t *epoch,
                   struct fbc_error *e)
{
    unsigned int i;
    int rc = -1;

    for ( i = 0; i < blobs->nr; i++ )
    {
        memset(hv->arg, 0, sizeof(*hv->arg));
        hv->arg->setkey.domid = domid;
        hv->arg->setkey.blob_len = (uint32_t)blobs->len[i];
        memcpy(hv->arg->setkey.blob, blobs->blob[i], blobs->len[i]);
        rc = call(hv, XEN_FBCRYPT_set_key, domain, e);
        if ( !rc || hv->arg->setkey.result != FBC_ERR_LAUNCH )
            break;
    }
    if ( rc )
        return -1;
    *epoch = hv->arg->setkey.epoch;

    return 0;
}

int fbc_hv_send_input(struct fbc_hv *hv, uint16_t domid, const char *domain,
                      const uint8_t record[static XEN_FBCRYPT_RECORD_LEN],
                      bool *taken, struct fbc_error *e)
{
    memset(hv->arg, 0, sizeof(*hv->arg));
    hv->arg->abi_version = XEN_FBCRYPT_ABI_VERSION;
    hv->arg->input.domid = domid;
    memcpy(hv->arg->input.record, record, XEN_FBCRYPT_RECORD_LEN);
    *taken = !xencall2(hv->xc, __HYPERVISOR_fbcrypt_op, XEN_FBCRYPT_send_input,
                       (uint64_t)(unsigned long)hv->arg);

    return *taken || errno == EACCES ? 0 : explain(hv, domain, e);
}
