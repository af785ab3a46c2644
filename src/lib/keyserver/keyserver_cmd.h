/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of fbc-keyserver.  Each returns an exit status, or -1 with *e
 * filled; the options that it requires are there (src/cmd/fbc-keyserver.c).
 */
#ifndef FBC_LIB_KEYSERVER_CMD_H
#define FBC_LIB_KEYSERVER_CMD_H

#include "lib/keyserver/keyserver.h"
#include "parse/attest/registration.h"

struct fbc_ks_args {
    struct fbc_ks_config config;
    const char *operand;
    const char *admin[FBC_KS_ADMINS_MAX];
    const char *golden[FBC_REG_GOLDENS];
    size_t admins, goldens;
    const char *key, *public, *host, *roots, *revoke, *output;
    const char *server, *cacert, *known;
    unsigned long serial, from;     /* 0: not given */
    bool verify, json;
};

typedef int fbc_ks_cmd(const struct fbc_ks_args *a, struct fbc_error *e);

fbc_ks_cmd fbc_ks_cmd_serve;
fbc_ks_cmd fbc_ks_cmd_keygen;       /* admin-keygen */
fbc_ks_cmd fbc_ks_cmd_sign;
fbc_ks_cmd fbc_ks_cmd_revoke;       /* sign --revoke */
fbc_ks_cmd fbc_ks_cmd_register;
fbc_ks_cmd fbc_ks_cmd_log;
fbc_ks_cmd fbc_ks_cmd_backup;

#endif /* FBC_LIB_KEYSERVER_CMD_H */
