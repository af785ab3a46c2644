/* SPDX-License-Identifier: GPL-2.0-only */
/* zlib for parse/rfb/rfbc.h. */
#include "lib/upstream/zstreams.h"

static int begin(struct fbc_zstreams *z, unsigned int stream)
{
    if ( z->begun[stream] )
        return 0;
    if ( inflateInit(&z->z[stream]) != Z_OK )
        return -1;

    /* Checksums are for the end of a stream, which never comes. */
    inflateValidate(&z->z[stream], 0);
    z->begun[stream] = true;

    return 0;
}

static int run_inflate(void *arg, unsigned int stream, const uint8_t **in,
                       size_t *in_len, uint8_t *out, size_t *out_len)
{
    struct fbc_zstreams *z = arg;
    z_stream *s = &z->z[stream];
    size_t room = *out_len;
    int rc;

    *out_len = 0;
    if ( begin(z, stream) )
        return -1;
    s->next_in = (Bytef *)(uintptr_t)*in;
    s->avail_in = *in_len < UINT32_MAX ? (uInt)*in_len : UINT32_MAX;
    s->next_out = out;
    s->avail_out = (uInt)room;
    rc = inflate(s, Z_SYNC_FLUSH);
    *in_len -= (size_t)(s->next_in - *in);
    *in = s->next_in;
    *out_len = room - s->avail_out;

    /* Z_BUF_ERROR: nothing to do; Z_STREAM_END: the caller will notice. */
    return rc == Z_OK || rc == Z_BUF_ERROR || rc == Z_STREAM_END ? 0 : -1;
}

static int reset(void *arg, unsigned int stream)
{
    struct fbc_zstreams *z = arg;

    return z->begun[stream] && inflateReset(&z->z[stream]) != Z_OK ? -1 : 0;
}

struct fbc_inflate fbc_zstreams_inflate(struct fbc_zstreams *z)
{
    return (struct fbc_inflate){ z, run_inflate, reset };
}

void fbc_zstreams_end(struct fbc_zstreams *z)
{
    unsigned int i;

    for ( i = 0; i < FBC_INFLATE_STREAMS; i++ )
        if ( z->begun[i] )
            inflateEnd(&z->z[i]);
    memset(z, 0, sizeof(*z));
}
