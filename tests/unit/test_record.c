/* SPDX-License-Identifier: GPL-2.0-only */
/* Records: every kind of value, read strictly and written in one way. */
#include "vec.h"

#include <stdlib.h>

#include "parse/attest/enrol.h"
#include "parse/attest/golden.h"

struct all {
    uint8_t hex[4];
    FBC_VALUE(4) maybe;
    FBC_VALUE(6) bytes, many[3];
    char text[9];
    uint64_t small, large;
};

static const struct fbc_field fields[] = {
    FBC_FIELD(struct all, hex, "hex", FBC_FIELD_HEX, 4, 4),
    FBC_FIELD(struct all, maybe, "maybe", FBC_FIELD_HEX_NONE, 4, 4),
    FBC_FIELD(struct all, bytes, "bytes", FBC_FIELD_BASE64, 2, 6),
    FBC_FIELDS(struct all, many, "many", FBC_FIELD_BASE64, 1, 6),
    FBC_FIELD(struct all, text, "text", FBC_FIELD_TEXT, 1, 8),
    FBC_FIELD(struct all, small, "small", FBC_FIELD_NUMBER, 0, 32),
    FBC_FIELD(struct all, large, "large", FBC_FIELD_NUMBER, 0, 64),
};

static const struct fbc_record record =
    FBC_RECORD(struct all, "fbc-test-3", fields);

static const char good[] =
    "fbc-test-3\n"
    "hex: 00ff10a5\n"
    "maybe: none\n"
    "bytes: AAECAw==\n"
    "many: AA==\n"
    "many: AQI=\n"
    "text: a b ~\n"
    "small: 4294967295\n"
    "large: 18446744073709551615\n";

/* text with one line replaced. */
static enum fbc_err parse_with(const char *name, const char *line,
                               struct all *out, unsigned int *at)
{
    const char *start = strstr(good, name);
    char text[600];
    int n;

    assert_non_null(start);
    n = snprintf(text, sizeof(text), "%.*s%s%s", (int)(start - good), good,
                 line, strchr(start, '\n') + 1);
    assert_in_range(n, 1, sizeof(text) - 1);

    return fbc_record_parse(&record, text, (size_t)n, out, at);
}

static void all_kinds(void **state)
{
    struct all a;
    char text[600];
    size_t n;

    (void)state;
    memset(&a, 0xa5, sizeof(a));
    assert_int_equal(fbc_record_parse(&record, good, sizeof(good) - 1, &a,
                                      NULL), FBC_OK);
    assert_memory_equal(a.hex, "\x00\xff\x10\xa5", 4);
    assert_int_equal(a.maybe.len, 0);
    assert_int_equal(a.bytes.len, 4);
    assert_memory_equal(a.bytes.data, "\0\1\2\3", 4);
    assert_int_equal(a.many[0].len, 1);
    assert_int_equal(a.many[1].len, 2);
    assert_int_equal(a.many[2].len, 0);
    assert_string_equal(a.text, "a b ~");
    assert_true(a.small == UINT32_MAX && a.large == UINT64_MAX);

    n = fbc_record_encode(&record, &a, text, sizeof(text));
    assert_int_equal(n, sizeof(good) - 1);
    assert_memory_equal(text, good, n);
}

static void values(void **state)
{
    static const struct {
        const char *name, *line;
        bool ok;
    } cases[] = {
        { "hex", "hex: 00FF10a5\n", false },
        { "hex", "hex: 00ff10a\n", false },
        { "hex", "hex: 00ff10a5 \n", false },
        { "hex", "hex: none\n", false },
        { "maybe", "maybe: 00000000\n", true },
        { "maybe", "maybe: 0000\n", false },
        { "maybe", "maybe: None\n", false },
        { "maybe", "maybe: none \n", false },
        { "maybe", "maybe: \n", false },
        { "bytes", "bytes: AAE=\n", true },
        { "bytes", "bytes: AA==\n", false },           /* too few */
        { "bytes", "bytes: AAECAwQFBg==\n", false },   /* too many */
        { "bytes", "bytes: AAECAwQF\n", true },
        { "bytes", "bytes: AAF=\n", false },
        { "bytes", "bytes: AAE\n", false },
        { "bytes", "bytes: AAE=AAE=\n", false },
        { "bytes", "bytes: ====\n", false },
        { "bytes", "bytes: A===\n", false },
        { "bytes", "bytes: \n", false },
        { "many", "many: AA==\nmany: AA==\n", true },
        { "many", "many: AA==\nmany: AA==\nmany: AA==\n", false },
        { "many", "", true },
        { "text", "text: x\n", true },
        { "text", "text: 12345678\n", true },
        { "text", "text: 123456789\n", false },
        { "text", "text:  x\n", false },
        { "text", "text: x \n", false },
        { "text", "text: \n", false },
        { "text", "text: x\ty\n", false },
        { "text", "text: \x7f\n", false },
        { "text", "text: \xc3\xa4\n", false },
        { "text", "text: x\r\n", false },
        { "small", "small: 0\n", true },
        { "small", "small: 00\n", false },
        { "small", "small: 01\n", false },
        { "small", "small: 4294967296\n", false },
        { "small", "small: 42949672950\n", false },
        { "small", "small: -1\n", false },
        { "small", "small: +1\n", false },
        { "small", "small: 0x1\n", false },
        { "small", "small: 1 \n", false },
        { "small", "small: \n", false },
        { "small", "small:\n", false },
        { "large", "large: 18446744073709551616\n", false },
        { "large", "large: 99999999999999999999\n", false },
        { "large", "large: 18446744073709551614\n", true },
    };
    struct all a, before;
    enum fbc_err err;
    size_t i;

    (void)state;
    memset(&before, 0xa5, sizeof(before));
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        a = before;
        err = parse_with(cases[i].name, cases[i].line, &a, NULL);
        if ( err != (cases[i].ok ? FBC_OK : FBC_ERR_FORMAT) )
            fail_msg("%s gives %d", cases[i].line, err);
        if ( err )
            assert_memory_equal(&a, &before, sizeof(a));
    }
}

