/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's key pair and what is remembered of each VM UUID. */
#include "private.h"

#include <xen/acpi.h>
#include <xen/efi.h>
#include <xen/init.h>
#include <xen/iommu.h>
#include <xen/trace.h>

#include "core/vmmkey.h"
#include "tpm.h"

/* UUIDs remembered; beyond it new owners are refused, old ones kept. */
#define REGISTRY_MAX 4096

uint32_t __ro_after_init fbc_vmm_flags;
uint8_t __ro_after_init fbc_vmm_public[FBC_KEY_LEN];
uint8_t __ro_after_init fbc_vmm_hash[FBC_HASH_LEN];
enum fbc_aead_id __ro_after_init fbc_aead_pixels;
static uint8_t vmm_secret[FBC_KEY_LEN];

/*
 * Lives as long as the hypervisor: a blob must stay used up, and epochs must
 * go on rising, when a VM is destroyed and created again under its UUID.
 */
struct uuid_entry {
    struct list_head list;
    uint8_t uuid[FBC_UUID_LEN];
    uint64_t seq;
    uint32_t epoch;
    struct fbcrypt *live;       /* the one keyed domain of this UUID */
};

static LIST_HEAD(registry);
static unsigned int registry_len;
static DEFINE_SPINLOCK(registry_lock);

/* Keeps the first reason there is, and logs all. */
static void __init refuse(const char **why, bool is, const char *reason,
                          const char *option)
{
    if ( !is )
        return;

    printk(XENLOG_ERR "fbcrypt: unfit: %s%s%s\n", reason,
           option ? ": " : "", option ?: "");
    *why = *why ?: reason;
}

static bool __init reached_by_dma(const struct domain *dom0)
{
    const char *why = NULL;
    unsigned int i;

    refuse(&why, !iommu_enabled || !is_iommu_enabled(dom0), "no IOMMU", NULL);
    refuse(&why, !force_iommu, "no iommu=force", NULL);
    refuse(&why, !iommu_hwdom_strict, "no dom0-iommu=strict", NULL);
    refuse(&why, iommu_hwdom_passthrough, "dom0-iommu=passthrough", NULL);
    refuse(&why, iommu_hwdom_inclusive, "dom0-iommu=map-inclusive", NULL);
    refuse(&why, !iommu_igfx, "iommu=no-igfx", NULL);
    refuse(&why, !iommu_intremap, "no interrupt remapping", NULL);
    refuse(&why, !amd_iommu_perdev_intremap,
           "iommu=no-amd-iommu-perdev-intremap", NULL);
    for ( i = 0; fbc_opt_dma[i]; i++ )
        refuse(&why, true, "devices have a way around the IOMMU",
               fbc_opt_dma[i]);

    return why;
}

/* Why guests' screens cannot be protected on this machine; NULL: they can. */
static const char *__init unfit(const struct domain *dom0,
                                uint8_t random[static 32])
{
    const char *why = NULL;
    unsigned int i;

    if ( !fbcrypt_enabled() )
        return "fbcrypt=off";

    refuse(&why, fbc_opt_iommu && reached_by_dma(dom0),
           "dom0 can reach guests by DMA, or Xen by interrupt messages "
           "(iommu=force dom0-iommu=strict, or fbcrypt=no-iommu to accept it)",
           NULL);
    refuse(&why, efi_enabled(EFI_RS),
           "dom0 can write EFI runtime code, which Xen would run (efi=no-rs)",
           NULL);
    refuse(&why, !is_pv_domain(dom0), "dom0 is not a PV domain (dom0=pvh)",
           NULL);
    refuse(&why, acpi_disabled,
           "without ACPI nobody knows which registers dom0 must not write",
           NULL);
    refuse(&why, cpufreq_controller == FREQCTL_dom0_kernel,
           "dom0 can write registers of processors (cpufreq=dom0-kernel)",
           NULL);
    refuse(&why, tb_init_done,
           "dom0 can see what the hypervisor traces (tbuf_size)", NULL);
    refuse(&why, !boot_cpu_has(X86_FEATURE_XEN_SMEP) ||
                 (fbc_opt_smap && !boot_cpu_has(X86_FEATURE_XEN_SMAP)),
           "Xen can be led into memory of dom0's (no SMEP or SMAP: the CPU, "
           "smep=, smap=; or fbcrypt=no-smap to accept it)", NULL);
    for ( i = 0; fbc_opt_barred[i]; i++ )
        refuse(&why, true, "an option that bares guests", fbc_opt_barred[i]);
    refuse(&why, fbc_entropy(random), "CPU has no working RDSEED or RDRAND",
           NULL);

    return why;
}

