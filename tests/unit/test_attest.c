/* SPDX-License-Identifier: GPL-2.0-only */
/* The verifier against evidence made by an independent implementation. */
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/verify/attest_report.h"

static json_t *root;

static const char *text_of(const char *group, const char *name)
{
    return vec_text(json_object_get(root, group), name);
}

static struct fbc_roots *load_roots(const char *name)
{
    const char *pem = text_of("roots", name);
    char path[] = "/tmp/test_attest.XXXXXX";
    int fd = mkstemp(path);
    struct fbc_roots *r;
    struct fbc_error e;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, pem, strlen(pem)), strlen(pem));
    close(fd);
    assert_int_equal(fbc_roots_load(path, &r, &e), 0);
    unlink(path);

    return r;
}

/* What a verifier has, for a vector or (v NULL) by default. */
struct given {
    struct fbc_golden golden[FBC_GOLDEN_MAX];
    struct fbc_host host;
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    struct fbc_evidence evidence;
    struct fbc_attest attest;
};

static void add_golden(struct given *g, const char *name)
{
    const char *text = text_of("golden", name);

    assert_int_equal(fbc_golden_parse(text, strlen(text),
                                      &g->golden[g->attest.goldens++], NULL),
                     FBC_OK);
}

static struct given *give(const json_t *v)
{
    struct given *g = calloc(1, sizeof(*g));
    const json_t *golden = json_object_get(v, "golden"), *name;
    const char *host;
    size_t i;

    assert_non_null(g);
    g->attest.golden = g->golden;
    json_array_foreach ( golden, i, name )
        add_golden(g, json_string_value(name));
    if ( !golden )
        add_golden(g, "good");

    host = text_of("hosts", vec_has(v, "host") ? vec_text(v, "host") : "a");
    assert_int_equal(fbc_record_parse(&fbc_host_record, host, strlen(host),
                                      &g->host, NULL), FBC_OK);
    g->attest.host = &g->host;
    vec_bytes(root, "nonce", g->nonce, sizeof(g->nonce));
    g->attest.nonce = g->nonce;
    g->attest.require_overwrite = vec_has(v, "require_overwrite");
    g->attest.roots = load_roots(vec_has(v, "roots") ? vec_text(v, "roots")
                                 : "root");

    return g;
}

static void take_back(struct given *g)
{
    fbc_roots_free(g->attest.roots);
    free(g);
}

static void judge(struct given *g, const char *text, size_t len,
                  struct fbc_verdict *v)
{
    /* On the heap, so that a sanitizer sees a read past the end. */
    char *exact = malloc(len ? len : 1);
    unsigned int line = 0;
    enum fbc_err err;

    assert_non_null(exact);
    memcpy(exact, text, len);
    err = fbc_record_parse(&fbc_evidence_record, exact, len, &g->evidence,
                           &line);
    free(exact);
    if ( err )
    {
        assert_true(line > 0);
        fbc_attest_unreadable(err, line, v);
        return;
    }
    g->attest.evidence = &g->evidence;
    fbc_attest_check(&g->attest, v);
}

/* The base with "cut" characters at "at" replaced. */
static char *assemble(const json_t *v, size_t *len)
{
    const json_t *base = json_object_get(root, "base");
    const json_t *insert = json_object_get(v, "insert");
    size_t at = vec_u64(v, "at"), cut = vec_u64(v, "cut");
    size_t n = json_string_length(insert), all = json_string_length(base);
    char *text = malloc(all + n + 1);

    assert_non_null(text);
    assert_true(at + cut <= all);
    memcpy(text, json_string_value(base), at);
    memcpy(text + at, json_string_value(insert), n);
    memcpy(text + at + n, json_string_value(base) + at + cut,
           all - at - cut);
    *len = all - cut + n;

    return text;
}

/* A verdict says one thing. */
static void check_consistent(const struct fbc_verdict *v)
{
    enum fbc_reason first = FBC_REASON_OK;
    bool all = true;
    unsigned int i;

    for ( i = 0; i < FBC_CHECKS; i++ )
    {
        all &= v->check[i].answer == FBC_YES;
        assert_int_equal(v->check[i].answer == FBC_NO,
                         v->check[i].reason != FBC_REASON_OK);
        if ( !first )
            first = v->check[i].reason;
    }
    assert_int_equal(v->ok, all);
    assert_int_equal(v->reason, first);
}

static void check_canonical(const struct given *g, const char *text,
                            size_t len)
{
    char *again = malloc(FBC_RECORD_MAX_FILE);
    size_t n;

    assert_non_null(again);
    while ( *text == '#' )
    {
        len -= strcspn(text, "\n") + 1;
        text += strcspn(text, "\n") + 1;
    }
    n = fbc_record_encode(&fbc_evidence_record, &g->evidence, again,
                          FBC_RECORD_MAX_FILE);
    assert_int_equal(n, len);
    assert_memory_equal(again, text, len);
    free(again);
}

