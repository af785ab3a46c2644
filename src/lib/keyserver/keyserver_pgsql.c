/* SPDX-License-Identifier: GPL-2.0-only */
/* What the key server says to PostgreSQL. */
#include "lib/keyserver/keyserver_pg.h"

/*
 * Nothing is looked up where others may have put something of the same name.
 * A server that stands still within a transaction keeps the others from
 * writing; the database then ends its connection.  What was committed is on
 * the disk.
 */
const char fbc_pg_session[] =
    "SET search_path TO pg_catalog;"
    "SET statement_timeout = '" FBC_PG_ANSWER_S "s';"
    "SET idle_in_transaction_session_timeout = '5s';"
    "SET client_min_messages = error;"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'";

#define CHANNEL "fbcrypt_waits"

const char *const fbc_pg_sql[FBC_PG_STATEMENTS] = {
    [FBC_PG_GET] = "SELECT serial, resets, restarts, clock, vmm_key, "
        "registration FROM fbcrypt.hosts WHERE name = $1::text",
    [FBC_PG_HAS] = "SELECT 1 FROM fbcrypt.hosts "
        "WHERE name = $1::text AND registration IS NOT NULL",
    [FBC_PG_PUT] = "INSERT INTO fbcrypt.hosts (name, serial, resets, "
        "restarts, clock, vmm_key, registration) VALUES ($1::text, "
        "$2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::bytea, "
        "$7::bytea) ON CONFLICT (name) DO UPDATE SET serial = "
        "EXCLUDED.serial, resets = EXCLUDED.resets, restarts = "
        "EXCLUDED.restarts, clock = EXCLUDED.clock, vmm_key = "
        "EXCLUDED.vmm_key, registration = EXCLUDED.registration",
    [FBC_PG_ACCEPTED] = "UPDATE fbcrypt.hosts SET resets = $2::bigint, "
        "restarts = $3::bigint, clock = $4::bigint, vmm_key = $5::bytea "
        "WHERE name = $1::text",
    [FBC_PG_APPEND] = "INSERT INTO fbcrypt.log (number, line) "
        "VALUES ($1::bigint, $2::text)",
    [FBC_PG_LAST] = "SELECT line FROM fbcrypt.log ORDER BY number DESC "
        "LIMIT 1",
    [FBC_PG_LINES] = "SELECT line FROM fbcrypt.log WHERE number >= $1::bigint "
        "ORDER BY number LIMIT $2::bigint",
    /* Waits: keyserver_waits.c. */
    [FBC_PG_WAIT] = "WITH w AS (INSERT INTO fbcrypt.waits (host, nonce, "
        "server, expires) VALUES ($1::text, $2::bytea, $3::text, "
        "clock_timestamp() + $4::bigint * interval '1 second') "
        "ON CONFLICT DO NOTHING RETURNING host, nonce) SELECT "
        "pg_notify('" CHANNEL "', 'w ' || host || ' ' || "
        "encode(nonce, 'hex')) FROM w",
    [FBC_PG_WAITED] = "SELECT 1 FROM fbcrypt.waits WHERE host = $1::text AND "
        "nonce = $2::bytea AND reason IS NULL AND "
        "expires > clock_timestamp()",
    [FBC_PG_NONCES] = "SELECT nonce FROM fbcrypt.waits WHERE host = $1::text "
        "AND reason IS NULL AND expires > clock_timestamp() GROUP BY nonce "
        "ORDER BY min(id) LIMIT $2::bigint",
    [FBC_PG_CLAIM] = "WITH mine AS (DELETE FROM fbcrypt.waits WHERE "
        "host = $1::text AND nonce = $2::bytea AND server = $3::text), "
        "others AS (UPDATE fbcrypt.waits SET reason = $4::text, "
        "vmm_key = $5::bytea, registration = $6::bytea, "
        "evidence = $7::bytea WHERE host = $1::text AND nonce = $2::bytea "
        "AND server <> $3::text AND reason IS NULL RETURNING server), "
        "told AS (SELECT pg_notify('" CHANNEL "', 'a ' || $1::text || ' ' || "
        "encode($2::bytea, 'hex') || ' ' || server) FROM others) "
        "SELECT count(*) FROM told",
    [FBC_PG_TAKE] = "DELETE FROM fbcrypt.waits WHERE host = $1::text AND "
        "nonce = $2::bytea AND server = $3::text RETURNING reason, vmm_key, "
        "registration, evidence",
    [FBC_PG_ANSWERED] = "SELECT host, nonce FROM fbcrypt.waits WHERE "
        "server = $1::text AND reason IS NOT NULL",
    [FBC_PG_UNANSWERED] = "SELECT host, nonce FROM fbcrypt.waits WHERE "
        "reason IS NULL AND expires > clock_timestamp()",
    [FBC_PG_EXPIRE] = "DELETE FROM fbcrypt.waits WHERE "
        "expires < clock_timestamp()",
};
