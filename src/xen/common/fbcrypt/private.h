/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of a protected domain, shared by the files of common/fbcrypt.
 *
 * Locks, outermost first:
 *   domctl lock          first unpause, measuring, teardown
 *   hypercall_deadlock_mutex   to pause dom0's other vCPUs at the first unpause
 *   fb->lock             everything in struct fbcrypt not marked otherwise
 *   d->event_lock        the other end of the store's port (store.c)
 *   d->shutdown_lock     a guest that is stopped as crashed (kbd.c)
 *   p2m lock             pages by guest frame number (pvh.c)
 *   grant table locks    drop_preseeded, next_mapped
 *   registry_lock        what outlives a domain (key.c)
 *   d->page_alloc_lock   by the page allocator, account.c
 * The mapping hooks run with a page table of the mapper, or a grant table,
 * locked: they take no lock at all.  evtchn_send() is never called with
 * fb->lock held.
 */
#ifndef __FBCRYPT_PRIVATE_H__
#define __FBCRYPT_PRIVATE_H__

#include <xen/fbcrypt.h>
#include <xen/domain_page.h>
#include <xen/event.h>
#include <xen/lib.h>
#include <xen/mm.h>
#include <xen/rcupdate.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <xen/tasklet.h>
#include <xen/timer.h>
#include <xen/xmalloc.h>

#include <public/fbcrypt.h>

#include "core/blob.h"
#include "core/fbif.h"
#include "core/fbring.h"
#include "core/frameset.h"
#include "core/inputbox.h"
#include "core/kbdring.h"
#include "core/pace.h"
#include "core/shadow.h"
#include "core/xsring.h"

/* Pixels sealed, or pages prepared, between two checks for preemption. */
#define FBC_STEP_BYTES  (64 * 1024)
#define FBC_STEP_PAGES  16

/* Shadow pages a domain may own, dom0's leftover mappings included. */
#define FBC_MAX_PAGES   (3 * (21u << 20 >> PAGE_SHIFT))

/* Frames that maps of others are redirected from. */
enum { FBC_REDIR_STORE, FBC_REDIR_VFB, FBC_REDIR_KBD, FBC_REDIRS };

enum fbc_vfb_state {
    FBC_VFB_NONE,
    FBC_VFB_LATCH,              /* arming: copy what the guest published */
    FBC_VFB_PAGES,              /* arming: take references, allocate */
    FBC_VFB_GRANTS,             /* arming: does dom0 map one already? */
    FBC_VFB_UNDO,               /* refused: give back what is held */
    FBC_VFB_REFUSED,
    FBC_VFB_UP,
};

/* Frames of the guest's framebuffer; read under RCU by the grant hook. */
struct fbc_frames {
    struct rcu_head rcu;
    unsigned int nr;
    uint64_t *sorted;           /* the nr_sorted that dom0 must not get */
    unsigned int nr_sorted;
    mfn_t mfn[];
};

struct fbc_vfb {
    enum fbc_vfb_state state;
    enum fbc_err reason;
    evtchn_port_t port;         /* 0: closed; written without the lock, too */

    struct page_info *info;     /* guest's, reference held */
    void *info_va;
    struct fbc_fbif fb;
    struct fbc_geom geom;

    struct fbc_frames *guest;   /* fb.pages frames, the first nr referenced */
    unsigned int dirs_done, unmapped;
    grant_ref_t grants_done;
    const uint8_t *guest_va;

    mfn_t *shadow;              /* pixels, then directories, then info page */
    unsigned int pixel_pages, shadow_pages;
    unsigned int shadow_held;
    uint8_t *shadow_va;         /* pixels */
    void *s_info_va;

    struct fbc_fbring ring;
    bool resize_due;            /* tell dom0 first of all */
    struct fbc_shadow *engine;
    uint8_t *vec, *dirty;
    unsigned int meta_tiles;    /* room in vec and dirty */
};

struct fbc_kbd {
    struct page_info *page;     /* guest's, reference held, or NULL */
    void *va;
    evtchn_port_t port;         /* 0: closed; written without the lock, too */
    struct page_info *shadow;   /* from the first time on */
    void *shadow_va;
    grant_ref_t ref;            /* by which the guest grants its page, too */
    struct fbc_kbdring ring;
};