static void check(const json_t *v)
{
    const char *expect = vec_text(v, "expect");
    struct given *g = give(v);
    struct fbc_verdict verdict;
    size_t len;
    char *text = assemble(v, &len);

    judge(g, text, len, &verdict);
    check_consistent(&verdict);
    assert_string_equal(fbc_reason_name(verdict.reason), expect);
    assert_int_equal(verdict.ok, !strcmp(expect, "ok"));
    if ( verdict.check[FBC_CHECK_MEMORY].answer != FBC_NOT_CHECKED )
        assert_int_equal(verdict.overwrites, !vec_has(v, "overwrites"));
    else
        assert_false(verdict.ok);
    if ( verdict.ok )
        check_canonical(g, text, len);
    free(text);
    take_back(g);
}

static void vectors(void **state)
{
    (void)state;
    vec_each("attest.json", "vectors", check);
}

static void every_reason(void **state)
{
    json_t *list = json_object_get(root, "vectors"), *v;
    unsigned int seen, i;
    size_t n;

    (void)state;
    for ( i = 0; i < FBC_REASONS; i++ )
    {
        seen = 0;
        json_array_foreach ( list, n, v )
            seen += !strcmp(vec_text(v, "expect"), fbc_reason_name(i));
        if ( !seen )
            fail_msg("no vector for %s", fbc_reason_name(i));
    }
}

/* Each character by its neighbour: about 3000 files. */
static void no_character(void **state)
{
    const char *base = vec_text(root, "base");
    struct given *g = give(NULL);
    char *text = strdup(base);
    struct fbc_verdict v;
    size_t i;

    (void)state;
    assert_non_null(text);
    for ( i = 0; base[i]; i++ )
    {
        text[i] = (char)(base[i] ^ 1);
        judge(g, text, strlen(base), &v);
        check_consistent(&v);
        /* Only a comment may change, and there is none. */
        if ( v.ok && text[0] != '#' )
            fail_msg("character %zu may be %c instead of %c", i, text[i],
                     base[i]);
        text[i] = base[i];
    }
    free(text);
    take_back(g);
}

static void cut_anywhere(void **state)
{
    const char *base = vec_text(root, "base");
    size_t all = strlen(base), chain, len;
    struct given *g = give(NULL);
    struct fbc_verdict v;

    (void)state;
    chain = (size_t)(strstr(base, "ek-chain") - base);
    for ( len = 0; len < all; len++ )
    {
        judge(g, base, len, &v);
        assert_int_equal(v.reason, len == chain ? FBC_REASON_EK_CERT_CHAIN
                         : FBC_REASON_EVIDENCE_FORMAT);
    }
    take_back(g);
}

/* What is not given is not checked, and the answer is never yes. */
static void not_given(void **state)
{
    static const struct {
        size_t offset, size;
        enum fbc_check_id check;
    } parts[] = {
#define PART(m, c) { offsetof(struct fbc_attest, m), \
                     sizeof(((struct fbc_attest *)0)->m), FBC_CHECK_ ## c }
        PART(roots, EK_CERT), PART(host, HOST), PART(nonce, NONCE),
        PART(goldens, PCR4),
    };
    const char *base = vec_text(root, "base");
    struct given *g = give(NULL);
    struct fbc_attest all;
    struct fbc_verdict v;
    size_t i;

    (void)state;
    judge(g, base, strlen(base), &v);
    assert_true(v.ok);
    all = g->attest;
    for ( i = 0; i < sizeof(parts) / sizeof(parts[0]); i++ )
    {
        memset((char *)&g->attest + parts[i].offset, 0, parts[i].size);
        fbc_attest_check(&g->attest, &v);
        assert_false(v.ok);
        assert_int_equal(v.reason, FBC_REASON_OK);
        assert_int_equal(v.check[parts[i].check].answer, FBC_NOT_CHECKED);
        g->attest = all;
    }
    take_back(g);
}

static void news(void **state)
{
    const char *base = vec_text(root, "base");
    struct given *g = give(NULL);
    struct fbc_verdict v;

    (void)state;
    judge(g, base, strlen(base), &v);
    assert_true(v.ok && !v.new_boot && !v.new_key);

    fbc_host_update(&g->host, &g->evidence, &v);
    assert_int_equal(g->host.resets, 7);
    assert_int_equal(g->host.clock, 123456);
    fbc_attest_check(&g->attest, &v);
    assert_int_equal(v.reason, FBC_REASON_REPLAY);

    g->host.resets = 6;
    g->host.vmm_key[0] ^= 1;
    fbc_attest_check(&g->attest, &v);
    assert_true(v.ok && v.new_boot && v.new_key);
    take_back(g);
}

static const json_t *vector(const char *name)
{
    json_t *list = json_object_get(root, "vectors"), *v;
    size_t i;

    json_array_foreach ( list, i, v )
        if ( !strcmp(vec_text(v, "name"), name) )
            return v;
    fail_msg("no vector: %s", name);

    return NULL;
}

static const json_t *memory_of(const struct given *g,
                               const struct fbc_verdict *v, json_t **object)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    assert_non_null(f);
    fbc_attest_json(f, &g->attest, v, NULL);
    fclose(f);
    *object = json_loads(text, 0, NULL);
    free(text);
    assert_non_null(*object);

    return json_object_get(*object, "overwrites");
}

