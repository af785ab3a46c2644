/* SPDX-License-Identifier: GPL-2.0-only */
/* One connection: what is put, sent and ended. */
#include "lib/viewers/web_int.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

uint64_t web_now(const struct fbc_web *w)
{
    return w->o.clock_ms ? w->o.clock_ms(w->o.ctx) : fbc_clock_ms();
}

void web_close(struct web_conn *c)
{
    if ( c->state == WEB_FREE )
        return;

    if ( c->fd >= 0 )
        close(c->fd);
    if ( c->file >= 0 )
        close(c->file);
    if ( c->viewer >= 0 )
        close(c->viewer);
    c->state = WEB_FREE;
}

void web_put(struct web_conn *c, const char *text, ...)
{
    size_t room = sizeof(c->out) - c->out_len;
    va_list ap;
    int n;

    va_start(ap, text);
    n = vsnprintf((char *)c->out + c->out_len, room, text, ap);
    va_end(ap);
    if ( n > 0 )
        c->out_len += (size_t)n < room ? (size_t)n : room - 1;
}

bool web_flush(struct fbc_web *w, struct web_conn *c)
{
    ssize_t n;

    while ( c->out_pos < c->out_len )
    {
        n = send(c->fd, c->out + c->out_pos, c->out_len - c->out_pos,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if ( n < 0 && errno == EINTR )
            continue;
        if ( n < 0 && errno == EAGAIN )
        {
            if ( !c->deadline )
                c->deadline = web_now(w) + WEB_STALL_MS;
            return true;
        }
        if ( n < 0 )
        {
            web_close(c);
            return false;
        }
        c->out_pos += (size_t)n;
        if ( c->state == WEB_SEND || c->state == WEB_BRIDGE )
            c->deadline = web_now(w) + WEB_STALL_MS;
    }
    c->out_pos = c->out_len = 0;
    if ( c->state == WEB_BRIDGE )
        c->deadline = 0;

    return true;
}

void web_finish(struct fbc_web *w, struct web_conn *c)
{
    ssize_t n;

    c->state = WEB_SEND;
    while ( web_flush(w, c) && !c->out_len )
    {
        if ( !c->file_left )
        {
            /* Closing with input unread would take the response back. */
            shutdown(c->fd, SHUT_WR);
            c->state = WEB_DRAIN;
            c->deadline = web_now(w) + WEB_CLOSE_MS;
            return;
        }
        n = read(c->file, c->out, c->file_left < WEB_OUT ? c->file_left
                 : WEB_OUT);
        if ( n <= 0 )
        {
            /* Shorter than announced: the peer must notice. */
            web_close(c);
            return;
        }
        c->out_len = (size_t)n;
        c->file_left -= (size_t)n;
    }
}