/* What the guest is told of store and console; frames as it names them. */
struct fbc_start {
    uint64_t store, console;
    evtchn_port_t port;         /* the store's */
};

struct fbc_measure;

struct fbcrypt {
    struct domain *d;
    spinlock_t lock;
    bool locked;                /* set once, before the first unpause; read
                                   without the lock */
    bool settled;               /* the store's page is known, too */
    bool dying;
    uint8_t uuid[FBC_UUID_LEN]; /* at creation */

    struct {                    /* account.c, between its calls */
        struct page_info *last; /* looked at; referenced */
        long others;            /* references that are not the guest's */
        s_time_t since;
    } account;
    unsigned long pvh_checked;  /* frames of its p2m that are ordinary */
    s_time_t unpause_time;      /* of the first unpause's checks */
    s_time_t longest_step;      /* of them, not preemptible */

    struct {                    /* launch.c; does not change once it is known */
        uint32_t state;         /* enum fbc_launch_state; read without lock */
        uint8_t digest[FBC_HASH_LEN];   /* 0 unless that is 0 */
        uint8_t *log;
        size_t len;
        uint64_t most;          /* bytes that were hashed in one step */
        struct fbc_measure *work;
    } launch;

    /* XenStore page: shadow exists from creation, the rest from unpause. */
    struct page_info *store_shadow;
    void *store_shadow_va;
    mfn_t store_granted;        /* frame dom0 mapped through grant 1 */
    struct page_info *store;
    void *store_va;
    struct fbc_start start;     /* read at the first unpause */
    mfn_t console;              /* shared with xenconsoled by grant 0 */
    struct fbc_xsring xs;
    bool told_refused;

    struct {
        bool have_page, have_port;
        uint64_t page;
        uint64_t port;
    } dev[FBC_XS_DEVS];

    struct fbc_vfb vfb;
    struct fbc_kbd kbd;
    struct fbc_inputbox input;

    /* Read without the lock; written with it, shadow before real. */
    struct {
        unsigned long real, shadow;
    } redir[FBC_REDIRS];
    struct fbc_frames *frames;  /* RCU: vfb.guest while the shadow is up */

    bool keyed;
    bool bound;                 /* the key asked for this launch digest */
    uint8_t session[FBC_KEY_LEN];
    uint32_t epoch;
    s_time_t epoch_start;
    bool epoch_due;             /* randomness was lacking: try again */
    struct fbc_pace pace;
    uint64_t pass_cycles;       /* cycles when the pass began */
    uint64_t seq;

    struct timer timer;         /* heartbeat.c */
    struct tasklet tasklet;
    uint16_t refresh_ms;        /* the owner's wish, 0: none */

    uint64_t events, bad_events, cycles;
    atomic_t redirected, denied;
};

/*
 * options.c: must the IOMMU keep dom0's devices from guests' memory?  Must
 * firmware overwrite memory at a reset, or no key is kept?  May dom0 type into
 * guests that have no key yet?  Are bands coded?  Which options are there that
 * let dom0 at guests; or devices, past the IOMMU?  A null pointer ends these
 * lists.
 */
extern bool fbc_opt_iommu, fbc_opt_smap, fbc_opt_overwrite;
extern bool fbc_opt_plain_input;
extern bool fbc_opt_console;
#define FBC_OPTS_BARRED 12
extern const char *fbc_opt_barred[], *fbc_opt_dma[];
/* Not only domains whose handle is an owner's? */
bool fbc_protect_all(void);

/* life.c: XEN_FBCRYPT_WHY_* with this handle, or 0: fbcrypt protects it. */
uint32_t fbc_unprotected_why(const struct domain *d,
                             const xen_domain_handle_t handle);

/* memory.c: takes memory from d that it could map as a device's. */
int fbc_memory_permissions(struct domain *d);

/* msix.c: what is read-only by now stays so. */
void fbc_msix_init(void);

