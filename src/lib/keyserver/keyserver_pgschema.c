/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of the key server in PostgreSQL (fbc-keyserver-formats(5)). */
#include "lib/keyserver/keyserver_pg.h"

/*
 * Only one of several servers that start makes them: who comes later waits for
 * the lock, which goes with the transaction, and finds them.
 */
const char fbc_pg_schema[] =
    "CREATE SCHEMA fbcrypt;"
    "CREATE TABLE fbcrypt.version(number bigint PRIMARY KEY);"
    "INSERT INTO fbcrypt.version VALUES (1);"
    "CREATE TABLE fbcrypt.hosts("
    " name text COLLATE \"C\" PRIMARY KEY, serial bigint NOT NULL,"
    " registration bytea, resets bigint NOT NULL, restarts bigint NOT NULL,"
    " clock bigint NOT NULL, vmm_key bytea) WITH (fillfactor = 80);"
    "CREATE TABLE fbcrypt.log("
    " number bigint PRIMARY KEY CHECK (number > 0),"
    " line text COLLATE \"C\" NOT NULL);"
    "CREATE FUNCTION fbcrypt.append_only() RETURNS trigger"
    " LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;"
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
    " ON fbcrypt.log EXECUTE FUNCTION fbcrypt.append_only();"
    "CREATE UNLOGGED TABLE fbcrypt.waits("
    " id bigint GENERATED ALWAYS AS IDENTITY,"
    " host text COLLATE \"C\" NOT NULL, nonce bytea NOT NULL,"
    " server text COLLATE \"C\" NOT NULL, expires timestamptz NOT NULL,"
    " reason text, vmm_key bytea, registration bytea, evidence bytea,"
    " PRIMARY KEY (host, nonce, server));";

/* By what is committed: to_regclass() may know less, from a cache. */
const char fbc_pg_has_schema[] =
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON c.relnamespace = n.oid"
    " WHERE n.nspname = 'fbcrypt' AND c.relname = 'version')";