/* What is told of memory: by default a fact, on demand a verdict. */
static void memory(void **state)
{
    const char *base = vec_text(root, "base");
    struct given *g = give(NULL);
    const struct fbc_check *c;
    struct fbc_verdict v;
    json_t *object;
    char *outlives;
    size_t len;

    (void)state;
    c = &v.check[FBC_CHECK_MEMORY];
    judge(g, base, strlen(base), &v);
    assert_true(v.ok && v.overwrites);
    assert_string_equal(c->expected, "any");
    assert_string_equal(c->found, "overwritten at a reset");
    assert_true(json_is_true(memory_of(g, &v, &object)));
    json_decref(object);

    outlives = assemble(vector("it outlives a reset"), &len);
    judge(g, outlives, len, &v);
    assert_true(v.ok && !v.overwrites);
    assert_string_equal(c->expected, "any");
    assert_string_equal(c->found, "outlives a reset");
    assert_true(json_is_false(memory_of(g, &v, &object)));
    json_decref(object);

    g->attest.require_overwrite = true;
    judge(g, outlives, len, &v);
    free(outlives);
    assert_int_equal(v.reason, FBC_REASON_MEMORY);
    assert_string_equal(c->expected, "overwritten at a reset");
    assert_string_equal(c->found, "outlives a reset");
    assert_true(json_is_false(memory_of(g, &v, &object)));
    json_decref(object);

    /* Unknown where PCR 12 is of neither kind. */
    g->evidence.vmm_key[0] ^= 1;
    fbc_attest_check(&g->attest, &v);
    assert_int_equal(c->answer, FBC_NOT_CHECKED);
    assert_int_equal(strlen(v.check[FBC_CHECK_PCR12].expected), 64 + 4 + 64);
    assert_true(json_is_null(memory_of(g, &v, &object)));
    json_decref(object);
    take_back(g);
}

/* JSON has the same fields whatever happened. */
static void report(void **state)
{
    const char *base = vec_text(root, "base");
    struct given *g = give(NULL);
    struct fbc_error e = { .status = FBC_EXIT_INPUT };
    struct fbc_attest none = { .evidence = NULL };
    struct fbc_verdict yes, no, nothing = { .ok = false };
    json_t *out[3];
    char *text;
    size_t len, i;
    FILE *f;

    (void)state;
    judge(g, base, strlen(base), &yes);
    fbc_attest_unreadable(FBC_ERR_FORMAT, 3, &no);
    for ( i = 0; i < 3; i++ )
    {
        f = open_memstream(&text, &len);
        assert_non_null(f);
        fbc_attest_json(f, i == 2 ? &none : &g->attest,
                        i == 0 ? &yes : i == 1 ? &no : &nothing,
                        i ? &e : NULL);
        fclose(f);
        out[i] = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        free(text);
        assert_non_null(out[i]);
        assert_int_equal(json_object_size(out[i]), json_object_size(out[0]));
        assert_int_equal(json_array_size(json_object_get(out[i], "checks")),
                         FBC_CHECKS);
        assert_int_equal(json_is_null(json_object_get(out[i], "vmm_key")),
                         i > 0);
    }
    assert_string_equal(vec_text(out[1], "reason"), "evidence-format");
    for ( i = 0; i < 3; i++ )
        json_decref(out[i]);
    take_back(g);
}

static void explain(void **state)
{
    const char *base = vec_text(root, "base");
    struct given *g = give(NULL);
    struct fbc_verdict v;
    unsigned int lines = 0;
    char *text, *p;
    size_t len;
    FILE *f;

    (void)state;
    g->nonce[0] ^= 1;
    judge(g, base, strlen(base), &v);
    f = open_memstream(&text, &len);
    assert_non_null(f);
    fbc_attest_explain(f, &v);
    fclose(f);
    for ( p = text; (p = strchr(p, '\n')); p++ )
        lines++;
    assert_int_equal(lines, FBC_CHECKS + 2);
    assert_non_null(strstr(text, "nonce          no "));
    assert_non_null(strstr(text, fbc_reason_hint(FBC_REASON_NONCE)));
    assert_non_null(strstr(text, "answer         no: nonce\n"));
    free(text);
    take_back(g);
}

static int setup(void **state)
{
    (void)state;
    root = vec_load("attest.json");

    return !root;
}

static int teardown(void **state)
{
    (void)state;
    json_decref(root);

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("evidence is taken or refused with the expected reason",
                 vectors),
        VEC_TEST("there is a vector for every reason", every_reason),
        VEC_TEST("no character of evidence can be replaced", no_character),
        VEC_TEST("evidence cut anywhere is refused", cut_anywhere),
        VEC_TEST("what is not given is not checked, and the answer not yes",
                 not_given),
        VEC_TEST("a new boot and a new key are told, a replay refused", news),
        VEC_TEST("whether memory outlives a reset: told, or refused on demand",
                 memory),
        VEC_TEST("JSON has the same fields after a failure", report),
        VEC_TEST("explain has a line a check and says what to do", explain),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
