/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-status: what the hypervisor says about itself and about a domain. */
#include "parse/launch/log.h"
#include "parse/shadow/launched.h"
#include "parse/text/hex.h"
#include "parse/text/keytext.h"
#include "lib/base/cli.h"
#include "lib/base/io.h"
#include "lib/base/json.h"
#include "lib/base/keyfile.h"
#include "lib/dom0/domain.h"
#include "lib/dom0/hypercall.h"

#include <inttypes.h>
#include <unistd.h>

static const char help[] =
    "usage: fbc-status [--json] DOMAIN\n"
    "       fbc-status --launch | --launch-log DOMAIN\n"
    "       fbc-status [--json] --vmm-key\n"
    "\n"
    "Show how a domain's screen is protected.\n"
    "\n"
    "  -j, --json              one JSON object (fbcrypt/status/1)\n"
    "  -k, --vmm-key           print the hypervisor's public key\n"
    "  -l, --launch            print the launch digest; see fbc-launch(1)\n"
    "  -L, --launch-log        write the launch log\n"
    FBC_CLI_HELP;

static const struct option options[] = {
    { "json", no_argument, NULL, 'j' },
    { "vmm-key", no_argument, NULL, 'k' },
    { "launch", no_argument, NULL, 'l' },
    { "launch-log", no_argument, NULL, 'L' },
    FBC_CLI_LONG
};

struct report {
    const char *domain;         /* as named; NULL: --vmm-key */
    uint16_t domid;
    bool have_vmm, have_status;
    char vmm_id[FBC_KEYID_TEXT];
    struct xen_fbcrypt_vmm vmm;
    struct xen_fbcrypt_status st;
    struct xen_fbcrypt_launch launch;
    uint8_t log[FBC_LAUNCHLOG_MAX];
};

/* The numbers of a status, in the order in which they are shown. */
#define NUMBER(f) { #f, offsetof(struct xen_fbcrypt_status, f), \
                    sizeof(((struct xen_fbcrypt_status *)0)->f) }
static const struct { const char *name; size_t offset, size; } numbers[] = {
    NUMBER(epoch), NUMBER(width), NUMBER(height), NUMBER(line_length),
    NUMBER(shadow_width), NUMBER(shadow_height), NUMBER(tiles),
    NUMBER(shadow_pages), NUMBER(pages), NUMBER(heap_bytes),
    NUMBER(unpause_ns), NUMBER(unpause_step_ns), NUMBER(launch_step_bytes),
    NUMBER(seq), NUMBER(counter), NUMBER(events), NUMBER(bad_events),
    NUMBER(input_events), NUMBER(bad_input), NUMBER(input_records),
    NUMBER(input_refused), NUMBER(input_full), NUMBER(input_discarded),
    NUMBER(tiles_sealed), NUMBER(bytes_sealed), NUMBER(seal_cycles),
    NUMBER(manifests), NUMBER(max_step_bytes), NUMBER(maps_redirected),
    NUMBER(maps_denied),
};

static uint64_t number(const struct xen_fbcrypt_status *st, size_t i)
{
    const uint8_t *p = (const uint8_t *)st + numbers[i].offset;

    return numbers[i].size == 8 ? fbc_get64(p) : fbc_get32(p);
}

static const char *state_name(uint32_t state)
{
    switch ( state )
    {
    case XEN_FBCRYPT_STATE_BUILDING: return "building";
    case XEN_FBCRYPT_STATE_NO_VFB:   return "no-framebuffer";
    case XEN_FBCRYPT_STATE_BLACK:    return "black";
    case XEN_FBCRYPT_STATE_SEALED:   return "sealed";
    case XEN_FBCRYPT_STATE_REFUSED:  return "refused";
    case XEN_FBCRYPT_STATE_DYING:    return "dying";
    }

    return "unknown";
}

static const char *aead_name(uint32_t aead)
{
    switch ( aead )
    {
    case 0: return "none";
    case 2: return "AES-256-GCM";
    case 3: return "ChaCha20-Poly1305";
    }

    return "unknown";
}

static const char *input_name(uint32_t mode)
{
    switch ( mode )
    {
    case XEN_FBCRYPT_INPUT_CLOSED: return "closed";
    case XEN_FBCRYPT_INPUT_PLAIN:  return "plain";
    case XEN_FBCRYPT_INPUT_SEALED: return "sealed";
    }

    return "unknown";
}

