/* SPDX-License-Identifier: GPL-2.0-only */
/* Many transfers at once. */
#include "curlloop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/base/clock.h"

static CURLM *multi;
static int ep, timer;

static int on_socket(CURL *c, curl_socket_t fd, int what, void *arg,
                     void *known)
{
    struct epoll_event ev = { .data.fd = fd };

    (void)c;
    (void)arg;
    if ( what == CURL_POLL_REMOVE )
    {
        epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
        curl_multi_assign(multi, fd, NULL);
        return 0;
    }
    ev.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) |
                (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if ( epoll_ctl(ep, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) )
        epoll_ctl(ep, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &ev);
    curl_multi_assign(multi, fd, &ep);

    return 0;
}

static int on_timer(CURLM *m, long timeout, void *arg)
{
    struct itimerspec t = { .it_value.tv_nsec = 1 };

    (void)m;
    (void)arg;
    if ( timeout > 0 )
        t.it_value = (struct timespec){ timeout / 1000,
                                        timeout % 1000 * 1000000L };
    else if ( timeout < 0 )
        t.it_value.tv_nsec = 0;
    timerfd_settime(timer, 0, &t, NULL);

    return 0;
}

CURLM *curlloop_new(void)
{
    struct epoll_event ev = { .events = EPOLLIN };

    if ( curl_global_init(CURL_GLOBAL_ALL) || !(multi = curl_multi_init()) )
        return NULL;
    ep = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    ev.data.fd = timer;
    if ( epoll_ctl(ep, EPOLL_CTL_ADD, timer, &ev) )
        return NULL;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 8192L);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);

    return multi;
}

void curlloop_run(uint64_t until, void (*ended)(void *arg, CURLcode rc))
{
    struct epoll_event ev[64];
    uint64_t now = fbc_clock_ns();
    int n, i, running, left;
    void *t;
    CURLMsg *msg;

    n = epoll_wait(ep, ev, 64, now >= until ? 0
                   : (int)((until - now + FBC_NS_PER_MS - 1) /
                           FBC_NS_PER_MS));
    for ( i = 0; i < n; i++ )
        if ( ev[i].data.fd == timer )
        {
            (void)!read(timer, &now, sizeof(now));
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0,
                                     &running);
        }
        else
            curl_multi_socket_action(multi, ev[i].data.fd,
                (ev[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                (ev[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                (ev[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR
                 : 0), &running);
    while ( (msg = curl_multi_info_read(multi, &left)) )
        if ( msg->msg == CURLMSG_DONE )
        {
            CURLcode rc = msg->data.result;

            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
            ended(t, rc);
        }
}
