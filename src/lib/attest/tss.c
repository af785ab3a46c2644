/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM2 software stack, loaded on demand. */
#include "lib/attest/tss.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

#define LOG_VARIABLE "TSS2_LOG"

enum library { ESYS, MU, RC, TCTILDR, LIBRARIES };

static const char *const names[LIBRARIES] = {
    [ESYS] = "libtss2-esys.so.0",
    [MU] = "libtss2-mu.so.0",
    [RC] = "libtss2-rc.so.0",
    [TCTILDR] = "libtss2-tctildr.so.0",
};

static const struct {
    enum library library;
    const char *name;
    size_t member;
} functions[] = {
#define FUNCTION(library, function) \
    { library, #function, offsetof(struct fbc_tss, function) },
    FBC_TSS_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

static int fail_load(struct fbc_error *e, const char *what, const char *why)
{
    const char *message = dlerror();

    fbc_fail(e, FBC_EXIT_ENV, what, "%s: %s", why,
             message ? message : "no reason is known");

    /* Names of the libraries' own packages change. */
    return fbc_hint(e, "apt-get install tpm2-tools, which comes with all of "
                    "libtss2");
}

static int load(struct fbc_tss *tss, struct fbc_error *e)
{
    void *handle[LIBRARIES], *function;
    size_t i;

    for ( i = 0; i < LIBRARIES; i++ )
    {
        handle[i] = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if ( !handle[i] )
            return fail_load(e, names[i], "cannot be loaded");
    }
    for ( i = 0; i < sizeof(functions) / sizeof(functions[0]); i++ )
    {
        function = dlsym(handle[functions[i].library], functions[i].name);
        if ( !function )
            return fail_load(e, names[functions[i].library], "is too old");
        memcpy((char *)tss + functions[i].member, &function,
               sizeof(function));
    }

    return 0;
}

const struct fbc_tss *fbc_tss_load(struct fbc_error *e)
{
    static struct fbc_tss tss;
    static bool loaded;

    /* Errors reach the user by return codes. */
    if ( !loaded && setenv(LOG_VARIABLE, "all+none", 0) )
    {
        fbc_fail_errno(e, LOG_VARIABLE);
        return NULL;
    }
    if ( !loaded && load(&tss, e) )
        return NULL;
    loaded = true;

    return &tss;
}
