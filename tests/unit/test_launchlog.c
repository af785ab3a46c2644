/* SPDX-License-Identifier: GPL-2.0-only */
/* Launch logs that dom0 wrote; command lines of which a tenant is warned. */
#include "vec.h"

#include "lib/launch/compare.h"
#include "parse/launch/lint.h"

static uint8_t log_data[4096 * 2];
static size_t log_len;

/* The log ends, and what it has in the clear stands behind its entries. */
static void end(struct fbc_launch *l,
                const uint8_t cpu[static FBC_LAUNCH_CPU_LEN],
                const uint8_t *e820, size_t e820_len,
                const uint8_t start[static FBC_LAUNCH_PAGE])
{
    uint8_t digest[32], *p;

    assert_int_equal(fbc_launch_end(l, FBC_LAUNCH_OK, 0, log_data, digest),
                     FBC_LAUNCH_OK);
    p = log_data + FBC_LAUNCH_HEADER_LEN + l->nr * FBC_LAUNCH_ENTRY_LEN;
    memcpy(p, cpu, FBC_LAUNCH_CPU_LEN);
    p += FBC_LAUNCH_CPU_LEN;
    memcpy(p, e820, e820_len);
    p += e820_len;
    memcpy(p, start, FBC_LAUNCH_PAGE);
    log_len = (size_t)(p - log_data) + FBC_LAUNCH_PAGE;
}

/* Six entries, two windows; text in the clear behind them. */
static void make(void)
{
    static struct fbc_launch l;
    uint8_t cpu[FBC_LAUNCH_CPU_LEN], e820[FBC_LAUNCH_E820_LEN] = { 0 };
    uint8_t start[FBC_LAUNCH_PAGE] = { 0 };

    fbc_launch_begin(&l, log_data + FBC_LAUNCH_HEADER_LEN, 16, 25600);
    fbc_launch_cpu(cpu, 1, 2, 3, 4, 0);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_CPU, 0, 1, cpu, sizeof(cpu));
    fbc_put64(e820 + 8, 100 << 20);
    fbc_put32(e820 + 16, 1);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_E820, 0, 1, e820, sizeof(e820));
    memcpy(start + FBC_LAUNCH_SI_CMDLINE, "root=/dev/vda quiet", 20);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_START, 7, 1, start, sizeof(start));
    fbc_launch_range(&l, FBC_LAUNCH_LOG_P2M, 20, 50);
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, 8, 1);
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, 9, 1);
    memset(l.link.page, 5, FBC_LAUNCH_PAGE);
    fbc_launch_page(&l, 1, 0);
    fbc_launch_page(&l, 100, 1);
    end(&l, cpu, e820, sizeof(e820), start);
}

static enum fbc_err parse(void)
{
    struct fbc_launchlog l;

    return fbc_launchlog_parse(log_data, log_len, &l);
}

#define ENTRY(i) \
    (log_data + FBC_LAUNCH_HEADER_LEN + (i) * FBC_LAUNCH_ENTRY_LEN)

/* One byte of the log is another: what is said of it. */
static void refuses(uint8_t *at, uint8_t value, enum fbc_err err)
{
    uint8_t old = *at;

    *at = value;
    assert_int_equal(parse(), err);
    *at = old;
    assert_int_equal(parse(), FBC_OK);
}