static int collect(struct report *r, struct fbc_error *e)
{
    struct fbc_hv *hv;
    int rc = -1;

    if ( r->domain && fbc_domain_find(r->domain, &r->domid, e) )
        return -1;
    hv = fbc_hv_open(e);
    if ( !hv )
        return -1;

    if ( fbc_hv_vmm(hv, &r->vmm, e) )
        goto out;
    if ( fbc_keyid_text(r->vmm.public_key, r->vmm_id) )
    {
        fbc_fail_core(e, "hypervisor key", FBC_ERR_CRYPTO);
        goto out;
    }
    r->have_vmm = true;
    if ( r->domain )
    {
        if ( fbc_hv_status(hv, r->domid, r->domain, &r->st, e) )
            goto out;
        if ( fbc_hv_launch(hv, r->domid, r->domain, &r->launch, r->log,
                           sizeof(r->log), e) )
            goto out;
        r->have_status = true;
    }
    else if ( !(r->vmm.flags & XEN_FBCRYPT_VMM_ARMED) )
    {
        fbc_fail(e, FBC_EXIT_NO, "Xen", "hypervisor has no key");
        fbc_hint(e, "xl dmesg tells why");
        goto out;
    }
    rc = 0;

 out:
    fbc_hv_close(hv);
    return rc;
}

static void json_vmm(struct fbc_json *j, const struct xen_fbcrypt_vmm *vmm)
{
    char line[FBC_KEYTEXT_MAX_LINE];

    fbc_json_open(j, "vmm", '{');
    fbc_json_bool(j, "armed", vmm->flags & XEN_FBCRYPT_VMM_ARMED);
    fbc_json_bool(j, "attested", vmm->flags & XEN_FBCRYPT_VMM_ATTESTED);
    fbc_json_bool(j, "sealed", vmm->flags & XEN_FBCRYPT_VMM_SEALED);
    fbc_json_bool(j, "rdseed", vmm->flags & XEN_FBCRYPT_VMM_RDSEED);
    fbc_json_bool(j, "overwrites", vmm->flags & XEN_FBCRYPT_VMM_OVERWRITES);
    fbc_json_str(j, "aead", aead_name(vmm->aead));
    fbc_json_uint(j, "domains", vmm->domains);
    fbc_json_uint(j, "rdseed_starved", vmm->rdseed_starved);
    if ( !(vmm->flags & XEN_FBCRYPT_VMM_ARMED) ||
         fbc_keytext_encode(FBC_KEY_VMM_PUBLIC, vmm->public_key, line) )
        fbc_json_null(j, "key");
    else
    {
        line[strcspn(line, "\n")] = 0;
        fbc_json_str(j, "key", line);
    }
    fbc_json_close(j, '}');
}

/* e NULL: success.  The fields are the same either way. */
static void print_json(const struct report *r, const struct fbc_error *e)
{
    const struct xen_fbcrypt_status *st = r->have_status ? &r->st : NULL;
    char uuid[FBC_UUID_TEXT];
    struct fbc_json j;
    size_t i;

    fbc_json_begin(&j, stdout, "fbcrypt/status/1", !e);
    fbc_json_str(&j, "domain", r->domain);
    if ( st )
    {
        fbc_json_uint(&j, "domid", r->domid);
        fbc_json_str(&j, "state", state_name(st->state));
        fbc_json_str(&j, "reason", st->reason ? fbc_strerror(st->reason)
                     : NULL);
        fbc_json_bool(&j, "keyed", st->keyed);
        fbc_json_str(&j, "aead", aead_name(st->aead));
        fbc_json_str(&j, "input", input_name(st->input_mode));
        fbc_uuid_text(st->uuid, uuid);
        fbc_json_str(&j, "uuid", uuid);
        fbc_json_hex(&j, "key_id", st->key_id, sizeof(st->key_id));
        fbc_json_hex(&j, "salt", st->salt, sizeof(st->salt));
        fbc_json_str(&j, "launch", fbc_launchlog_why(r->launch.state));
        if ( r->launch.state == FBC_LAUNCH_OK )
            fbc_json_hex(&j, "launch_digest", r->launch.digest,
                         sizeof(r->launch.digest));
        else
            fbc_json_null(&j, "launch_digest");
        fbc_json_bool(&j, "launch_checked", st->bound);
    }
    else
    {
        static const char *const names[] = { "domid", "state", "reason",
            "keyed", "aead", "input", "uuid", "key_id", "salt", "launch",
            "launch_digest", "launch_checked" };

        for ( i = 0; i < sizeof(names) / sizeof(names[0]); i++ )
            fbc_json_null(&j, names[i]);
    }
    for ( i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++ )
        if ( st )
            fbc_json_uint(&j, numbers[i].name, number(st, i));
        else
            fbc_json_null(&j, numbers[i].name);
    if ( r->have_vmm )
        json_vmm(&j, &r->vmm);
    else
        fbc_json_null(&j, "vmm");
    fbc_json_error(&j, e);
    fbc_json_end(&j);
}

