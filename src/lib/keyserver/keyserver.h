/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The key server: an HTTPS service between hosts and clients
 * (fbc-keyserver-formats(5)).  It hands a client's nonce to a host, checks
 * the evidence that comes back and passes both on; nothing that it says needs
 * to be believed.
 */
#ifndef FBC_LIB_KEYSERVER_H
#define FBC_LIB_KEYSERVER_H

#include "lib/keyserver/keyserver_listen.h"

#define FBC_KS_ADMINS_MAX 32

struct fbc_ks_config {
    const char *database;
    const char *listen;             /* fbc_ks_listen() */
    const char *tls_cert, *tls_key; /* PEM files */
    uint8_t admin[FBC_KS_ADMINS_MAX][FBC_KEY_LEN];
    size_t admins;
    unsigned int wait;              /* s, for a host's evidence */
    unsigned int rate_client;       /* requests a second of an address */
    unsigned int rate_host;         /* key requests a second for a host */
    unsigned int connections;       /* at most, in all */
    unsigned int per_client;        /* at most, of an address */
    int metrics;                    /* port of 127.0.0.1; -1: none */
    /* Things of note, one line each; called from any thread.  Or NULL. */
    void (*say)(const char *text);
};

struct fbc_ks_counts {
    uint64_t requests, released, refused, denied;
};

struct fbc_ks;

/*
 * Opens the database, waiting for a server that is about to stop, and serves
 * in threads of its own from then on.  text: where it listens; metrics: where
 * they are, if they are wanted.
 */
int FBC_MUST_CHECK fbc_ks_start(const struct fbc_ks_config *c,
                                struct fbc_ks **out,
                                char text[static FBC_KS_LISTEN_TEXT],
                                char metrics[static FBC_KS_LISTEN_TEXT],
                                struct fbc_error *e);

/*
 * Takes no more connections, lets requests end for some seconds, tells the
 * others to ask again, and frees everything.
 */
void fbc_ks_stop(struct fbc_ks *ks, struct fbc_ks_counts *counts);

#endif /* FBC_LIB_KEYSERVER_H */