static void strict(void **state)
{
    struct fbc_launchlog l;
    size_t len, n;

    (void)state;
    make();
    assert_int_equal(fbc_launchlog_parse(log_data, log_len, &l), FBC_OK);
    assert_int_equal(l.nr_pages, 25600);
    assert_string_equal(fbc_launchlog_cmdline(&l, &len),
                        "root=/dev/vda quiet");
    assert_int_equal(len, 19);

    for ( n = 0; n < log_len; n++ )
        assert_int_not_equal(fbc_launchlog_parse(log_data, n, &l), FBC_OK);
    assert_int_equal(fbc_launchlog_parse(log_data, log_len + 1, &l),
                     FBC_ERR_LENGTH);

    refuses(log_data, 'X', FBC_ERR_MAGIC);
    refuses(log_data + 4, 2, FBC_ERR_VERSION);
    refuses(log_data + 6, 3, FBC_ERR_VERSION);
    refuses(log_data + 6, FBC_LAUNCH_PVH, FBC_ERR_RANGE);
    refuses(log_data + 12, 5, FBC_ERR_RANGE);
    refuses(log_data + 24, 1, FBC_ERR_RANGE);       /* detail, but measured */
    refuses(ENTRY(0), FBC_LAUNCH_LOG_E820, FBC_ERR_RANGE);
    refuses(ENTRY(0) + 2, 1, FBC_ERR_RANGE);
    refuses(ENTRY(0) + 8, 1, FBC_ERR_RANGE);
    refuses(ENTRY(1) + 4, 2, FBC_ERR_CHECKSUM);
    refuses(ENTRY(1) + 5, 1, FBC_ERR_RANGE);
    refuses(ENTRY(2) + 11, 1, FBC_ERR_RANGE);       /* beyond memory */
    refuses(ENTRY(3) + 24, 1, FBC_ERR_RANGE);
    refuses(ENTRY(3) + 6, 1, FBC_ERR_RANGE);        /* ends beyond memory */
    refuses(ENTRY(4) + 4, 2, FBC_ERR_RANGE);
    refuses(ENTRY(6) + 8, 1, FBC_ERR_RANGE);        /* no multiple of 64 */
    refuses(ENTRY(6) + 8, 64, FBC_ERR_RANGE);       /* before its neighbour */
    refuses(ENTRY(6) + 16, 0, FBC_ERR_RANGE);       /* empty */
    refuses(ENTRY(6) + 4, 63, FBC_ERR_RANGE);
    refuses(log_data + log_len - 1, 1, FBC_ERR_CHECKSUM);
    refuses(ENTRY(8), 1 ^ *ENTRY(8), FBC_ERR_CHECKSUM);
}

/* Of a PVH guest: five entries, two windows, three runs. */
static void make_pvh(const char *cmdline)
{
    static struct fbc_launch l;
    uint8_t cpu[FBC_LAUNCH_CPU_LEN], e820[2 * FBC_LAUNCH_E820_LEN] = { 0 };
    uint8_t start[FBC_LAUNCH_PAGE] = { 0 };
    static const uint64_t have[] = { 0, 1, 2, 7, 8, 9, 100 };
    size_t i;

    fbc_launch_begin_pvh(&l, log_data + FBC_LAUNCH_HEADER_LEN, 16);
    fbc_launch_cpu(cpu, 1, 0, 7 * 4096, 4, 0);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_CPU, 0, 1, cpu, sizeof(cpu));
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_E820, 0, 2, e820, sizeof(e820));
    fbc_put64(start + FBC_LAUNCH_HSI_CMDLINE, 7 * 4096 + FBC_LAUNCH_HSI_LEN);
    memcpy(start + FBC_LAUNCH_HSI_LEN, cmdline, strlen(cmdline));
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_START, 7, 1, start, sizeof(start));
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, 8, 1);
    fbc_launch_range(&l, FBC_LAUNCH_LOG_CHANNEL, 9, 1);
    memset(l.link.page, 5, FBC_LAUNCH_PAGE);
    for ( i = 0; i < sizeof(have) / sizeof(have[0]); i++ )
    {
        assert_true(fbc_launch_have(&l, have[i]));
        if ( have[i] == 1 || have[i] == 100 )
            fbc_launch_page(&l, have[i], 0);
    }
    end(&l, cpu, e820, sizeof(e820), start);
}

static void strict_pvh(void **state)
{
    struct fbc_launchlog l;
    size_t len, n;

    (void)state;
    make_pvh("root=/dev/vda quiet");
    assert_int_equal(fbc_launchlog_parse(log_data, log_len, &l), FBC_OK);
    assert_int_equal(l.type, FBC_LAUNCH_PVH);
    assert_int_equal(l.nr_pages, 7);
    assert_int_equal(l.pages, 5);
    assert_int_equal(l.runs, 7);
    assert_int_equal(l.nr, 10);
    assert_string_equal(fbc_launchlog_cmdline(&l, &len),
                        "root=/dev/vda quiet");
    for ( n = 0; n < log_len; n++ )
        assert_int_not_equal(fbc_launchlog_parse(log_data, n, &l), FBC_OK);

    refuses(log_data + 6, FBC_LAUNCH_PV64, FBC_ERR_RANGE);
    refuses(log_data + 16, 8, FBC_ERR_RANGE);       /* not so many pages */
    refuses(ENTRY(2) + 8, 3, FBC_ERR_RANGE);        /* start_info in a hole */
    refuses(ENTRY(3) + 8, 3, FBC_ERR_RANGE);
    refuses(ENTRY(5) + 16, 8, FBC_ERR_RANGE);       /* contents in a hole */
    refuses(ENTRY(6) + 8, 128, FBC_ERR_RANGE);
    refuses(ENTRY(7) + 16, 1, FBC_ERR_RANGE);
    refuses(ENTRY(7) + 24, 1, FBC_ERR_RANGE);
    refuses(ENTRY(7) + 4, 0, FBC_ERR_RANGE);
    refuses(ENTRY(8) + 8, 3, FBC_ERR_RANGE);        /* no hole in between */
    refuses(ENTRY(8) + 8, 1, FBC_ERR_RANGE);
    refuses(ENTRY(8), FBC_LAUNCH_LOG_PAGES, FBC_ERR_RANGE);
    refuses(ENTRY(9) + 14, 1, FBC_ERR_RANGE);       /* too high */
}

