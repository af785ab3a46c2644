/* SPDX-License-Identifier: GPL-2.0-only */
/* The methods of fbc-dumpvfb. */
#include "lib/intruder/method_table.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>

#include "lib/base/io.h"
#include "lib/base/json.h"
#include "lib/base/outfile.h"

const struct fbc_method fbc_methods[FBC_METHODS_MAX] = {
    /* First of all: it may start the guest. */
    { "preseed", "grants made in a guest's name before it has started",
      fbc_method_preseed, true, false },
    { "foreign", "foreign map of the frames in the page directory, as QEMU",
      fbc_method_foreign, false, false },
    { "pages", "foreign map of every frame of the machine",
      fbc_method_pages, true, false },
    { "misname", "the same frames, said to be dom0's, Xen's or a device's",
      fbc_method_misname, false, false },
    { "va-map", "page table entry set by update_va_mapping_otherdomain",
      fbc_method_va, false, false },
    { "copy-page", "MMUEXT_COPY_PAGE onto the console's page",
      fbc_method_copypage, false, false },
    { "grants", "map of every page that the guest grants to dom0",
      fbc_method_grants, true, false },
    { "grant-forge", "entry forged in the guest's grant table, then mapped",
      fbc_method_forge, false, false },
    { "grant-copy", "the same entry, read by grant copy",
      fbc_method_forgecopy, false, false },
    { "grant-setup", "the grant table's frame asked for, mapped and forged in",
      fbc_method_setuptable, false, false },
    { "helper-domain", "frames given to a domain of dom0's own as a device's",
      fbc_method_helper, false, false },
    { "third-party-table", "frames put into such a domain's page tables",
      fbc_method_table, false, false },
    { "keyboard", "foreign map of the keyboard's page, as QEMU",
      fbc_method_keyboard, true, false },
    { "input", "recording of the events that pass there, for --time seconds",
      fbc_method_input, true, false },
    { "dump-core", "core image as of xl dump-core",
      fbc_method_dumpcore, true, false },
    { "save", "image as of xl save, the guest suspended meanwhile",
      fbc_method_save, true, false },
    { "qemu", "memory of the guest's QEMU process",
      fbc_method_qemu, true, false },
    { "vnc", "picture from QEMU's VNC server",
      fbc_method_vnc, false, false },
    { "vcpu", "registers, by getvcpucontext",
      fbc_method_vcpu, true, false },
    { "vcpu-ext", "vector registers, by getvcpuextstate",
      fbc_method_vcpuext, true, false },
    { "gdbsx", "guest memory by the hypervisor's debugger stub",
      fbc_method_gdbsx, true, false },
    { "debug-keys", "registers and stack in Xen's log, by debug key d",
      fbc_method_debugkeys, true, false },
    { "exchange", "the framebuffer's page exchanged for another",
      fbc_method_exchange, true, true },
    { "recycled-keyboard", "the keyboard's page after the keyboard is gone",
      fbc_method_recycled, true, true },
};

static const struct fbc_method *find(const char *name, size_t len)
{
    const struct fbc_method *m;

    for ( m = fbc_methods; m->name; m++ )
        if ( strlen(m->name) == len && !memcmp(m->name, name, len) )
            return m;

    return NULL;
}

const struct fbc_method *fbc_method_find(const char *name)
{
    return find(name, strlen(name));
}

size_t fbc_methods_unknown(const char *names, const char **bad)
{
    for ( ; ; names++ )
    {
        size_t len = strcspn(names, ",");

        *bad = names;
        if ( !find(names, len) )
            return len ? len : 1;
        names += len;
        if ( !*names )
            return 0;
    }
}

static bool planned(const struct fbc_methods_plan *plan,
                    const struct fbc_method *m)
{
    const char *name = plan->methods;

    while ( name )
    {
        if ( find(name, strcspn(name, ",")) == m )
            return true;
        name = strchr(name, ',');
        name += !!name;
    }

    return !plan->methods;
}

const char *fbc_method_result_name(enum fbc_method_result result)
{
    static const char *const names[] = {
        [FBC_METHOD_NOTHING] = "nothing",
        [FBC_METHOD_FRAMES] = "frames",
        [FBC_METHOD_DENIED] = "denied",
        [FBC_METHOD_UNAVAILABLE] = "unavailable",
    };

    return names[result];
}

/* What is ignored is not blocked: it would wait, too, and end a method. */
static void what_ends_us(sigset_t *set)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction old;
    size_t i;

    for ( i = 0; i < sizeof(signals) / sizeof(signals[0]); i++ )
        if ( !sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN )
            sigaddset(set, signals[i]);
}

