/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hosts without TPMs, for the bats tests:
 *   fakehost world DIR             root.crt, golden, EK and its certificate
 *   fakehost host DIR NAME         NAME.pem, the AK; host record on stdout
 *   fakehost evidence DIR NAME NONCE CLOCK [pcr4]
 *                                  evidence on stdout; pcr4: another image
 */
#include <stdio.h>
#include <stdlib.h>

#include "fakehost.h"

static struct fake_world world;

static int evidence(int argc, char **argv)
{
    struct fake_quote q = { .other_pcr4 = argc == 7, .resets = 1 };
    struct fake_host h;
    unsigned int i;
    size_t len;
    char *text;

    for ( i = 0; i < sizeof(q.nonce); i++ )
        if ( sscanf(argv[4] + 2 * i, "%2hhx", &q.nonce[i]) != 1 )
            return 2;
    q.clock = strtoull(argv[5], NULL, 10);
    fake_world_load(&world, argv[2]);
    fake_host_load(&h, argv[2], argv[3]);
    text = fake_evidence(&world, &h, &q, &len);

    return fwrite(text, 1, len, stdout) == len ? 0 : 4;
}

static int host(char **argv)
{
    char text[FBC_RECORD_MAX_FILE];
    struct fake_host h;
    struct fbc_host r;
    size_t n;

    fake_world_load(&world, argv[2]);
    fake_host_make(&h, argv[3]);
    fake_host_save(&h, argv[2]);
    fake_host_record(&world, &h, &r);
    n = fbc_record_encode(&fbc_host_record, &r, text, sizeof(text));

    return n && fwrite(text, 1, n, stdout) == n ? 0 : 4;
}

int main(int argc, char **argv)
{
    if ( argc == 3 && !strcmp(argv[1], "world") )
    {
        fake_world_make(&world);
        fake_world_save(&world, argv[2]);
        return 0;
    }
    if ( argc == 4 && !strcmp(argv[1], "host") )
        return host(argv);
    if ( (argc == 6 || argc == 7) && !strcmp(argv[1], "evidence") &&
         strlen(argv[4]) == 64 )
        return evidence(argc, argv);
    fputs("usage: see fakehost_main.c\n", stderr);

    return 2;
}
