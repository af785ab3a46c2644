/* SPDX-License-Identifier: GPL-2.0-only */
/* Many transfers at once by libcurl and epoll. */
#ifndef FBC_BENCH_CURLLOOP_H
#define FBC_BENCH_CURLLOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/* NULL when something fails. */
CURLM *curlloop_new(void);

/* Lets everything go on until a time at most; calls ended() for each transfer
   that has ended, with its CURLOPT_PRIVATE. */
void curlloop_run(uint64_t until_ns, void (*ended)(void *arg, CURLcode rc));

#endif /* FBC_BENCH_CURLLOOP_H */