static const char *__init take_key(struct fbc_tpm *tpm,
                                   const uint8_t random[static 32],
                                   struct fbc_vmmkey *k)
{
    if ( fbc_vmmkey_obtain(tpm, random, fbcrypt_overwrites,
                           !fbc_opt_overwrite, k) ||
         fbc_sha256(k->public_key, FBC_KEY_LEN, fbc_vmm_hash) )
        return "key generation failed";

    memcpy(vmm_secret, k->secret, FBC_KEY_LEN);
    memcpy(fbc_vmm_public, k->public_key, FBC_KEY_LEN);

    fbc_vmm_flags = XEN_FBCRYPT_VMM_ARMED;
    if ( k->attested )
        fbc_vmm_flags |= XEN_FBCRYPT_VMM_ATTESTED;
    if ( k->mode == FBC_VMMKEY_SEALED )
        fbc_vmm_flags |= XEN_FBCRYPT_VMM_SEALED;
    if ( fbc_entropy_seeded() )
        fbc_vmm_flags |= XEN_FBCRYPT_VMM_RDSEED;
    if ( fbcrypt_overwrites )
        fbc_vmm_flags |= XEN_FBCRYPT_VMM_OVERWRITES;

    return NULL;
}

static void __init report(const struct fbc_vmmkey *k, const char *why)
{
    /* No TPM and no index are no failures; memory is what comes below. */
    if ( k->err && k->err != FBC_ERR_NO_TPM && k->err != FBC_ERR_NV_ABSENT &&
         k->err != FBC_ERR_OUTLIVES )
        printk(XENLOG_WARNING "fbcrypt: TPM: %s: %s (response code %#x)\n",
               k->step, fbc_strerror(k->err), k->rc);
    if ( k->exposed && fbcrypt_measured )
        printk(XENLOG_WARNING
               "fbcrypt: PCR 12 is not closed: dom0 does not get the TPM\n");

    if ( fbcrypt_measured && !fbcrypt_overwrites )
        printk(XENLOG_WARNING
               "fbcrypt: memory outlives a reset: the firmware will not "
               "overwrite it%s\n", fbc_opt_overwrite ? "; no key is sealed"
                                                      : "");

    if ( !fbcrypt_enabled() )
        printk("fbcrypt: off\n");
    else if ( why )
        printk(XENLOG_ERR
               "fbcrypt: not armed: %s; screens of guests stay black\n", why);
    else
        printk("fbcrypt: armed, %s key (%s), %s%s%s, %s\n",
               k->mode == FBC_VMMKEY_PER_BOOT ? "per-boot"
               : k->created ? "new sealed" : "sealed",
               k->attested ? "attested" : "unattested",
               fbc_opt_iommu ? "" : "no protection from DMA, ",
               fbc_opt_smap ? "" : "SMAP not asked for, ",
               fbc_entropy_seeded() ? "RDSEED" : "RDRAND",
               fbc_aead_pixels != FBC_AEAD_AES256_GCM ? "ChaCha20-Poly1305"
               : IS_ENABLED(CONFIG_FBCRYPT_IPSEC_MB)
                 ? "AES-256-GCM of intel-ipsec-mb" : "AES-256-GCM");
}

void __init fbcrypt_start(struct domain *dom0)
{
    static struct fbc_tpm __initdata tpm;
    struct fbc_vmmkey k = {};
    uint8_t random[32] = {};
    s_time_t start = NOW();
    bool have_tpm = fbc_tpm_open(&tpm);
    const char *why = unfit(dom0, random);

    if ( fbcrypt_enabled() )
        fbc_msix_init();

    fbc_aead_pixels = fbc_aead_fast(FBC_AEAD_AES256_GCM)
                      ? FBC_AEAD_AES256_GCM : FBC_AEAD_CHACHA20_POLY1305;

    if ( !why )
        why = take_key(have_tpm ? &tpm : NULL, random, &k);
    if ( why )
        /* Or dom0 could bind a key of its own to this image. */
        fbc_vmmkey_close(have_tpm ? &tpm : NULL, &k);

    if ( have_tpm )
        printk("fbcrypt: TPM (%s) took %"PRI_stime" ms\n", fbc_tpm_kind(),
               (NOW() - start) / MILLISECS(1));
    fbc_tpm_close(k.exposed);
    if ( fbc_tpm_permissions(dom0) )
        panic("fbcrypt: dom0 cannot be kept from the TPM\n");
    report(&k, why);

    fbc_wipe(random, sizeof(random));
    fbc_wipe(&k, sizeof(k));
    fbc_wipe(&tpm, sizeof(tpm));
}

