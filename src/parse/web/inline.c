/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds inline scripts and styles in HTML. */
#include "parse/web/inline.h"

struct page {
    const char *p;
    size_t len, at;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Is word, in lower case, at that place but for case? */
static bool is_at(const struct page *g, size_t at, const char *word)
{
    size_t i;

    for ( i = 0; word[i]; i++ )
        if ( at + i >= g->len || lower(g->p[at + i]) != word[i] )
            return false;

    return true;
}

/* A tag of that name, not of a longer one. */
static bool is_tag(const struct page *g, size_t at, const char *name)
{
    size_t end = at;

    while ( *name && end < g->len && lower(g->p[end]) == *name )
        end++, name++;

    return !*name && end < g->len &&
           (is_space(g->p[end]) || g->p[end] == '/' || g->p[end] == '>');
}

/* One attribute's value; at stands behind the '='. */
static void skip_value(struct page *g)
{
    char quote;

    while ( g->at < g->len && is_space(g->p[g->at]) )
        g->at++;
    quote = g->at < g->len ? g->p[g->at] : 0;
    if ( quote == '"' || quote == '\'' )
    {
        g->at++;
        while ( g->at < g->len && g->p[g->at] != quote )
            g->at++;
        g->at += g->at < g->len;
        return;
    }
    while ( g->at < g->len && !is_space(g->p[g->at]) && g->p[g->at] != '>' )
        g->at++;
}

/* Up to the tag's end and behind it: is there an attribute src? */
static bool skip_attributes(struct page *g)
{
    bool src = false;
    size_t start;

    while ( g->at < g->len && g->p[g->at] != '>' )
    {
        if ( is_space(g->p[g->at]) || g->p[g->at] == '/' )
        {
            g->at++;
            continue;
        }
        start = g->at++;
        while ( g->at < g->len && !is_space(g->p[g->at]) &&
                g->p[g->at] != '/' && g->p[g->at] != '>' &&
                g->p[g->at] != '=' )
            g->at++;
        src |= g->at - start == 3 && is_at(g, start, "src");
        while ( g->at < g->len && is_space(g->p[g->at]) )
            g->at++;
        if ( g->at < g->len && g->p[g->at] == '=' )
        {
            g->at++;
            skip_value(g);
        }
    }
    g->at += g->at < g->len;

    return src;
}

static void skip_comment(struct page *g)
{
    g->at += 4;
    while ( g->at < g->len && !is_at(g, g->at, "-->") )
        g->at++;
}

/* Behind the opening tag: all up to the closing one; false: it never ends. */
static bool take_text(struct page *g, const char *close,
                      struct fbc_inline *out)
{
    size_t start = g->at;

    for ( ; g->at < g->len; g->at++ )
        if ( g->p[g->at] == '<' && is_tag(g, g->at + 1, close) )
        {
            out->p = g->p + start;
            out->len = g->at - start;
            return true;
        }

    return false;
}

bool fbc_inline_next(const char *page, size_t len, size_t *pos,
                     struct fbc_inline *out)
{
    struct page g = { .p = page, .len = len, .at = *pos };
    struct fbc_inline t;
    bool script, src;

    while ( g.at < len )
    {
        if ( page[g.at] != '<' )
        {
            g.at++;
            continue;
        }
        if ( is_at(&g, g.at, "<!--") )
        {
            skip_comment(&g);
            continue;
        }
        script = is_tag(&g, ++g.at, "script");
        if ( !script && !is_tag(&g, g.at, "style") )
            continue;
        g.at += script ? 6 : 5;
        src = skip_attributes(&g);
        t.kind = script ? FBC_INLINE_SCRIPT : FBC_INLINE_STYLE;
        if ( !take_text(&g, script ? "/script" : "/style", &t) )
            break;
        if ( script && src )
            continue;
        *pos = g.at;
        *out = t;
        return true;
    }
    *pos = len;

    return false;
}
