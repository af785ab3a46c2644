/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawlaunch HANDLE KERNEL RAMDISK CMDLINE MEMORY MAXMEM BLOB DIR WHAT...
 *
 * For each WHAT: a guest of two vCPUs as xl would build it, but for one thing,
 * is started, offered the key in BLOB, and destroyed.  A line:
 *     WHAT | what became of the change | of the unpause | the key's result
 * and the launch log in DIR/WHAT.  "none" changes nothing.
 */
#include <dlfcn.h>

#include "launch/lab.h"

#include "core/fbc.h"
#include "xen/include/public/fbcrypt.h"

#define VCPUS 2

static struct lab lab;
static const struct attack none[] = {
    { "none", BUILT, NULL, NULL }, { .name = NULL }
};
static const struct attack *const tables[] = {
    none, memory_attacks, table_attacks, cpu_attacks, page_attacks,
    race_attacks, held_attacks, device_attacks,
};
static int (*set_pgtables)(struct xc_dom_image *dom);

static const struct attack *find(const char *name)
{
    size_t i;

    for ( i = 0; i < sizeof(tables) / sizeof(tables[0]); i++ )
    {
        const struct attack *a;

        for ( a = tables[i]; a->name; a++ )
            if ( !strcmp(a->name, name) )
                return a;
    }

    return NULL;
}

static int act(enum phase phase)
{
    int rc = 0;

    if ( lab.attack->phase == phase && lab.attack->run )
        rc = lab.attack->run(&lab, lab.attack->name);
    if ( phase != HELD || rc )
        lab_release(&lab);

    return rc;
}

/* In place of libxenguest's and libxenctrl's: the attack comes first. */
static int bootlate(struct xc_dom_image *dom)
{
    return act(TABLES) ? -1 : set_pgtables(dom);
}

int xc_vcpu_setcontext(xc_interface *xch, uint32_t domid, uint32_t v,
                       vcpu_guest_context_any_t *ctxt)
{
    int (*real)(xc_interface *, uint32_t, uint32_t,
                vcpu_guest_context_any_t *) =
        (__typeof__(real))dlsym(RTLD_NEXT, "xc_vcpu_setcontext");
    static uint32_t done;

    if ( ctxt && !v && domid != done )
    {
        lab.ctxt = ctxt->x64;
        if ( act(CONTEXT) )
            return -1;
        ctxt->x64 = lab.ctxt;
        done = domid;
    }
    if ( real(xch, domid, v, ctxt) )
        return lab_refused(&lab, "vCPU");

    return 0;
}

static int create(void)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = VCPUS, .max_evtchn_port = 63, .max_grant_frames = 4,
        .max_maptrack_frames = 4, .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    unsigned int mib = lab.files.maxmem > lab.files.memory
                       ? lab.files.maxmem : lab.files.memory;
    struct e820entry map = { 0, (uint64_t)lab.files.maxmem << 20, 1 };

    memcpy(config.handle, lab.handle, sizeof(config.handle));
    if ( !strcmp(lab.attack->name, "assign") )
        config.flags = XEN_DOMCTL_CDF_iommu;
    lab.domid = 0;
    if ( xc_domain_create(lab.xc, &lab.domid, &config) )
        return lab_refused(&lab, "create");
    if ( !strcmp(lab.attack->name, "32-bit") )
        return act(FILES);
    if ( xc_domain_max_vcpus(lab.xc, lab.domid, VCPUS) ||
         xc_domain_setmaxmem(lab.xc, lab.domid, (mib + 1) << 10) ||
         xc_domain_set_memory_map(lab.xc, lab.domid, &map, 1) )
        return lab_refused(&lab, "create");

    return 0;
}

static int build(void)
{
    static struct xc_dom_arch hooks;
    struct xc_dom_image *dom = xc_dom_allocate(lab.xc, lab.files.cmdline,
                                               NULL);

    lab.dom = dom;
    lab.op = "build";
    if ( !dom )
        return -1;
    dom->container_type = XC_DOM_PV_CONTAINER;
    dom->flags = 0;
    dom->xenstore_evtchn = xc_evtchn_alloc_unbound(lab.xc, lab.domid, 0);
    dom->console_evtchn = xc_evtchn_alloc_unbound(lab.xc, lab.domid, 0);
    if ( xc_dom_kernel_file(dom, lab.files.kernel) ||
         (*lab.files.ramdisk &&
          xc_dom_module_file(dom, lab.files.ramdisk, NULL)) ||
         xc_dom_boot_xen_init(dom, lab.xc, lab.domid) ||
         xc_dom_parse_image(dom) || xc_dom_mem_init(dom, lab.files.memory) ||
         xc_dom_boot_mem_init(dom) || xc_dom_build_image(dom) )
        return -1;

    hooks = *dom->arch_hooks;
    set_pgtables = hooks.bootlate;
    hooks.bootlate = bootlate;
    dom->arch_hooks = &hooks;
    if ( xc_dom_boot_image(dom) || xc_dom_gnttab_init(dom) )
        return -1;

    return 0;
}