static struct uuid_entry *find(const uint8_t uuid[static FBC_UUID_LEN])
{
    struct uuid_entry *e;

    list_for_each_entry ( e, &registry, list )
        if ( !memcmp(e->uuid, uuid, FBC_UUID_LEN) )
            return e;

    return NULL;
}

enum fbc_err fbc_key_accept(struct fbcrypt *fb, const uint8_t *blob,
                            size_t len)
{
    struct uuid_entry *e, *new = NULL;
    struct fbc_session session;
    enum fbc_err err;
    uint64_t seq, last = 0;

    if ( !(fbc_vmm_flags & XEN_FBCRYPT_VMM_ARMED) )
        return FBC_ERR_NO_ENTROPY;

    spin_lock(&registry_lock);
    e = find(fb->uuid);
    if ( e )
        last = e->seq;
    spin_unlock(&registry_lock);

    fbc_simd_begin();
    err = fbc_blob_open(blob, len, fb->uuid, last, vmm_secret,
                        fbc_vmm_public, &session, &seq);
    fbc_simd_end();
    if ( err )
        return err;
    /* Another kernel under this UUID could show the owner a false login. */
    if ( !fbc_blob_fits(&session, fb->launch.state, fb->launch.digest) )
    {
        fbc_wipe(&session, sizeof(session));
        return FBC_ERR_LAUNCH;
    }

    new = xzalloc(struct uuid_entry);

    spin_lock(&registry_lock);
    e = find(fb->uuid);
    if ( !e )
    {
        err = FBC_ERR_NOMEM;
        if ( !new || registry_len >= REGISTRY_MAX )
            goto out;
        memcpy(new->uuid, fb->uuid, FBC_UUID_LEN);
        list_add_tail(&new->list, &registry);
        registry_len++;
        e = new;
        new = NULL;
    }

    err = FBC_ERR_IN_USE;
    if ( e->live && e->live != fb )
        goto out;
    /* Another domain of this UUID may have taken the same blob meanwhile. */
    err = FBC_ERR_REPLAY;
    if ( seq <= e->seq )
        goto out;

    err = FBC_OK;
    e->live = fb;
    e->seq = seq;
    fb->seq = seq;
    memcpy(fb->session, session.key, FBC_KEY_LEN);
    fb->refresh_ms = session.refresh_ms;
    fbc_inputbox_session(&fb->input, session.sealed_input
                                     ? FBC_INPUTBOX_SEALED
                                     : FBC_INPUTBOX_PLAIN);
    fb->keyed = true;
    fb->bound = session.bound;

 out:
    spin_unlock(&registry_lock);
    fbc_wipe(&session, sizeof(session));
    xfree(new);

    return err;
}

uint32_t fbc_key_next_epoch(const struct fbcrypt *fb)
{
    struct uuid_entry *e;
    uint32_t epoch = 0;

    spin_lock(&registry_lock);
    e = find(fb->uuid);
    if ( e && e->epoch != UINT32_MAX )
        epoch = ++e->epoch;
    spin_unlock(&registry_lock);

    return epoch;
}

void fbc_key_forget(struct fbcrypt *fb)
{
    struct uuid_entry *e;

    spin_lock(&registry_lock);
    e = find(fb->uuid);
    if ( e && e->live == fb )
        e->live = NULL;
    spin_unlock(&registry_lock);

    fb->keyed = fb->bound = false;
    fbc_wipe(fb->session, sizeof(fb->session));
    fbc_inputbox_session(&fb->input, FBC_INPUTBOX_CLOSED);
}

void fbcrypt_wipe_keys(void)
{
    static bool done;
    struct domain *d;

    fbc_wipe(vmm_secret, sizeof(vmm_secret));

    /* A fault below leads here again. */
    if ( test_and_set_bool(done) )
        return;

    /* Nothing else runs any more. */
    for_each_domain ( d )
    {
        struct fbcrypt *fb = d->fbcrypt;

        if ( !fb )
            continue;
        fbc_wipe(fb->session, sizeof(fb->session));
        fbc_wipe(&fb->input, sizeof(fb->input));
        if ( fb->vfb.engine && fb->vfb.engine->cells )
            fbc_wipe(fb->vfb.engine->cells, sizeof(*fb->vfb.engine->cells));
        if ( fb->vfb.engine )
            fbc_wipe(fb->vfb.engine, sizeof(*fb->vfb.engine));
    }
}
