/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of the key server's database.  Where nobody can write, such as on a
 * disc, SQLite wants to be told so, or it misses the files beside it.
 */
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "lib/keyserver/keyserver_db.h"

int fbc_ksdb_file(struct sqlite3 **db, const char *path,
                  enum fbc_ksdb_mode mode)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    char wal[PATH_MAX], uri[3 * PATH_MAX + 32];
    struct statvfs fs;
    struct stat st;
    size_t n;

    if ( mode == FBC_KSDB_SERVE )
        flags |= SQLITE_OPEN_CREATE;
    snprintf(wal, sizeof(wal), "%s-wal", path);
    if ( mode != FBC_KSDB_READ || statvfs(path, &fs) ||
         !(fs.f_flag & ST_RDONLY) || (!stat(wal, &st) && st.st_size) )
        return sqlite3_open_v2(path, db, flags, NULL);

    n = (size_t)sprintf(uri, "file:");
    for ( ; *path && n < 3 * PATH_MAX; path++ )
        n += (size_t)sprintf(uri + n, strchr("%?#", *path) ? "%%%02x" : "%c",
                             *path);
    strcpy(uri + n, "?immutable=1");

    return sqlite3_open_v2(uri, db, SQLITE_OPEN_READONLY |
                           SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
}
