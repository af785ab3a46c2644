/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rawfind RUNS FILE...: how many of the runs of true pixels are in each file,
 * anywhere: "FOUND OF BYTES FILE".  RUNS holds 64 pixels of 4 bytes for each,
 * of which the fourth byte carries nothing.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN  256                /* bytes */
#define MOST 64

static const uint8_t *map(const char *path, size_t *len)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    void *p;

    if ( fd < 0 || fstat(fd, &st) )
    {
        perror(path);
        exit(2);
    }
    *len = (size_t)st.st_size;
    p = *len ? mmap(NULL, *len, PROT_READ, MAP_SHARED, fd, 0) : NULL;
    if ( p == MAP_FAILED )
    {
        perror(path);
        exit(2);
    }

    return p;
}

static bool is_run(const uint8_t *p, const uint8_t *run)
{
    int i;

    for ( i = 0; i < RUN; i++ )
        if ( i % 4 != 3 && p[i] != run[i] )
            return false;

    return true;
}

static uint64_t first[65536];       /* which runs start with these bytes */

static void look(const uint8_t *runs, size_t n, const char *path)
{
    uint64_t found = 0, all = n == 64 ? UINT64_MAX : (1ull << n) - 1;
    size_t len, at, i;
    const uint8_t *p = map(path, &len);

    for ( at = 0; at + RUN <= len && found != all; at++ )
    {
        uint64_t may = first[p[at + 1] << 8 | p[at]] & ~found;

        for ( i = 0; may; i++, may >>= 1 )
            if ( (may & 1) && is_run(p + at, runs + i * RUN) )
                found |= 1ull << i;
    }
    printf("%d %zu %zu %s\n", __builtin_popcountll(found), n, len, path);
    if ( len )
        munmap((void *)p, len);
}

int main(int argc, char **argv)
{
    const uint8_t *runs;
    size_t n, i;

    if ( argc < 3 )
        return 2;
    runs = map(argv[1], &n);
    n = n / RUN < MOST ? n / RUN : MOST;
    for ( i = 0; i < n; i++ )
        first[runs[i * RUN + 1] << 8 | runs[i * RUN]] |= 1ull << i;
    for ( i = 2; i < (size_t)argc; i++ )
        look(runs, n, argv[i]);

    return 0;
}