static void print_text(const struct report *r)
{
    const struct xen_fbcrypt_status *st = &r->st;
    char uuid[FBC_UUID_TEXT], launch[FBC_LAUNCHED_TEXT];
    size_t i;

    fbc_uuid_text(st->uuid, uuid);
    printf("%-16s %s\n%-16s %u\n", "domain", r->domain, "domid", r->domid);
    printf("%-16s %s", "state", state_name(st->state));
    if ( st->reason )
        printf(" (%s)", fbc_strerror(st->reason));
    printf("\n%-16s %s\n", "uuid", uuid);
    if ( r->vmm.flags & XEN_FBCRYPT_VMM_ARMED )
        printf("%-16s %s%s%s%s\n", "vmm_key", r->vmm_id,
               r->vmm.flags & XEN_FBCRYPT_VMM_ATTESTED ? ", attested"
               : ", not attested",
               r->vmm.flags & XEN_FBCRYPT_VMM_SEALED ? ", sealed" : "",
               r->vmm.flags & XEN_FBCRYPT_VMM_OVERWRITES ? ""
               : ", outlives a reset in memory");
    else
        printf("%-16s %s\n", "vmm_key", "none: xl dmesg tells why");
    if ( st->keyed )
    {
        fbc_launched_text(st->bound ? FBC_LAUNCHED_ACCEPTED
                          : FBC_LAUNCHED_ANY, r->launch.digest, launch);
        printf("%-16s %s%s%s\n", "launch", launch, st->bound ? "" : ", ",
               st->bound ? "" : fbc_launchlog_why(r->launch.state));
    }
    else
        printf("%-16s %s\n", "launch", fbc_launchlog_why(r->launch.state));
    printf("%-16s %s\n%-16s %s\n", "keyed", st->keyed ? "yes" : "no",
           "aead", aead_name(st->aead));
    printf("%-16s %s\n", "input", input_name(st->input_mode));
    for ( i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++ )
        printf("%-16s %" PRIu64 "\n", numbers[i].name, number(st, i));
}

static int print_vmm_key(const struct report *r, struct fbc_error *e)
{
    char comment[120];

    snprintf(comment, sizeof(comment),
             "# fbcrypt hypervisor public key %s, %s%s\n", r->vmm_id,
             r->vmm.flags & XEN_FBCRYPT_VMM_ATTESTED ? "attested"
             : "not attested",
             r->vmm.flags & XEN_FBCRYPT_VMM_OVERWRITES ? ""
             : ", outlives a reset in memory");

    return fbc_keyfile_write(STDOUT_FILENO, "stdout", FBC_KEY_VMM_PUBLIC,
                             r->vmm.public_key, comment, e);
}

/* The digest, or the log; what is not measured has a log at most. */
static int print_launch(const struct report *r, bool log, struct fbc_error *e)
{
    char text[2 * FBC_HASH_LEN + 1];

    if ( log && r->launch.log_len )
    {
        if ( fbc_cli_binary_stdout(e) )
            return -1;
        return fbc_write(STDOUT_FILENO, r->log, r->launch.log_len)
               ? fbc_fail_errno(e, "stdout") : 0;
    }
    if ( r->launch.state )
    {
        fbc_fail(e, FBC_EXIT_NO, r->domain, "not measured: %s",
                 fbc_launchlog_why(r->launch.state));
        return log ? -1 : fbc_hint(e, "fbc-status --launch-log %.60s, and "
                                   "fbc-launch show of that, say more",
                                   r->domain);
    }
    if ( log )
        return fbc_fail(e, FBC_EXIT_ENV, r->domain,
                        "the hypervisor had no memory for the log");
    *fbc_hex_write(text, r->launch.digest, FBC_HASH_LEN) = 0;
    printf("%s\n", text);

    return 0;
}

int main(int argc, char **argv)
{
    bool json = false, vmm_key = false, launch = false, log = false;
    static struct report r;
    struct fbc_error e;
    int opt, rc;

    fbc_cli_start("fbc-status", help);
    while ( (opt = getopt_long(argc, argv, ":jklL" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        switch ( opt )
        {
        case 'j': json = true; break;
        case 'k': vmm_key = true; break;
        case 'l': launch = true; break;
        case 'L': log = true; break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    if ( argc - optind != !vmm_key )
        return fbc_cli_usage("DOMAIN", vmm_key ? "not with --vmm-key"
                             : "one domain id or name is needed");

    if ( (launch || log) && (json || vmm_key || (launch && log)) )
        return fbc_cli_usage(log ? "--launch-log" : "--launch",
                             "goes alone");

    r.domain = vmm_key ? NULL : argv[optind];
    rc = collect(&r, &e);
    if ( json )
        print_json(&r, rc ? &e : NULL);
    else if ( !rc && vmm_key )
        rc = print_vmm_key(&r, &e);
    else if ( !rc && (launch || log) )
        rc = print_launch(&r, log, &e);
    else if ( !rc && fbc_cli_verbosity() >= 0 )
        print_text(&r);
    if ( rc )
        return fbc_cli_fail(&e);

    return fbc_cli_finish(vmm_key || launch || log ||
                          r.st.state == XEN_FBCRYPT_STATE_SEALED ||
                          fbc_cli_verbosity() >= 0
                          ? FBC_EXIT_OK : FBC_EXIT_NO);
}