/* key.c: the hypervisor's key, and its memory of UUIDs. */
extern uint32_t fbc_vmm_flags;     /* XEN_FBCRYPT_VMM_* */
extern uint8_t fbc_vmm_public[FBC_KEY_LEN], fbc_vmm_hash[FBC_HASH_LEN];
extern enum fbc_aead_id fbc_aead_pixels;
/* Opens a blob for fb: new session key and epoch number.  fb->lock held. */
enum fbc_err fbc_key_accept(struct fbcrypt *fb, const uint8_t *blob,
                            size_t len);
/* The next epoch number of fb's UUID. */
uint32_t fbc_key_next_epoch(const struct fbcrypt *fb);
void fbc_key_forget(struct fbcrypt *fb);

/* entropy.c: have all keys so far come from RDSEED, not only from RDRAND? */
bool fbc_entropy_seeded(void);
/* -ENODEV: the CPU yields nothing at present; another call may succeed. */
int __must_check fbc_entropy(uint8_t out[static 32]);
extern uint64_t fbc_entropy_starved;    /* calls in which RDSEED ran dry */

/* simd.c: vector registers for the current vCPU or a tasklet; no nesting. */
void fbc_simd_begin(void);
void fbc_simd_end(void);

/*
 * pages.c.  guest_page: reference to a page that the guest names; NULL unless
 * it is its ordinary RAM.  alloc: one that belongs to the guest but not to its
 * allowance.  shadow_frame: how dom0 names such a page when it maps it.
 */
struct page_info *fbc_guest_page(struct domain *d, uint64_t frame);
struct page_info *fbc_page_alloc(struct domain *d);
void fbc_page_free(struct page_info *pg);
uint64_t fbc_shadow_frame(const struct domain *d, mfn_t mfn);
/* In a shadow's guest frame number: no guest's physical address is so high. */
#define FBC_SHADOW_GFN (1UL << 39)

/*
 * pvh.c.  frame_mfn: of a page that the guest names; of ordinary RAM only, if
 * it has a p2m.  check: has a guest, which is locked, ordinary memory only in
 * its p2m, and nothing of HVM that gives others a way to it?  0, -EINVAL,
 * -ERESTART; 0 for a PV guest.
 */
bool fbc_is_pvh(const struct domain *d);
mfn_t fbc_frame_mfn(struct domain *d, uint64_t frame);
void fbc_pvh_start(const struct domain *d, struct fbc_start *s);
int fbc_pvh_check(struct fbcrypt *fb);

/* store.c: the frame at va in the first vCPU's tables, which are validated. */
mfn_t fbc_va_to_mfn(const struct domain *d, unsigned long va);

/*
 * events.c: a channel to another domain, or for one.  Who keeps its number asks
 * after that is stored: fbcrypt_evtchn_close() looks for it there.
 */
bool fbc_port_is_open(struct domain *d, evtchn_port_t port);

/* store.c.  fb->lock held. */
int fbc_store_latch(struct fbcrypt *fb);
void fbc_store_unlatch(struct fbcrypt *fb);
/* *reverse is set when the sender of the event should get one, too. */
int fbc_store_pump(struct fbcrypt *fb, bool from_guest, bool *reverse);
void fbc_store_free(struct fbcrypt *fb);

/*
 * kbd.c.  fb->lock held.  publish: the guest says where its page is, or says
 * nonsense.  event: as fbcrypt_evtchn_send(); *reverse is set when the sender
 * should get one, too.  record: a record of sealed input, by hypercall; *port
 * is set when the guest is to get an event on it.
 */
void fbc_kbd_publish(struct fbcrypt *fb, uint64_t frame, uint64_t port);
int fbc_kbd_event(struct fbcrypt *fb, bool from_guest, bool *reverse);
enum fbc_err fbc_kbd_record(struct fbcrypt *fb, const uint8_t *record,
                            evtchn_port_t *port);
void fbc_kbd_free(struct fbcrypt *fb);

