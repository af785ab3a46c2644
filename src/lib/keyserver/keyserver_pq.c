/* SPDX-License-Identifier: GPL-2.0-only */
/* PostgreSQL's client library, loaded on demand. */
#include "lib/keyserver/keyserver_pq.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libpq.so.5"

static const struct {
    const char *name;
    size_t member;
} functions[] = {
#define FUNCTION(function) { #function, offsetof(struct fbc_pq, function) },
    FBC_PQ_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

static int fail_load(struct fbc_error *e, const char *why)
{
    const char *message = dlerror();

    fbc_fail(e, FBC_EXIT_ENV, LIBRARY, "%s: %s", why,
             message ? message : "no reason is known");

    return fbc_hint(e, "apt-get install libpq5");
}

static int load(struct fbc_pq *pq, struct fbc_error *e)
{
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL), *function;
    size_t i;

    if ( !handle )
        return fail_load(e, "cannot be loaded");
    for ( i = 0; i < sizeof(functions) / sizeof(functions[0]); i++ )
    {
        function = dlsym(handle, functions[i].name);
        if ( !function )
            return fail_load(e, "is too old");
        memcpy((char *)pq + functions[i].member, &function,
               sizeof(function));
    }

    return 0;
}

const struct fbc_pq *fbc_pq_load(struct fbc_error *e)
{
    static struct fbc_pq pq;
    static bool loaded;

    if ( !loaded && load(&pq, e) )
        return NULL;
    loaded = true;

    return &pq;
}
