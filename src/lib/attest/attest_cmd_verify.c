/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-attest verify, explain. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/attest/attest_cmd.h"
#include "lib/base/cli.h"
#include "lib/base/filelock.h"
#include "lib/base/io.h"
#include "lib/base/keyfile.h"
#include "lib/base/outfile.h"
#include "lib/base/secmem.h"
#include "lib/verify/attest_file.h"
#include "lib/verify/attest_report.h"

/* All that is read; large. */
struct inputs {
    struct fbc_evidence evidence;
    struct fbc_host host;
    struct fbc_golden golden[FBC_GOLDEN_MAX];
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    struct fbc_attest attest;
    struct fbc_verdict verdict;
};

/* The verifier's own files: errors here are no verdict on the host. */
static int read_references(const struct fbc_attest_args *a, struct inputs *in,
                           struct fbc_error *e)
{
    size_t i;

    if ( a->nonce )
    {
        if ( fbc_nonce_parse(a->nonce, in->nonce, e) )
            return -1;
        in->attest.nonce = in->nonce;
    }
    if ( a->host )
    {
        if ( fbc_record_read(&fbc_host_record, a->host, &in->host, e) )
            return -1;
        in->attest.host = &in->host;
    }
    for ( i = 0; i < a->goldens; i++ )
        if ( fbc_golden_read(a->golden[i], &in->golden[i], e) )
            return -1;
    in->attest.require_overwrite = a->require_overwrite;
    in->attest.golden = in->golden;
    in->attest.goldens = a->goldens;

    if ( !a->roots )
        return 0;
    if ( fbc_roots_load(a->roots, &in->attest.roots, e) )
        return -1;
    if ( a->expired_ek )
        fbc_roots_allow_expired(in->attest.roots);

    return 0;
}

static int say_no(const char *path, enum fbc_exit status,
                  const struct fbc_verdict *v, struct fbc_error *e)
{
    return fbc_fail_verdict(e, status, path, v);
}

/*
 * Fills the verdict; -1 also when it is no.  The host record is locked once
 * the evidence is here if lock is given: of two that update it at once, none
 * must take its counters back.
 */
static int judge(const struct fbc_attest_args *a, struct inputs *in,
                 int *lock, struct fbc_error *e)
{
    struct fbc_verdict *v = &in->verdict;
    unsigned int line = 0;
    enum fbc_err err;
    uint8_t *text;
    size_t len;

    /* In this order: what is here should be right before one waits. */
    if ( read_references(a, in, e) ||
         fbc_file_read(a->operand, FBC_RECORD_MAX_FILE, &text, &len, e) )
        return -1;
    if ( lock && strcmp(a->host, "-") &&
         (fbc_filelock(a->host, lock, e) ||
          fbc_record_read(&fbc_host_record, a->host, &in->host, e)) )
    {
        fbc_secret_free(text, FBC_RECORD_MAX_FILE + 1);
        return -1;
    }
    err = fbc_record_parse(&fbc_evidence_record, (char *)text, len,
                           &in->evidence, &line);
    fbc_secret_free(text, FBC_RECORD_MAX_FILE + 1);
    if ( err )
    {
        fbc_attest_unreadable(err, line, v);
        return say_no(a->operand, err == FBC_ERR_VERSION ? FBC_EXIT_VERSION
                      : FBC_EXIT_INPUT, v, e);
    }

    in->attest.evidence = &in->evidence;
    fbc_attest_check(&in->attest, v);
    if ( v->ok )
        return 0;
    if ( v->reason )
        return say_no(a->operand, FBC_EXIT_NO, v, e);

    fbc_fail(e, FBC_EXIT_NO, a->operand, "some checks were left out");
    return fbc_hint(e, "give --nonce, --roots, --host and --golden");
}

static int put_key(const struct fbc_attest_args *a, const struct inputs *in,
                   struct fbc_outfile *out, struct fbc_error *e)
{
    char id[FBC_KEYID_TEXT], comment[200];

