/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a recording of a guest's input leak? */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/carrier.h"
#include "lib/base/io.h"
#include "lib/leak/leak.h"
#include "parse/picture/inputlog.h"

#define TEXT_MAX   65536u
#define NEAR       32u              /* pixels, from one position to the next */
#define NEAR_MIN   20u              /* positions: fewer are no path */

struct input {
    struct fbc_leak_result *r;
    uint32_t width, height;
    uint64_t keys, positions, near, records, buttons;
    uint32_t x, y;
    uint64_t last_ns;               /* when a record ended */
    struct fbc_carrier carrier;
    struct fbc_histogram bytes;
    char *text;                     /* what was typed, on a US keyboard */
    size_t text_len;
    double gaps, gap_sum, gap_squares;
};

/* Linux key codes 2 to 57, without Shift. */
static const char us[] = "1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\"
                         "zxcvbnm,./\0*\0 ";

static void key(struct input *w, const struct fbc_inputlog_event *ev)
{
    if ( ev->a >= 0x110 && ev->a < 0x118 )
        w->buttons++;
    else
        w->keys += ev->pressed;
    if ( ev->pressed && ev->a >= 2 && ev->a - 2 < sizeof(us) - 1 &&
         us[ev->a - 2] && w->text_len < TEXT_MAX )
        w->text[w->text_len++] = us[ev->a - 2];
}

/* Between the ends of two records. */
static void gap(struct input *w, uint64_t ns)
{
    double ms = (double)(ns - w->last_ns) / 1e6;

    if ( w->last_ns )
    {
        w->gaps++;
        w->gap_sum += ms;
        w->gap_squares += ms * ms;
    }
    w->last_ns = ns;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

static void position(struct input *w, const struct fbc_inputlog_event *ev)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];
    struct fbc_input_head head;

    if ( w->positions++ )
        w->near += distance(ev->a, w->x) <= NEAR &&
                   distance(ev->b, w->y) <= NEAR;
    w->x = ev->a;
    w->y = ev->b;

    if ( !fbc_carrier_take(&w->carrier, w->width, w->height, ev->a, ev->b,
                           record) || fbc_input_parse(record, &head) )
        return;
    w->records++;
    gap(w, ev->ns);
    /* Slot and counter, or the number of a hello, are in the clear. */
    if ( !head.hello )
        fbc_histogram_add(&w->bytes, record + 3, sizeof(record) - 3);
}

static uint64_t find(const struct input *w, const char *text)
{
    size_t len = strlen(text), i, j;
    uint64_t n = 0;

    for ( i = 0; i + len <= w->text_len; i++ )
    {
        for ( j = 0; j < len; j++ )
            if ( w->text[i + j] != (text[j] >= 'A' && text[j] <= 'Z'
                                    ? text[j] + 32 : text[j]) )
                break;
        n += j == len;
    }

    return n;
}

static void judge(const struct fbc_leak_args *a, const struct input *w)
{
    struct fbc_leak_result *r = w->r;
    double mean = w->gaps ? w->gap_sum / w->gaps : 0;
    double var = w->gaps ? w->gap_squares / w->gaps - mean * mean : 0;

    r->keys = w->keys;
    r->records = w->records;
    r->gap_ms = mean;
    if ( w->bytes.total )
    {
        r->entropy_min = r->entropy_mean = fbc_entropy(&w->bytes);
        r->chi2_max = fbc_chi2(&w->bytes);
    }
    fbc_leak_item(r, "input-keys", "keys and buttons in the clear",
                  (double)(w->keys + w->buttons), 1, NULL);
    fbc_leak_item(r, "input-path", "share of positions near the one before",
                  w->positions > 1 ? (double)w->near /
                  (double)(w->positions - 1) : 0, 0.5,
                  w->positions >= NEAR_MIN ? NULL : "too few positions");
    fbc_leak_item(r, "input-bytes", "records whose bytes are not random",
                  fbc_chi2_leak(&w->bytes), 1,
                  w->bytes.total >= FBC_CHI2_MIN ? NULL : "too few records");
    fbc_leak_item(r, "input-text", "places with the text among the keys",
                  a->find ? (double)find(w, a->find) : 0, 1,
                  a->find ? NULL : "no --find given");
    fbc_leak_item(r, "input-rhythm", "spread of the time between records, by "
                  "its mean", mean > 0 ? sqrt(var > 0 ? var : 0) / mean : 0,
                  0.5, !a->rhythm ? "no --rhythm given"
                  : w->gaps < NEAR_MIN ? "too few records" : NULL);
}

/* Interrupted: what came before is what there is. */
static bool stopped(const struct fbc_leak_args *a)
{
    return a->stop && *a->stop;
}

static int read_log(struct input *w, const struct fbc_leak_args *a,
                    struct fbc_error *e)
{
    uint8_t head[FBC_INPUTLOG_HEAD], raw[FBC_INPUTLOG_EVENT];
    struct fbc_inputlog_event ev;
    ssize_t n = fbc_read(STDIN_FILENO, head, sizeof(head), a->stop);

    if ( n < 0 )
        return fbc_fail_errno(e, "stdin");
    if ( n != sizeof(head) && stopped(a) )
        return fbc_fail(e, FBC_EXIT_INPUT, "stdin", "has no events");
    if ( n != sizeof(head) || fbc_inputlog_open(head, &w->width, &w->height) )
        return fbc_fail(e, FBC_EXIT_INPUT, "stdin", "is no input log");

    while ( (n = fbc_read(STDIN_FILENO, raw, sizeof(raw), a->stop)) > 0 )
    {
        if ( n != sizeof(raw) && stopped(a) )
            break;
        if ( n != sizeof(raw) )
            return fbc_fail(e, FBC_EXIT_INPUT, "stdin",
                            "ends within an event");
        fbc_inputlog_get(raw, &ev);
        w->r->frames++;
        if ( ev.type == FBC_KBDIF_KEY )
            key(w, &ev);
        else if ( ev.type == FBC_KBDIF_POS )
            position(w, &ev);
    }

    if ( n < 0 )
        return fbc_fail_errno(e, "stdin");

    return w->r->frames ? 0
           : fbc_fail(e, FBC_EXIT_INPUT, "stdin", "has no events");
}

int fbc_leak_run_input(const struct fbc_leak_args *a,
                       struct fbc_leak_result *r, struct fbc_error *e)
{
    struct input w = { .r = r, .text = malloc(TEXT_MAX) };
    int rc = -1;

    if ( !w.text )
        return fbc_fail_errno(e, "memory");
    if ( !read_log(&w, a, e) )
    {
        r->width = w.width;
        r->height = w.height;
        judge(a, &w);
        rc = 0;
    }
    free(w.text);

    return rc;
}