/* A command line that is not where it should be is none. */
static void cmdline_pvh(void **state)
{
    struct fbc_launchlog l;
    uint8_t start[FBC_LAUNCH_PAGE];
    size_t len;

    (void)state;
    make_pvh("quiet");
    assert_int_equal(fbc_launchlog_parse(log_data, log_len, &l), FBC_OK);
    memset(start, 'x', sizeof(start));
    l.start = start;
    fbc_put64(start + FBC_LAUNCH_HSI_CMDLINE, 7 * 4096 + 55);
    fbc_launchlog_cmdline(&l, &len);
    assert_int_equal(len, 0);
    fbc_put64(start + FBC_LAUNCH_HSI_CMDLINE, 8 * 4096);
    fbc_launchlog_cmdline(&l, &len);
    assert_int_equal(len, 0);
    fbc_put64(start + FBC_LAUNCH_HSI_CMDLINE, 7 * 4096 + 4090);
    fbc_launchlog_cmdline(&l, &len);
    assert_int_equal(len, 6);
}

static void words_pvh(void **state)
{
    static uint8_t other[sizeof(log_data)];
    static struct fbc_compare c;
    struct fbc_launchlog a, b, pv;
    size_t len;

    (void)state;
    make_pvh("quiet");
    memcpy(other, log_data, log_len);
    len = log_len;
    make_pvh("quiet init=/bin/sh");
    assert_int_equal(fbc_launchlog_parse(other, len, &b), FBC_OK);
    assert_int_equal(fbc_launchlog_parse(log_data, log_len, &a), FBC_OK);
    fbc_compare_logs(&b, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 0);
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 1);
    assert_string_equal(c.line[0], "cmdline: 'init=/bin/sh' added");

    ENTRY(9)[8]++;
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 2);
    assert_non_null(strstr(c.line[1], "memory: 0x65 and 1 pages, not 0x64"));

    make();
    assert_int_equal(fbc_launchlog_parse(log_data, log_len, &pv), FBC_OK);
    fbc_compare_logs(&pv, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 1);
    assert_string_equal(c.line[0], "type: a PV guest, not a PVH one");
}

/* Logs that differ in one thing: the words for it. */
static void words(void **state)
{
    static uint8_t other[sizeof(log_data)];
    static struct fbc_compare c;
    struct fbc_launchlog a, b;

    (void)state;
    make();
    memcpy(other, log_data, log_len);
    assert_int_equal(fbc_launchlog_parse(other, log_len, &b), FBC_OK);
    assert_int_equal(fbc_launchlog_parse(log_data, log_len, &a), FBC_OK);
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 0);

    ENTRY(7)[24] ^= 1;
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 1);
    assert_string_equal(c.line[0], "memory: page 0x64 differs");
    ENTRY(7)[24] ^= 1;

    ENTRY(7)[20] |= 0x20;
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 1);
    assert_string_equal(c.line[0], "memory: page 0x65 should be zero");
    fbc_compare_logs(&b, &a, NULL, NULL, &c);
    assert_string_equal(c.line[0],
                        "memory: page 0x65 is zero, or of another type");
    ENTRY(7)[20] &= 0xdf;

    /* The parser holds no copy: what is in the clear may change, too. */
    memcpy((char *)(uintptr_t)a.start + FBC_LAUNCH_SI_CMDLINE,
           "root=/dev/vdb quie\x1b", 20);
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 4);
    assert_string_equal(c.line[0], "cmdline: 'root=/dev/vdb' added");
    assert_string_equal(c.line[1], "cmdline: 'quie?' added");
    assert_string_equal(c.line[2], "cmdline: 'root=/dev/vda' missing");
    memcpy((char *)(uintptr_t)a.start + FBC_LAUNCH_SI_CMDLINE,
           "quiet root=/dev/vda", 20);
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 1);
    assert_non_null(strstr(c.line[0], "another order"));
    memcpy((char *)(uintptr_t)a.start + FBC_LAUNCH_SI_CMDLINE,
           "root=/dev/vda quiet\0x", 22);
    fbc_compare_logs(&a, &b, NULL, NULL, &c);
    assert_int_equal(c.lines, 1);
    assert_string_equal(c.line[0], "cmdline: bytes after its end");
}

