/* SPDX-License-Identifier: MIT */
/*
 * fbcrypt.h
 *
 * Guest-visible interface of the encrypted framebuffer: hypercall 43,
 * fbcrypt_op(cmd, arg).  Issued by the control domain; nothing that passes
 * through it is secret from, or trusted by, that domain.
 *
 * Returns 0 or -errno:
 *   -EPERM   caller is not the control domain
 *   -ENOSYS  unknown cmd (or a hypervisor without fbcrypt)
 *   -EILSEQ  abi_version is not ours; the hypervisor's is written back
 *   -ESRCH   no such domain
 *   -EOPNOTSUPP  the domain is not protected; get_status, which never says
 *            this, tells why
 *   -EACCES  blob or record was refused; see its result
 *   -EINVAL  pad is not 0
 *   -EFAULT  arg cannot be read or written
 */
#ifndef __XEN_PUBLIC_FBCRYPT_H__
#define __XEN_PUBLIC_FBCRYPT_H__

#ifdef __XEN__
#include "xen.h"
#endif

#define XEN_FBCRYPT_ABI_VERSION 3

#ifndef __HYPERVISOR_fbcrypt_op
#define __HYPERVISOR_fbcrypt_op 43
#endif

#define XEN_FBCRYPT_get_vmm     0   /* struct xen_fbcrypt_vmm */
#define XEN_FBCRYPT_set_key     1   /* struct xen_fbcrypt_setkey */
#define XEN_FBCRYPT_get_status  2   /* struct xen_fbcrypt_status */
#define XEN_FBCRYPT_send_input  3   /* struct xen_fbcrypt_input */
#define XEN_FBCRYPT_get_launch  4   /* struct xen_fbcrypt_launch */

/* Every structure starts with it. */
struct xen_fbcrypt_head {
    uint32_t abi_version;           /* IN/OUT */
    uint16_t domid;                 /* IN: DOMID_SELF for get_vmm */
    uint16_t pad;                   /* IN: 0 */
};
typedef struct xen_fbcrypt_head xen_fbcrypt_head_t;

struct xen_fbcrypt_vmm {
    uint32_t abi_version;
    uint16_t domid;
    uint16_t pad;
    uint32_t flags;                 /* OUT: XEN_FBCRYPT_VMM_* */
#define XEN_FBCRYPT_VMM_ARMED     (1u << 0) /* has a key; protects domains */
#define XEN_FBCRYPT_VMM_ATTESTED  (1u << 1) /* key is bound into PCR 12 */
#define XEN_FBCRYPT_VMM_SEALED    (1u << 2) /* key comes from the TPM */
#define XEN_FBCRYPT_VMM_RDSEED    (1u << 3) /* entropy: RDSEED, else RDRAND */
#define XEN_FBCRYPT_VMM_OVERWRITES (1u << 4) /* firmware overwrites memory at a
                                                reset, whoever causes it */
    uint32_t aead;                  /* OUT: id used for pixels, 2 or 3 */
    uint32_t domains;               /* OUT: protected domains alive */
    uint8_t public_key[32];         /* OUT: X25519 */
    uint32_t pad2;
    uint64_t rdseed_starved;        /* OUT: draws that RDRAND served, as
                                       RDSEED had too little */
};
typedef struct xen_fbcrypt_vmm xen_fbcrypt_vmm_t;

#define XEN_FBCRYPT_BLOB_MAX 240

struct xen_fbcrypt_setkey {
    uint32_t abi_version;
    uint16_t domid;
    uint16_t pad;
    uint32_t result;                /* OUT: enum fbc_err of src/core/fbc.h */
    uint32_t epoch;                 /* OUT: the new epoch */
    uint32_t blob_len;              /* IN: bytes */
    uint32_t pad2;
    uint8_t blob[XEN_FBCRYPT_BLOB_MAX];     /* IN */
};
typedef struct xen_fbcrypt_setkey xen_fbcrypt_setkey_t;