static void line_numbers(void **state)
{
    unsigned int line = 0;
    struct all a;

    (void)state;
    assert_int_equal(parse_with("fbc-test-3", "# a\nfbc-test-4\n", &a, &line),
                     FBC_ERR_VERSION);
    assert_int_equal(line, 2);
    assert_int_equal(parse_with("fbc-test-3", "fbc-other-1\n", &a, &line),
                     FBC_ERR_MAGIC);
    assert_int_equal(line, 1);
    assert_int_equal(parse_with("text", "text: \n", &a, &line),
                     FBC_ERR_FORMAT);
    assert_int_equal(line, 7);
    assert_int_equal(parse_with("large", "large: 1\nx\n", &a, &line),
                     FBC_ERR_FORMAT);
    assert_int_equal(line, 10);
}

static void largest(void **state)
{
    char *text = malloc(FBC_RECORD_MAX_FILE + 1);
    size_t n = sizeof(good) - 1, pad = FBC_RECORD_MAX_FILE - n;
    struct all a;

    (void)state;
    assert_non_null(text);
    memset(text, '#', pad);
    text[pad - 1] = '\n';
    memcpy(text + pad, good, n);
    assert_int_equal(fbc_record_parse(&record, text, FBC_RECORD_MAX_FILE, &a,
                                      NULL), FBC_OK);
    memmove(text + 1, text, FBC_RECORD_MAX_FILE);
    assert_int_equal(fbc_record_parse(&record, text, FBC_RECORD_MAX_FILE + 1,
                                      &a, NULL), FBC_ERR_LENGTH);
    free(text);
}

/* Nothing is written that would not be read. */
static void not_written(void **state)
{
    struct all a, b;
    char text[600];
    size_t n;

    (void)state;
    assert_int_equal(fbc_record_parse(&record, good, sizeof(good) - 1, &a,
                                      NULL), FBC_OK);
    for ( n = 0; n < sizeof(good) - 1; n++ )
        assert_int_equal(fbc_record_encode(&record, &a, text, n), 0);
    b = a;
    b.bytes.len = 1;
    assert_int_equal(fbc_record_encode(&record, &b, text, sizeof(text)), 0);
    b.bytes.len = 7;
    assert_int_equal(fbc_record_encode(&record, &b, text, sizeof(text)), 0);
    b = a;
    b.maybe.len = 3;
    assert_int_equal(fbc_record_encode(&record, &b, text, sizeof(text)), 0);
    b = a;
    b.small = 1ull << 32;
    assert_int_equal(fbc_record_encode(&record, &b, text, sizeof(text)), 0);
    b = a;
    strcpy(b.text, "a\nb");
    assert_int_equal(fbc_record_encode(&record, &b, text, sizeof(text)), 0);
    b.text[0] = 0;
    assert_int_equal(fbc_record_encode(&record, &b, text, sizeof(text)), 0);
    memset(b.text, 'x', sizeof(b.text));        /* no NUL */
    n = fbc_record_encode(&record, &b, text, sizeof(text));
    assert_true(n > 0);
}

/* Golden values that were edited by hand. */
static void golden(void **state)
{
    static const char *const fixed[] = { "image", "pcr0", "pcr2", "pcr4",
                                         "pcr7", "policy", "vmm-key",
                                         "pcr12" };
    json_t *root = vec_load("attest.json");
    const char *text = vec_text(json_object_get(root, "golden"), "pinned");
    struct fbc_golden g;
    unsigned int line;
    char *edit, *p;
    char name[16];
    size_t i;

    (void)state;
    assert_int_equal(fbc_golden_parse(text, strlen(text), &g, NULL), FBC_OK);
    for ( i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++ )
    {
        edit = strdup(text);
        assert_non_null(edit);
        snprintf(name, sizeof(name), "\n%s: ", fixed[i]);
        p = strstr(edit, name);
        assert_non_null(p);
        p += strlen(name) + 10;
        *p = *p == '0' ? '1' : '0';
        memset(&g, 0xa5, sizeof(g));
        assert_int_equal(fbc_golden_parse(edit, strlen(edit), &g, &line),
                         FBC_ERR_CHECKSUM);
        assert_int_equal(line, 0);
        assert_int_equal(g.image[0], 0xa5);
        free(edit);
    }

    /* A key is pinned by both lines or by none. */
    edit = strdup(text);
    assert_non_null(edit);
    p = strstr(edit, "\npcr12: ") + 8;
    memmove(p + 4, p + 64, strlen(p + 64) + 1);
    memcpy(p, "none", 4);
    assert_int_equal(fbc_golden_parse(edit, strlen(edit), &g, NULL),
                     FBC_ERR_CHECKSUM);
    free(edit);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("every kind of value is read and written", all_kinds),
        VEC_TEST("values are read strictly; a refusal leaves the output",
                 values),
        VEC_TEST("the wrong line is named", line_numbers),
        VEC_TEST("96 KiB are read, and no byte more", largest),
        VEC_TEST("nothing is written that would not be read", not_written),
        VEC_TEST("golden values that do not belong together are refused",
                 golden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
