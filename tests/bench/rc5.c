/* SPDX-License-Identifier: GPL-2.0-only */
/* RC5-24/16/24 with coordinates, as a yardstick. */
#include "rc5.h"

#define W      24
#define MASK   0xffffffu
#define KEY_WORDS (RC5_KEY_LEN / 3)
#define P24    0xb7e151u        /* Odd((e - 2) 2^24) */
#define Q24    0x9e3779u        /* Odd((phi - 1) 2^24) */

static uint32_t rotl(uint32_t v, uint32_t n)
{
    n %= W;

    return ((v << n) | (v >> (W - n))) & MASK;
}

static uint32_t rotr(uint32_t v, uint32_t n)
{
    return rotl(v, W - n % W);
}

void rc5_schedule(struct rc5_schedule *s, const uint8_t key[RC5_KEY_LEN],
                  uint32_t x, uint32_t y)
{
    uint32_t l[KEY_WORDS], a = 0, b = 0, i, j, n;

    for ( i = 0; i < KEY_WORDS; i++ )
        l[i] = key[3 * i] | (uint32_t)key[3 * i + 1] << 8 |
               (uint32_t)key[3 * i + 2] << 16;
    l[0] ^= x;
    l[1] ^= y;

    s->s[0] = P24;
    for ( i = 1; i < RC5_WORDS; i++ )
        s->s[i] = (s->s[i - 1] + Q24) & MASK;

    for ( n = i = j = 0; n < 3 * RC5_WORDS; n++ )
    {
        a = s->s[i] = rotl((s->s[i] + a + b) & MASK, 3);
        b = l[j] = rotl((l[j] + a + b) & MASK, a + b);
        i = (i + 1) % RC5_WORDS;
        j = (j + 1) % KEY_WORDS;
    }
}

static uint32_t get(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static void put(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = 0;
}

void rc5_encrypt(const struct rc5_schedule *s, uint32_t x, uint32_t y,
                 uint8_t pixels[8])
{
    uint32_t a = ((get(pixels) ^ x) + s->s[0]) & MASK;
    uint32_t b = ((get(pixels + 4) ^ y) + s->s[1]) & MASK;
    unsigned int i;

    for ( i = 1; i <= RC5_ROUNDS; i++ )
    {
        a = (rotl(a ^ b, b) + s->s[2 * i]) & MASK;
        b = (rotl(b ^ a, a) + s->s[2 * i + 1]) & MASK;
    }
    put(pixels, a);
    put(pixels + 4, b);
}

void rc5_decrypt(const struct rc5_schedule *s, uint32_t x, uint32_t y,
                 uint8_t pixels[8])
{
    uint32_t a = get(pixels), b = get(pixels + 4);
    unsigned int i;

    for ( i = RC5_ROUNDS; i; i-- )
    {
        b = rotr((b - s->s[2 * i + 1]) & MASK, a) ^ a;
        a = rotr((a - s->s[2 * i]) & MASK, b) ^ b;
    }
    put(pixels, ((a - s->s[0]) & MASK) ^ x);
    put(pixels + 4, ((b - s->s[1]) & MASK) ^ y);
}

void rc5_frame_paper(const uint8_t key[RC5_KEY_LEN], uint8_t *frame,
                     uint32_t width, uint32_t height)
{
    struct rc5_schedule s;
    uint32_t x, y;

    for ( y = 0; y < height; y++ )
        for ( x = 0; x < width; x += 2, frame += 8 )
        {
            rc5_schedule(&s, key, x, y);
            rc5_encrypt(&s, x, y, frame);
        }
}

void rc5_cache_init(struct rc5_schedule *cache,
                    const uint8_t key[RC5_KEY_LEN], uint32_t width,
                    uint32_t height)
{
    uint32_t x, y;

    for ( y = 0; y < height; y++ )
        for ( x = 0; x < width; x += 2 )
            rc5_schedule(cache++, key, x, y);
}

void rc5_frame_cached(const struct rc5_schedule *cache, uint8_t *frame,
                      uint32_t width, uint32_t height)
{
    uint32_t x, y;

    for ( y = 0; y < height; y++ )
        for ( x = 0; x < width; x += 2, frame += 8 )
            rc5_encrypt(cache++, x, y, frame);
}