/* vfb.c.  fb->lock held.  -ERESTART: more to do, call again. */
static inline bool fbc_vfb_arming(const struct fbcrypt *fb)
{
    return fb->vfb.state == FBC_VFB_LATCH ||
           fb->vfb.state == FBC_VFB_PAGES ||
           fb->vfb.state == FBC_VFB_GRANTS || fb->vfb.state == FBC_VFB_UNDO;
}
void fbc_vfb_arm(struct fbcrypt *fb);
int fbc_vfb_arm_step(struct fbcrypt *fb);
int fbc_vfb_release(struct fbcrypt *fb);         /* vfb_release.c */
void fbc_vfb_free_engine(struct fbc_vfb *v);     /* cleared, if there is one */

/* seal.c.  fb->lock held. */
enum fbc_err fbc_seal_new_epoch(struct fbcrypt *fb);
/*
 * A ring's worth at most, none in a pass or a rest; true when there may be more
 * and the guest waits for room.
 */
bool fbc_seal_take_events(struct fbcrypt *fb);
/* A pass over all that is due begins; the guest has a rest after it. */
void fbc_seal_begin(struct fbcrypt *fb);
/* One step; true when there is more. */
bool fbc_seal_step(struct fbcrypt *fb);
/* The same, of a pass, unless it is the time of a rest. */
bool fbc_seal_pass(struct fbcrypt *fb);
bool fbc_seal_rests(const struct fbcrypt *fb);
/* Tells dom0 what changed; true when something was put on its ring. */
bool fbc_seal_announce(struct fbcrypt *fb);

/* heartbeat.c.  No lock held; stop may be called again. */
void fbc_heartbeat_init(struct fbcrypt *fb);
void fbc_heartbeat_start(struct fbcrypt *fb);
void fbc_heartbeat_stop(struct fbcrypt *fb);
/* Something was drawn, or a record of input came.  fb->lock held. */
void fbc_heartbeat_drawn(struct fbcrypt *fb);
void fbc_heartbeat_record(struct fbcrypt *fb);
/* The next one is at this time.  fb->lock held. */
void fbc_heartbeat_at(struct fbcrypt *fb, s_time_t when);

/*
 * account.c: 0 if nobody but the guest, which is locked, holds a page of its;
 * -EBUSY, -ERESTART.  fb->lock held, dom0's other vCPUs paused.  stop: drop
 * the state between two calls.
 */
int fbc_account(struct fbcrypt *fb);
void fbc_account_stop(struct fbcrypt *fb);

/*
 * launch.c: measures a guest that is locked and settled.  fb->lock held.
 * -ERESTART: call again; 0: it is done, fb->launch.state says how.
 */
int fbc_launch_step(struct fbcrypt *fb);
/* Forgets what it has begun.  The log stays, for whoever reads it. */
void fbc_launch_stop(struct fbcrypt *fb);

/*
 * launch_cpu.c: what of a PV guest's first vCPU is set besides rip, rsp, rsi
 * and CR3, as enum fbc_launch_cpu, or 0; is another one anything but new?  Has
 * a PVH guest's the extended state of a reset?
 */
unsigned int fbc_launch_odd_cpu(const struct vcpu *v);
bool fbc_launch_set_up(const struct vcpu *v);
bool fbc_launch_hvm_fpu(const struct vcpu *v);
/*
 * launch_hvmcpu.c: what of a PVH guest's first vCPU is set besides rip and rbx;
 * of another one that the guest does not set before it starts that one.
 */
unsigned int fbc_launch_odd_hvm_cpu(struct vcpu *v);
unsigned int fbc_launch_odd_hvm_other(struct vcpu *v);

/* vfb.c: is the frame one of fb->frames?  Needs no lock. */
bool fbc_is_vfb_frame(struct fbcrypt *fb, mfn_t mfn);

/*
 * kick.c: evtchn_send() without passing our hook.  No locks held.  back: from
 * the other end of ld's port.
 */
void fbc_kick(struct domain *ld, evtchn_port_t lport);
void fbc_kick_back(struct domain *ld, evtchn_port_t lport);
/* Does such an event pass at present, on this CPU? */
bool fbc_kicking(void);

#endif /* __FBCRYPT_PRIVATE_H__ */
