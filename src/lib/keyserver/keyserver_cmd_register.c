/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-keyserver register: hands a signed record to a server. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/https.h"
#include "lib/base/io.h"
#include "lib/base/secmem.h"
#include "lib/keyserver/keyserver_cmd.h"
#include "lib/verify/attest_file.h"
#include "parse/attest/release.h"

#define SECONDS 30

/* Method and name that the record asks for. */
static int look(const char *path, const char *text, size_t len,
                const char **method, char name[FBC_HOST_NAME_MAX + 1],
                struct fbc_error *e)
{
    struct fbc_registration *r = calloc(1, sizeof(*r));
    unsigned int line = 0;
    struct fbc_revocation rev;
    enum fbc_err err;
    size_t covered;

    if ( !r )
        return fbc_fail_core(e, path, FBC_ERR_NOMEM);
    *method = "DELETE";
    err = fbc_revocation_parse(text, len, &rev, &covered, &line);
    if ( !err )
        strcpy(name, rev.name);
    else if ( err == FBC_ERR_MAGIC || err == FBC_ERR_LENGTH )
    {
        *method = "PUT";
        err = fbc_registration_parse(text, len, r, &covered, &line);
        strcpy(name, err ? "" : r->name);
    }
    free(r);

    return err ? fbc_fail_record(e, path, err, line) : 0;
}

static int judge(const char *server, const struct fbc_https_reply *reply,
                 struct fbc_error *e)
{
    struct fbc_refusal f;

    if ( reply->status == 204 )
        return 0;
    if ( fbc_record_parse(&fbc_refusal_record, reply->body, reply->len, &f,
                          NULL) )
        return fbc_fail(e, FBC_EXIT_INPUT, server,
                        "answers with status %u, not as a key server",
                        reply->status);

    return fbc_fail(e, reply->status >= 500 ? FBC_EXIT_ENV : FBC_EXIT_NO,
                    server, "%s: %.100s", f.reason, f.text);
}

int fbc_ks_cmd_register(const struct fbc_ks_args *a, struct fbc_error *e)
{
    char path[32 + FBC_HOST_NAME_MAX], name[FBC_HOST_NAME_MAX + 1];
    struct fbc_https_request q = { .path = path, .seconds = SECONDS,
                                   .max = FBC_RECORD_MAX_FILE };
    struct fbc_https_reply reply = { 0 };
    struct fbc_https *h = NULL;
    uint8_t *text;
    size_t len;
    int rc;

    if ( fbc_file_read(a->operand, FBC_REGISTRATION_MAX, &text, &len, e) )
        return -1;
    rc = look(a->operand, (char *)text, len, &q.method, name, e);
    if ( !rc )
    {
        snprintf(path, sizeof(path), "/v1/hosts/%s", name);
        q.body = text;
        q.len = len;
        rc = fbc_https_open(&h, a->server, a->cacert, e);
    }
    if ( !rc )
        rc = fbc_https_do(h, &q, &reply, e);
    if ( !rc )
        rc = judge(a->server, &reply, e);
    free(reply.body);
    if ( h )
        fbc_https_close(h);
    fbc_secret_free(text, FBC_REGISTRATION_MAX + 1);

    return rc;
}
