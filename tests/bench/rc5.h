/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cipher of the FBCrypt-V paper (section 4.3), only to be measured
 * against: RC5-24/16/24 over two pixels, with their coordinates mixed into
 * the key schedule and into the block.  It is not secure (equal pixels at one
 * place give equal ciphertext) and nothing else may use it.
 *
 * Pixels are 4 bytes, blue, green, red, unused; the fourth byte becomes 0.
 */
#ifndef FBC_BENCH_RC5_H
#define FBC_BENCH_RC5_H

#include <stddef.h>
#include <stdint.h>

#define RC5_KEY_LEN 24
#define RC5_ROUNDS  16
#define RC5_WORDS   (2 * (RC5_ROUNDS + 1))

struct rc5_schedule {
    uint32_t s[RC5_WORDS];      /* 24 bits each */
};

/* Schedule of the block whose first pixel is at x, y. */
void rc5_schedule(struct rc5_schedule *s, const uint8_t key[RC5_KEY_LEN],
                  uint32_t x, uint32_t y);
void rc5_encrypt(const struct rc5_schedule *s, uint32_t x, uint32_t y,
                 uint8_t pixels[8]);
void rc5_decrypt(const struct rc5_schedule *s, uint32_t x, uint32_t y,
                 uint8_t pixels[8]);

/* As in the paper: a schedule for each block.  width is even. */
void rc5_frame_paper(const uint8_t key[RC5_KEY_LEN], uint8_t *frame,
                     uint32_t width, uint32_t height);

/* The same result from schedules kept for each position. */
static inline size_t rc5_cache_len(uint32_t width, uint32_t height)
{
    return (size_t)width / 2 * height * sizeof(struct rc5_schedule);
}

void rc5_cache_init(struct rc5_schedule *cache,
                    const uint8_t key[RC5_KEY_LEN], uint32_t width,
                    uint32_t height);
void rc5_frame_cached(const struct rc5_schedule *cache, uint8_t *frame,
                      uint32_t width, uint32_t height);

#endif /* FBC_BENCH_RC5_H */
