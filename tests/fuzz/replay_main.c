/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a fuzz target on files and on all files of directories. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long runs;

static void fail(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(1);
}

static void run_file(const char *path, size_t size)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(size ? size : 1);

    if ( !f || !data || fread(data, 1, size, f) != size )
        fail(path);
    fclose(f);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    runs++;
}

static void run(const char *path)
{
    struct dirent *e;
    struct stat st;
    DIR *d;

    if ( stat(path, &st) )
        fail(path);
    if ( !S_ISDIR(st.st_mode) )
    {
        run_file(path, (size_t)st.st_size);
        return;
    }

    d = opendir(path);
    if ( !d )
        fail(path);
    while ( (e = readdir(d)) )
    {
        char *sub;

        if ( e->d_name[0] == '.' )
            continue;
        if ( asprintf(&sub, "%s/%s", path, e->d_name) < 0 )
            fail(path);
        run(sub);
        free(sub);
    }
    closedir(d);
}

int main(int argc, char **argv)
{
    int i;

    for ( i = 1; i < argc; i++ )
        run(argv[i]);
    printf("%lu inputs\n", runs);

    /* A corpus that is not there proves nothing. */
    return runs ? 0 : 1;
}
