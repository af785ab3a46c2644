/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long a verifier takes: the checks alone and the whole command, next to
 * one bare signature verification and to a command that does nothing.
 */
#include "bench.h"

#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/verify/attest_crypto.h"
#include "lib/verify/attest_verify.h"

#define WANTED_MS 100.0
#define TOOL "build/bin/fbc-attest"

extern char **environ;

static struct fbc_golden golden;
static struct fbc_host host;
static struct fbc_evidence evidence;
static struct fbc_attest attest = { .golden = &golden, .goldens = 1,
                                    .host = &host, .evidence = &evidence };
static uint8_t nonce[FBC_TPM_NONCE_LEN], x[32], y[32], r[32], s[32];
static const char *text;
static char dir[] = "/tmp/bench_attest.XXXXXX";

static const char *get(const json_t *root, const char *group,
                       const char *name)
{
    const json_t *o = group ? json_object_get(root, group) : root;
    const char *v = json_string_value(json_object_get(o, name));

    bench_must(!v, name);

    return v;
}

static void save(const char *name, const char *contents)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "w");
    bench_must(!f || fputs(contents, f) < 0 || fclose(f), path);
}

static void load(void)
{
    json_t *root = json_load_file("tests/vectors/attest.json", JSON_ALLOW_NUL,
                                  NULL);
    const char *h, *g, *n;
    struct fbc_error e;
    char path[64];
    size_t i;

    bench_must(!root, "tests/vectors/attest.json");
    text = get(root, NULL, "base");
    h = get(root, "hosts", "a");
    g = get(root, "golden", "good");
    n = get(root, NULL, "nonce");
    for ( i = 0; i < sizeof(nonce); i++ )
        bench_must(sscanf(n + 2 * i, "%2hhx", &nonce[i]) != 1, "nonce");
    attest.nonce = nonce;

    bench_must(!mkdtemp(dir), dir);
    save("evidence", text);
    save("host", h);
    save("golden", g);
    save("roots", get(root, "roots", "root"));
    snprintf(path, sizeof(path), "%s/roots", dir);
    bench_must(fbc_roots_load(path, &attest.roots, &e), path);
    bench_must(fbc_record_parse(&fbc_host_record, h, strlen(h), &host, NULL),
               "host");
    bench_must(fbc_golden_parse(g, strlen(g), &golden, NULL), "golden");
    bench_must(fbc_record_parse(&fbc_evidence_record, text, strlen(text),
                                &evidence, NULL), "evidence");
    bench_must(fbc_tpm_ak_parse(evidence.id.ak.data, evidence.id.ak.len, x,
                                y) ||
               fbc_tpm_sig_parse(evidence.signature.data,
                                 evidence.signature.len, r, s), "AK");
}

static void signature(void *arg)
{
    (void)arg;
    bench_must(!fbc_ecdsa_verify(x, y, r, s, evidence.quote.data,
                                 evidence.quote.len), "signature");
}

static void parse(void *arg)
{
    (void)arg;
    bench_must(fbc_record_parse(&fbc_evidence_record, text, strlen(text),
                                &evidence, NULL), "evidence");
}

static void checks(void *arg)
{
    static struct fbc_verdict v;

    (void)arg;
    parse(NULL);
    fbc_attest_check(&attest, &v);
    bench_must(!v.ok, "verification");
}

static void spawn(char *const argv[])
{
    posix_spawn_file_actions_t to_null;
    int status;
    pid_t pid;

    bench_must(posix_spawn_file_actions_init(&to_null) ||
               posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", 1,
                                                0) ||
               posix_spawnp(&pid, argv[0], &to_null, NULL, argv, environ) ||
               waitpid(pid, &status, 0) != pid || status, argv[0]);
    posix_spawn_file_actions_destroy(&to_null);
}

static void nothing(void *arg)
{
    (void)arg;
    spawn((char *const []){ (char *)"true", NULL });
}

static void command(void *arg)
{
    char files[4][64], hex[2 * sizeof(nonce) + 1];
    static const char *const names[] = { "host", "golden", "roots",
                                         "evidence" };
    size_t i;

    (void)arg;
    for ( i = 0; i < 4; i++ )
        snprintf(files[i], sizeof(files[i]), "%s/%s", dir, names[i]);
    for ( i = 0; i < sizeof(nonce); i++ )
        snprintf(hex + 2 * i, 3, "%02x", nonce[i]);
    spawn((char *const []){ (char *)TOOL, (char *)"verify", (char *)"--nonce",
                            hex, (char *)"--host", files[0],
                            (char *)"--golden", files[1], (char *)"--roots",
                            files[2], files[3], NULL });
}

static void clean(void)
{
    static const char *const names[] = { "host", "golden", "roots",
                                         "evidence" };
    char path[64];
    size_t i;

    for ( i = 0; i < 4; i++ )
    {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

/* Of commands the wall clock counts: their time is not this thread's. */
static double wall_ms(void (*run)(void *arg))
{
    double best = 1e9, ms;
    struct timespec a, b;
    unsigned int i;

    for ( i = 0; i < 20; i++ )
    {
        clock_gettime(CLOCK_MONOTONIC, &a);
        run(NULL);
        clock_gettime(CLOCK_MONOTONIC, &b);
        ms = (double)(b.tv_sec - a.tv_sec) * 1e3 +
             (double)(b.tv_nsec - a.tv_nsec) / 1e6;
        if ( ms < best )
            best = ms;
    }

    return best;
}

int main(void)
{
    struct bench b[] = {
        { .name = "one ECDSA P-256 verification", .run = signature,
          .bytes = FBC_TPM_QUOTE_LEN },
        { .name = "parsing of evidence", .run = parse },
        { .name = "verification", .run = checks },
    };
    double idle, whole;

    load();
    b[1].bytes = b[2].bytes = strlen(text);
    bench_run(b, 3);
    idle = wall_ms(nothing);
    whole = wall_ms(command);
    clean();

    printf("# name, size, value, unit, ratio to one ECDSA verification\n");
    bench_print(b, 3, "evidence");
    printf("true(1), evidence, %.4f, ms, %.2f\n", idle, idle / b[0].ms);
    printf("fbc-attest verify, evidence, %.4f, ms, %.2f\n", whole,
           whole / b[0].ms);
    printf("%-46s %-10s <= %5.0f ms %7.1f ms  %s\n", "fbc-attest verify",
           "evidence", WANTED_MS, whole, whole <= WANTED_MS ? "met"
           : "MISSED");
    bench_end();

    return whole > WANTED_MS;
}