struct xen_fbcrypt_status {
    uint32_t abi_version;
    uint16_t domid;
    uint16_t pad;
    uint32_t state;                 /* OUT: XEN_FBCRYPT_STATE_* */
#define XEN_FBCRYPT_STATE_BUILDING 0 /* before first unpause */
#define XEN_FBCRYPT_STATE_NO_VFB   1 /* running, no framebuffer found (yet) */
#define XEN_FBCRYPT_STATE_BLACK    2 /* shadow is up, no key: black */
#define XEN_FBCRYPT_STATE_SEALED   3 /* shadow is up and keyed */
#define XEN_FBCRYPT_STATE_REFUSED  4 /* framebuffer refused, see reason */
#define XEN_FBCRYPT_STATE_DYING    5
#define XEN_FBCRYPT_STATE_UNPROTECTED 6 /* only state and reason are set */
    uint32_t reason;                /* OUT: enum fbc_err; if unprotected: */
#define XEN_FBCRYPT_WHY_OFF        1 /* fbcrypt=off */
#define XEN_FBCRYPT_WHY_CONTROL    2 /* a control or hardware domain */
#define XEN_FBCRYPT_WHY_TYPE       3 /* neither PV nor PVH */
#define XEN_FBCRYPT_WHY_HANDLE     4 /* its handle is no owner's */
    uint32_t aead;                  /* OUT: 0 while not keyed */
    uint32_t epoch;                 /* OUT */
    uint32_t keyed;                 /* OUT: 1 when a session key is held */
    uint32_t width, height;         /* OUT: pixels of the guest's screen */
    uint32_t line_length;           /* OUT: bytes */
    uint32_t shadow_width, shadow_height;   /* OUT: pixels */
    uint32_t tiles;                 /* OUT */
    uint32_t shadow_pages;          /* OUT: hold any size that fits into the
                                       guest's framebuffer memory */
    uint32_t pages;                 /* OUT: all pages that Xen holds for it */
    uint32_t heap_bytes;            /* OUT: other memory of the hypervisor, but
                                       for the launch log */
    uint32_t input_mode;            /* OUT: what reaches the guest */
#define XEN_FBCRYPT_INPUT_CLOSED   0 /* nothing: there is no key */
#define XEN_FBCRYPT_INPUT_PLAIN    1 /* what dom0 sends */
#define XEN_FBCRYPT_INPUT_SEALED   2 /* what the tenant sealed */
    uint32_t bound;                 /* OUT: 1 when the session key was sealed
                                       to the guest's launch digest */
    uint32_t launch_step_bytes;     /* OUT: most bytes hashed in one step of
                                       measuring the guest */
    uint32_t pad2;                  /* OUT: 0 */
    uint64_t unpause_ns;            /* OUT: time of checks at first unpause */
    uint64_t unpause_step_ns;       /* OUT: the longest step of it, which
                                       nothing preempts */
    uint8_t uuid[16];               /* OUT */
    uint8_t key_id[8];              /* OUT */
    uint8_t salt[32];               /* OUT: of the epoch, public */
    uint64_t seq;                   /* OUT: last blob sequence number */
    uint64_t counter;               /* OUT: last sealing counter used */
    /* OUT: counters since creation */
    uint64_t events;                /* update events from the guest */
    uint64_t bad_events;            /* of them malformed or out of range */
    uint64_t input_events;          /* keys and pointer, given to the guest */
    uint64_t bad_input;             /* out of range, or senseless indices */
    uint64_t input_records;         /* sealed records taken */
    uint64_t input_refused;         /* wrong tag, counter or form */
    uint64_t input_full;            /* the guest had no room for them */
    uint64_t input_discarded;       /* dom0's events, not given to the guest */
    uint64_t tiles_sealed;
    uint64_t bytes_sealed;          /* 24-bit pixel bytes */
    uint64_t seal_cycles;           /* TSC cycles spent packing and sealing;
                                       0 where that depends on what is there */
    uint64_t manifests;
    uint64_t max_step_bytes;        /* most 32-bit pixel bytes in one step */
    uint64_t maps_redirected;       /* foreign maps given the shadow */
    uint64_t maps_denied;
};
typedef struct xen_fbcrypt_status xen_fbcrypt_status_t;

#define XEN_FBCRYPT_RECORD_LEN 16

/* dom0 may know whether a record was taken; what it says, it does not. */
struct xen_fbcrypt_input {
    uint32_t abi_version;
    uint16_t domid;
    uint16_t pad;
    uint32_t result;                /* OUT: enum fbc_err */
    uint8_t record[XEN_FBCRYPT_RECORD_LEN]; /* IN: of sealed input */
};
typedef struct xen_fbcrypt_input xen_fbcrypt_input_t;

#define XEN_FBCRYPT_LAUNCH_CHUNK 4032

/* After it: room for XEN_FBCRYPT_LAUNCH_CHUNK bytes of the log. */
struct xen_fbcrypt_launch {
    uint32_t abi_version;
    uint16_t domid;
    uint16_t pad;
    uint32_t offset;                /* IN: of the first byte that is wanted */
    uint32_t state;                 /* OUT: enum fbc_launch_state of
                                       src/core/launch.h; 0: measured */
    uint32_t log_len;               /* OUT: of the whole log */
    uint32_t chunk;                 /* OUT: bytes of it that follow */
    uint8_t digest[32];             /* OUT: 0 unless state is 0 */
};
typedef struct xen_fbcrypt_launch xen_fbcrypt_launch_t;

#ifdef __XEN__
DEFINE_XEN_GUEST_HANDLE(xen_fbcrypt_head_t);
DEFINE_XEN_GUEST_HANDLE(xen_fbcrypt_vmm_t);
DEFINE_XEN_GUEST_HANDLE(xen_fbcrypt_setkey_t);
DEFINE_XEN_GUEST_HANDLE(xen_fbcrypt_status_t);
DEFINE_XEN_GUEST_HANDLE(xen_fbcrypt_input_t);
DEFINE_XEN_GUEST_HANDLE(xen_fbcrypt_launch_t);
#endif

#endif /* __XEN_PUBLIC_FBCRYPT_H__ */