static void states(void **state)
{
    char line[FBC_COMPARE_LINE];
    struct fbc_launchlog l = { .state = FBC_LAUNCH_CPU,
                               .detail = FBC_LAUNCH_CPU_TRAPS };
    uint32_t s;

    (void)state;
    fbc_compare_state(&l, line);
    assert_non_null(strstr(line, "a trap handler"));
    l.detail = 999;
    fbc_compare_state(&l, line);
    for ( s = 0; s <= FBC_LAUNCH_PARAM; s++ )
        assert_string_not_equal(fbc_launchlog_why(s), "unknown state");
    assert_string_equal(fbc_launchlog_why(s), "unknown state");
    for ( s = FBC_LAUNCH_CPU_GPRS; s <= FBC_LAUNCH_CPU_EVENT; s++ )
        assert_non_null(fbc_launchlog_cpu_why(s));
    assert_null(fbc_launchlog_cpu_why(s));
    assert_null(fbc_launchlog_cpu_why(0));
}

/* How many warnings there are, and that one says so. */
static void lints(const char *cmdline, size_t n, const char *text)
{
    const char *what[FBC_LINT_MAX];
    size_t have = fbc_lint_cmdline(cmdline, strlen(cmdline), what), i;

    assert_int_equal(have, n);
    for ( i = 0; i < have && text; i++ )
        if ( strstr(what[i], text) )
            return;
    assert_null(text);
}

#define GOOD "panic=10 roothash=00 "

static void lint(void **state)
{
    (void)state;
    lints(GOOD "quiet console=hvc0 console=tty0", 0, NULL);
    lints("rd.shell=0 rd.luks.uuid=1 rd.luks.options=header=/h", 0, NULL);
    lints("rd.shell=0 rd.luks.uuid=1", 1, "LUKS header");
    lints("panic=1 cryptopts=source=/dev/xvda,target=root,luks", 1, "header=");
    lints("panic=1 cryptopts=source=/dev/xvda,luks,header=/h", 0, NULL);
    lints("panic=1 cryptopts=source=/dev/xvda,noheader=/h", 1, "header=");
    lints("panic=1 cryptopts=source=/dev/xvda,header=", 1, "header=");
    lints("panic=1 luks header=/h", 1, "header=");
    lints("", 2, "shell");
    lints("roothash=1", 1, "panic=");
    lints("panic=5", 1, "verifies");
    lints("panic= roothash=1", 1, "panic=");
    lints("panic=never roothash=1", 1, "panic=");
    lints("panic=10s roothash=1", 1, "panic=");
    lints("panic=- roothash=1", 1, "panic=");
    lints("panic=-1 roothash=1", 0, NULL);
    lints("panic=1 panic= roothash=1", 1, "panic=");
    lints("panic= panic=0 roothash=1", 0, NULL);
    lints("panic= rd.shell=0 roothash=1", 0, NULL);
    lints(GOOD "init=/bin/sh", 1, "init=");
    lints(GOOD "rdinit=/bin/sh", 1, "rdinit=");
    lints(GOOD "noinit=/bin/sh xsingle singlex", 0, NULL);
    lints(GOOD " single  single S", 1, "single");
    lints(GOOD "systemd.debug_shell=1", 1, "debug_shell");
    lints(GOOD "console=tty0 console=hvc0", 1, "hvc0");
    lints(GOOD "console=hvc0,115200", 1, "hvc0");
    lints(GOOD "init=a rdinit=b single emergency rescue systemd.unit=c break "
          "rd.break rd.shell kgdboc=x kdb sysrq_always_enabled nfsroot=y ds=z "
          "systemd.debug_shell luks panic= console=hvc0", FBC_LINT_MAX,
          "hvc0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict),
        cmocka_unit_test(words),
        cmocka_unit_test(strict_pvh),
        cmocka_unit_test(cmdline_pvh),
        cmocka_unit_test(words_pvh),
        cmocka_unit_test(states),
        cmocka_unit_test(lint),
    };

    return cmocka_run_group_tests_name("launchlog", tests, NULL, NULL);
}