/*
 * A thread that is in the middle of a mapping holds a page until it runs again,
 * which a busy machine may put off for longer than the hypervisor waits.
 */
static const char *unpause(void)
{
    unsigned int tries = lab.attack->phase == RACE ? 30 : 1;
    int rc;

    do
        rc = xc_domain_unpause(lab.xc, lab.domid);
    while ( rc && errno == EBUSY && --tries );

    return rc ? strerrorname_np(errno) : "unpaused";
}

static const char *set_key(const char *blob)
{
    struct xen_fbcrypt_setkey *op = xencall_alloc_buffer(lab.call,
                                                         sizeof(*op));
    static char text[32];
    FILE *f = fopen(blob, "rb");
    int rc;

    memset(op, 0, sizeof(*op));
    op->abi_version = XEN_FBCRYPT_ABI_VERSION;
    op->domid = (uint16_t)lab.domid;
    if ( f )
    {
        op->blob_len = (uint32_t)fread(op->blob, 1, sizeof(op->blob), f);
        fclose(f);
    }
    rc = xencall2(lab.call, __HYPERVISOR_fbcrypt_op, XEN_FBCRYPT_set_key,
                  (uintptr_t)op);
    snprintf(text, sizeof(text), "error %u", op->result);

    return !rc ? "keyed" : op->result == FBC_ERR_LAUNCH ? "refused" : text;
}

static void keep_log(const char *dir)
{
    struct {
        struct xen_fbcrypt_launch op;
        uint8_t log[XEN_FBCRYPT_LAUNCH_CHUNK];
    } *arg = xencall_alloc_buffer(lab.call, sizeof(*arg));
    char path[256];
    uint32_t at = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, lab.attack->name);
    f = fopen(path, "wb");
    do {
        memset(&arg->op, 0, sizeof(arg->op));
        arg->op.abi_version = XEN_FBCRYPT_ABI_VERSION;
        arg->op.domid = (uint16_t)lab.domid;
        arg->op.offset = at;
        if ( !f || xencall2(lab.call, __HYPERVISOR_fbcrypt_op,
                            XEN_FBCRYPT_get_launch, (uintptr_t)arg) )
            break;
        fwrite(arg->log, 1, arg->op.chunk, f);
        at += arg->op.chunk;
    } while ( arg->op.chunk && at < arg->op.log_len );
    if ( f )
        fclose(f);
    xencall_free_buffer(lab.call, arg);
}

static void one(const char *blob, const char *dir)
{
    char change[64] = "done", start[64] = "-";
    const char *key = "-";

    lab.op = NULL;
    lab.note[0] = 0;
    if ( strcmp(lab.attack->name, "32-bit") )
        act(FILES);
    if ( create() || build() || act(BUILT) || act(RACE) || act(HELD) )
        snprintf(change, sizeof(change), "%s: %s", lab.op,
                 strerrorname_np(errno));
    if ( lab.dom )
    {
        xc_dom_unmap_all(lab.dom);
        snprintf(start, sizeof(start), "%s", unpause());
    }
    if ( lab.attack->second )
    {
        int rc = lab.attack->second(&lab, lab.attack->name);

        int error = errno;

        lab_release(&lab);
        if ( lab.attack->phase == HELD )
            snprintf(start + strlen(start), sizeof(start) - strlen(start),
                     ", %s, %s", rc ? strerrorname_np(error) : "done",
                     unpause());
    }
    if ( *blob )
        key = set_key(blob);
    keep_log(dir);
    printf("%s | %s | %s | %s%s%s\n", lab.attack->name, change, start, key,
           *lab.note ? " | " : "", lab.note);
    fflush(stdout);

    if ( lab.dom )
        xc_dom_release(lab.dom);
    lab.dom = NULL;
    xc_domain_destroy(lab.xc, lab.domid);
    if ( lab.other )
        xc_domain_destroy(lab.xc, lab.other);
    lab.other = 0;
}

int main(int argc, char **argv)
{
    int i;

    lab.xc = xc_interface_open(NULL, NULL, 0);
    lab.call = xencall_open(NULL, 0);
    lab.fmem = xenforeignmemory_open(NULL, 0);
    if ( argc < 10 || strlen(argv[1]) != 32 || !lab.xc || !lab.call ||
         !lab.fmem )
        return 2;
    for ( i = 0; i < 16; i++ )
        sscanf(argv[1] + 2 * i, "%2hhx", &lab.handle[i]);

    for ( i = 9; i < argc; i++ )
    {
        lab.attack = find(argv[i]);
        if ( !lab.attack )
        {
            fprintf(stderr, "rawlaunch: %s?\n", argv[i]);
            return 2;
        }
        lab.files.kernel = argv[2];
        lab.files.ramdisk = argv[3];
        snprintf(lab.files.cmdline, sizeof(lab.files.cmdline) / 2, "%s",
                 argv[4]);
        lab.files.memory = (unsigned int)atoi(argv[5]);
        lab.files.maxmem = (unsigned int)atoi(argv[6]);
        one(argv[7], argv[8]);
    }

    return 0;
}