/*
 * A signal in the middle would leave a guest paused or suspended, or a domain
 * that nobody knows of.
 */
int fbc_method_execute(const struct fbc_method *m, struct fbc_victim *t,
                       int fd, struct fbc_method_run *r, struct fbc_error *e)
{
    sigset_t stops, old;

    memset(r, 0, sizeof(*r));
    r->t = t;
    r->fd = fd;
    fbc_victim_look(t);

    sigemptyset(&stops);
    if ( m->run != fbc_method_input )
        what_ends_us(&stops);
    sigprocmask(SIG_BLOCK, &stops, &old);
    m->run(r);
    sigprocmask(SIG_SETMASK, &old, NULL);
    fbc_frame_out_end(&r->out);

    if ( !r->failed )
        return 0;
    *e = r->e;
    return -1;
}

/* A method's file is kept only if something is in it. */
static int try_one(const struct fbc_methods_plan *plan, struct fbc_victim *t,
                   struct fbc_method_report *rep, struct fbc_error *e)
{
    const struct fbc_method *m = rep->method;
    char path[PATH_MAX];
    struct fbc_outfile o;

    if ( m->destructive && !plan->destructive && !plan->methods )
    {
        fbc_method_say(&rep->run, FBC_METHOD_NOTHING,
                       "not tried without --destructive");
        return 0;
    }
    if ( !plan->save )
        return fbc_method_execute(m, t, -1, &rep->run, e);

    snprintf(path, sizeof(path), "%s/%s.%s", plan->save, m->name,
             m->memory ? "raw" : "frames");
    if ( fbc_outfile_open(&o, path, e) )
        return -1;
    if ( fbc_method_execute(m, t, o.fd, &rep->run, e) ||
         rep->run.result != FBC_METHOD_FRAMES )
    {
        fbc_outfile_abort(&o);
        return rep->run.failed ? -1 : 0;
    }

    return fbc_outfile_commit(&o, true, e);
}

int fbc_methods_all(const struct fbc_methods_plan *plan,
                    struct fbc_method_report report[static FBC_METHODS_MAX],
                    size_t *nr, struct fbc_error *e)
{
    const volatile int *stop = fbc_catch_stop();
    struct fbc_victim *t = fbc_victim_open(plan->domain, e);
    const struct fbc_method *m;
    int rc = 0;

    *nr = 0;
    if ( !t )
        return -1;
    t->raw = plan->raw;
    t->seconds = plan->seconds;
    for ( m = fbc_methods; m->name; m++ )
    {
        struct fbc_method_report *rep = &report[*nr];

        if ( !planned(plan, m) )
            continue;
        if ( *stop )
            rc = fbc_fail(e, FBC_EXIT_NO, plan->domain, "interrupted");
        if ( rc )
            break;
        memset(rep, 0, sizeof(*rep));
        rep->method = m;
        rc = try_one(plan, t, rep, e);
        ++*nr;
        if ( !rc && plan->done )
            plan->done(rep);
    }
    fbc_victim_close(t);

    return rc;
}

size_t fbc_methods_obtained(const struct fbc_method_report *report,
                            size_t nr)
{
    size_t i, n = 0;

    for ( i = 0; i < nr; i++ )
        n += report[i].run.result == FBC_METHOD_FRAMES;

    return n;
}

void fbc_methods_json(FILE *f, const char *domain,
                      const struct fbc_method_report *report, size_t nr,
                      const struct fbc_error *e)
{
    struct fbc_json j;
    size_t i;

    fbc_json_begin(&j, f, "fbcrypt/methods/1", !e);
    fbc_json_str(&j, "domain", domain);
    fbc_json_uint(&j, "tried", nr);
    fbc_json_uint(&j, "obtained", fbc_methods_obtained(report, nr));
    fbc_json_open(&j, "methods", '[');
    for ( i = 0; i < nr; i++ )
    {
        const struct fbc_method_run *r = &report[i].run;

        fbc_json_open(&j, NULL, '{');
        fbc_json_str(&j, "name", report[i].method->name);
        fbc_json_str(&j, "result", fbc_method_result_name(r->result));
        fbc_json_str(&j, "errno", r->err ? strerrorname_np(r->err) : NULL);
        fbc_json_uint(&j, "frames", r->frames);
        fbc_json_uint(&j, "bytes", r->bytes);
        fbc_json_str(&j, "detail", r->detail);
        fbc_json_close(&j, '}');
    }
    fbc_json_close(&j, ']');
    fbc_json_error(&j, e);
    fbc_json_end(&j);
}