    if ( fbc_keyid_text(in->evidence.vmm_key, id) )
        return fbc_fail_core(e, a->operand, FBC_ERR_CRYPTO);
    snprintf(comment, sizeof(comment), "# fbcrypt hypervisor public key %s, "
             "attested: %s\n", id, in->host.name);
    if ( fbc_outfile_is_new(a->output, e) ||
         fbc_outfile_open(out, a->output, e) )
        return -1;

    return fbc_keyfile_write(out->fd, out->is_stdout ? "stdout" : a->output,
                             FBC_KEY_VMM_PUBLIC, in->evidence.vmm_key,
                             comment, e) ||
           fbc_outfile_sync(out, e) ? -1 : 0;
}

/* Writes all but the names; nothing is used up by what cannot be written. */
static int prepare(const struct fbc_attest_args *a, struct inputs *in,
                   struct fbc_outfile *record, struct fbc_outfile *key,
                   struct fbc_error *e)
{
    if ( a->update )
    {
        fbc_host_update(&in->host, &in->evidence, &in->verdict);
        if ( fbc_record_put(&fbc_host_record, &in->host,
                            "# fbcrypt host record\n", a->host, record, e) )
            return -1;
    }

    return a->json && !strcmp(a->output, "-") ? 0 : put_key(a, in, key, e);
}

static void say_news(const struct inputs *in)
{
    const struct fbc_verdict *v = &in->verdict;

    if ( v->new_boot )
        fbc_cli_warn("%s: has booted since the last quote accepted",
                     in->host.name);
    if ( v->new_key )
        fbc_cli_warn("%s: its hypervisor key has changed", in->host.name);
    if ( !v->overwrites )
        fbc_cli_warn("%s: its memory outlives a reset", in->host.name);
    fbc_cli_say("%s: golden values: %s", in->host.name, v->golden->name);
}

int fbc_cmd_verify(const struct fbc_attest_args *args, struct fbc_error *e)
{
    struct inputs *in = calloc(1, sizeof(*in));
    struct fbc_attest_args copy = *args, *a = &copy;
    /* Until there are files: nothing to be named. */
    struct fbc_outfile record = { .is_stdout = true }, key = record;
    char host[PATH_MAX];
    int rc, lock = -1;

    if ( !in )
        return fbc_fail_core(e, a->operand, FBC_ERR_NOMEM);

    /* A link stays one: locked and replaced is what it leads to. */
    if ( a->update && strcmp(a->host, "-") && realpath(a->host, host) )
        a->host = host;
    rc = judge(a, in, a->update ? &lock : NULL, e);
    if ( !rc )
        rc = prepare(a, in, &record, &key, e);
    in->verdict.ok = !rc;
    if ( a->json )
        fbc_attest_json(stdout, &in->attest, &in->verdict, rc ? e : NULL);
    /* What was accepted once must be remembered before it is of use. */
    if ( !rc )
        rc = fbc_cli_flush(e) || fbc_outfile_commit(&record, true, e) ||
             fbc_outfile_commit(&key, false, e) ? -1 : 0;
    if ( rc )
    {
        fbc_outfile_abort(&record);
        fbc_outfile_abort(&key);
    }
    if ( lock >= 0 )
        close(lock);
    if ( !rc )
        say_news(in);
    fbc_roots_free(in->attest.roots);
    free(in);

    return rc;
}

int fbc_cmd_explain(const struct fbc_attest_args *a, struct fbc_error *e)
{
    struct inputs *in = calloc(1, sizeof(*in));
    int rc;

    if ( !in )
        return fbc_fail_core(e, a->operand, FBC_ERR_NOMEM);

    rc = judge(a, in, NULL, e);
    if ( a->json )
        fbc_attest_json(stdout, &in->attest, &in->verdict, rc ? e : NULL);
    /* When something was looked at, the explanation says it all. */
    if ( in->verdict.check[FBC_CHECK_EVIDENCE].answer != FBC_NOT_CHECKED )
    {
        if ( !a->json )
            fbc_attest_explain(stdout, &in->verdict);
        if ( rc )
            rc = (int)e->status;
    }
    fbc_roots_free(in->attest.roots);
    free(in);

    return rc;
}
