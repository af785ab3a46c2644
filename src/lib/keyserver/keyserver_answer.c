/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers of the key server. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
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

void fbc_ks_release(struct fbc_ks_request *r, const uint8_t *vmm_key,
                    const char *registration, size_t registration_len,
                    const char *evidence, size_t evidence_len)
{
    struct fbc_release *out = calloc(1, sizeof(*out));

    if ( !out )
    {
        fbc_ks_text(r, 500, NULL, 0);
        return;
    }
    strcpy(out->name, r->route.name);
    memcpy(out->vmm_key, vmm_key, FBC_KEY_LEN);
    out->registration.len = (uint16_t)registration_len;
    memcpy(out->registration.data, registration, registration_len);
    out->evidence.len = (uint16_t)evidence_len;
    memcpy(out->evidence.data, evidence, evidence_len);
    fbc_ks_record(r, &fbc_release_record, out);
    free(out);
}

/* Another server decided it, and gave the reason by its name. */
void fbc_ks_deliver(struct fbc_ks_request *r, const struct fbc_ks_outcome *o)
{
    unsigned int i;

    if ( !strcmp(o->reason, "ok") )
    {
        fbc_ks_release(r, o->vmm_key, o->registration, o->registration_len,
                       o->evidence, o->evidence_len);
        return;
    }
    for ( i = 0; i < FBC_DENIALS; i++ )
        if ( !strcmp(o->reason, fbc_denial_name(i)) )
        {
            fbc_ks_deny(r, i);
            return;
        }
    for ( i = 0; i < FBC_REASONS; i++ )
        if ( !strcmp(o->reason, fbc_reason_name(i)) )
        {
            fbc_ks_refuse(r, 403, o->reason, fbc_reason_text(i));
            return;
        }
    fbc_ks_deny(r, FBC_DENIAL_INTERNAL);
}

enum fbc_denial fbc_ks_db_failed(struct fbc_ks *ks, bool lost,
                                 const struct fbc_error *e)
{
    uint64_t now = fbc_clock_ns();
    char text[FBC_KS_SAID];
    bool say;

    snprintf(text, sizeof(text), "%s: %s", e->what, e->why);
    pthread_mutex_lock(&ks->lock);
    ks->metrics.db_errors++;
    say = strcmp(text, ks->said_text) || now - ks->said > FBC_NS_PER_S;
    if ( say )
    {
        ks->said = now;
        strcpy(ks->said_text, text);
    }
    pthread_mutex_unlock(&ks->lock);
    if ( say && ks->config.say )
        ks->config.say(text);

    return lost ? FBC_DENIAL_DATABASE : FBC_DENIAL_INTERNAL;
}

void fbc_ks_deny(struct fbc_ks_request *r, enum fbc_denial d)
{
    fbc_ks_refuse(r, fbc_denial_status(d), fbc_denial_name(d),
                  fbc_denial_text(d));
    if ( d == FBC_DENIAL_RATE || d == FBC_DENIAL_BUSY ||
         d == FBC_DENIAL_STOPPING || d == FBC_DENIAL_DATABASE )
        r->retry = 1;
}
