/* SPDX-License-Identifier: GPL-2.0-only */
/* What the proxy tells of its life. */
#include "lib/proxy/proxy_int.h"

#include <stdarg.h>

void proxy_say(const struct fbc_proxy *p, const char *format, ...)
{
    char text[300];
    va_list ap;

    if ( !p->o.say )
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    p->o.say(p->o.arg, text);
}
