/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers of the key server. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/keyserver/keyserver_int.h"

void fbc_ks_text(struct fbc_ks_request *r, unsigned int status, char *text,
                 size_t len)
{
    free(r->text);
    r->status = status;
    r->retry = 0;
    r->text = text;
    r->text_len = len;
}

void fbc_ks_record(struct fbc_ks_request *r, const struct fbc_record *rec,
                   const void *in)
{
    char *text = malloc(FBC_RECORD_MAX_FILE), *shrunk;
    size_t n = text ? fbc_record_encode(rec, in, text, FBC_RECORD_MAX_FILE)
               : 0;

    if ( !n )
    {
        free(text);
        fbc_ks_text(r, 500, NULL, 0);
        return;
    }
    shrunk = realloc(text, n);
    fbc_ks_text(r, 200, shrunk ? shrunk : text, n);
}

void fbc_ks_refuse(struct fbc_ks_request *r, unsigned int status,
                   const char *reason, const char *text)
{
    struct fbc_refusal f;

    memset(&f, 0, sizeof(f));
    snprintf(f.reason, sizeof(f.reason), "%s", reason);
    snprintf(f.text, sizeof(f.text), "%s", text);
    fbc_ks_record(r, &fbc_refusal_record, &f);
    if ( r->status == 200 )
        r->status = status;
}

void fbc_ks_deny(struct fbc_ks_request *r, enum fbc_denial d)
{
    fbc_ks_refuse(r, fbc_denial_status(d), fbc_denial_name(d),
                  fbc_denial_text(d));
    if ( d == FBC_DENIAL_RATE || d == FBC_DENIAL_BUSY ||
         d == FBC_DENIAL_STOPPING )
        r->retry = 1;
}
