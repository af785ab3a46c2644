/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PostgreSQL's client library, loaded when a database of its kind is named:
 * whoever uses SQLite needs none of it.
 */
#ifndef FBC_LIB_KEYSERVER_PQ_H
#define FBC_LIB_KEYSERVER_PQ_H

#include <postgresql/libpq-fe.h>

#include "lib/base/fail.h"

#define FBC_PQ_FUNCTIONS(X) \
    X(PQclear) \
    X(PQconnectdbParams) \
    X(PQconninfoFree) \
    X(PQconninfoParse) \
    X(PQconsumeInput) \
    X(PQerrorMessage) \
    X(PQfinish) \
    X(PQfreemem) \
    X(PQgetResult) \
    X(PQgetisnull) \
    X(PQgetlength) \
    X(PQgetvalue) \
    X(PQisBusy) \
    X(PQnotifies) \
    X(PQntuples) \
    X(PQresultErrorField) \
    X(PQresultErrorMessage) \
    X(PQresultStatus) \
    X(PQsendPrepare) \
    X(PQsendQuery) \
    X(PQsendQueryPrepared) \
    X(PQsetNoticeProcessor) \
    X(PQsocket) \
    X(PQstatus)

struct fbc_pq {
#define FBC_PQ_MEMBER(function) __typeof__(function) *function;
    FBC_PQ_FUNCTIONS(FBC_PQ_MEMBER)
#undef FBC_PQ_MEMBER
};

/* The same each time; NULL with *e filled when the library is not there. */
const struct fbc_pq * FBC_MUST_CHECK fbc_pq_load(struct fbc_error *e);

#endif /* FBC_LIB_KEYSERVER_PQ_H */
