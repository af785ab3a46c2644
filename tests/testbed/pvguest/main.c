/* SPDX-License-Identifier: GPL-2.0-only */
/* Arguments, the scenario, the verdict. */

#include "pvguest.h"

struct fb fb;

static char detail_text[160];

static const struct
{
    const char *name;
    enum verdict (*run)(void);
} scenarios[] = {
    { "picture", run_picture },
    { "rects", run_rects },
    { "again", run_again },
    { "flood", run_flood },
    { "drag", run_drag },
    { "film", run_film },
    { "resize", run_resize },
    { "reconnect", run_reconnect },
    { "granted", run_granted },
    { "moved", run_moved },
    { "crash", run_crash },
    { "input", run_input },
    { "redraw", run_redraw },
    { "recycled", run_recycled },
    { "idle", run_idle },
    { "hostile-ring", run_hostile_ring },
    { "hostile-info", run_hostile_info },
    { "racing", run_racing },
    { "juggling", run_juggling },
    { "xs-fuzz", run_xs_fuzz },
};

void detail(const char *fmt, ...)
{
    va_list ap;

    detail_text[0] = ' ';
    va_start(ap, fmt);
    vformat(detail_text + 1, sizeof(detail_text) - 1, fmt, ap);
    va_end(ap);
}

enum verdict run_idle(void)
{
    return SUCCESS;
}

static enum xs_mode parse_xs_mode(void)
{
    static const char *const names[] = {
        [XS_MODE_LINUX] = "linux",
        [XS_MODE_ALL] = "all",
        [XS_MODE_CHUNKS] = "chunks",
        [XS_MODE_BYTES] = "bytes",
    };
    char word[16];

    if ( arg_str("xs", word, sizeof(word)) )
        for ( unsigned int i = 0; i < ARRAY_SIZE(names); i++ )
            if ( !strcmp(word, names[i]) )
                return i;

    return XS_MODE_LINUX;
}

void main(const void *info, const struct arch *how)
{
    static const char *const words[] = { "SUCCESS", "FAILURE", "ERROR" };
    char name[32] = "none";
    enum verdict v = ERROR;

    platform_init(info, how);
    args_init(start.cmd_line);
    console_init();
    xs_init(parse_xs_mode());
    if ( arg_long("firmware", 0) )
        xs_firmware(arg_long("firmware", 0));
    arg_str("scenario", name, sizeof(name));
    printk("pvguest: %s\n", start.cmd_line);

    detail("no such scenario");
    for ( unsigned int i = 0; i < ARRAY_SIZE(scenarios); i++ )
        if ( !strcmp(name, scenarios[i].name) )
        {
            detail_text[0] = '\0';
            v = scenarios[i].run();
        }

    if ( v == SUCCESS )
        printk("PASS %s%s\n", name, detail_text);
    printk("VERDICT: %s %s%s\n", words[v], name, detail_text);

    if ( arg_long("exit", 0) )
    {
        struct sched_shutdown op = { .reason = SHUTDOWN_poweroff };

        sleep_ms(500); /* xenconsoled reads the last lines */
        hyp_sched(SCHEDOP_shutdown, &op);
    }

    for ( ; ; )
    {
        if ( fb.info && fb.dev.port )
        {
            evt_clear(fb.dev.port);
            fb_service(&fb);
        }
        evt_wait(fb.dev.port, now_ms() + 1000);
    }
}
