/* SPDX-License-Identifier: GPL-2.0-only */
/* The methods of fbc-dumpvfb by name, and the report of one run of them. */
#ifndef FBC_LIB_METHOD_TABLE_H
#define FBC_LIB_METHOD_TABLE_H

#include <stdio.h>

#include "lib/intruder/method.h"

struct fbc_method {
    const char *name, *about;
    void (*run)(struct fbc_method_run *r);
    bool memory;                /* yields memory as it is, not pictures */
    bool destructive;           /* may take something from the guest */
};

#define FBC_METHODS_MAX 32

/* In the order in which they are to be tried; ends with a NULL name. */
extern const struct fbc_method fbc_methods[FBC_METHODS_MAX];

/* NULL: no such method. */
const struct fbc_method *fbc_method_find(const char *name);

/*
 * The length of the first of the names that is no method's, which *bad then
 * points to; 0: all are.
 */
size_t fbc_methods_unknown(const char *names, const char **bad);

/* "frames", "denied", "nothing", "unavailable" */
const char *fbc_method_result_name(enum fbc_method_result result);

/* -1: fd could not be written, or interrupted.  r is filled either way. */
int FBC_MUST_CHECK fbc_method_execute(const struct fbc_method *m,
                                      struct fbc_victim *t, int fd,
                                      struct fbc_method_run *r,
                                      struct fbc_error *e);

struct fbc_method_report {
    const struct fbc_method *method;
    struct fbc_method_run run;
};

struct fbc_methods_plan {
    const char *domain;
    const char *methods;        /* names, commas between them; NULL: all */
    const char *save;           /* directory for what each gets; NULL: none */
    unsigned long seconds;
    bool raw, destructive;
    void (*done)(const struct fbc_method_report *r);    /* after each */
};

/*
 * The methods of the plan, in the order of the table; fills report[0..*nr-1].
 * A destructive one wants plan->destructive, or its name in the plan.  SIGINT
 * and the like end it when the one at work has cleaned up.  FBC_EXIT_NO:
 * interrupted; the errors of fbc_victim_open(), and FBC_EXIT_ENV: a file cannot
 * be written.
 */
int FBC_MUST_CHECK
fbc_methods_all(const struct fbc_methods_plan *plan,
                struct fbc_method_report report[static FBC_METHODS_MAX],
                size_t *nr, struct fbc_error *e);

/* Of these, how many obtained something. */
size_t fbc_methods_obtained(const struct fbc_method_report *report,
                            size_t nr);

/* fbcrypt/methods/1 as fbc-dumpvfb(8) describes it; e NULL: no error. */
void fbc_methods_json(FILE *f, const char *domain,
                      const struct fbc_method_report *report, size_t nr,
                      const struct fbc_error *e);

#endif /* FBC_LIB_METHOD_TABLE_H */
