/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-launch: is the guest that dom0 built the one that was meant? */
#include <string.h>

#include "lib/base/subcmd.h"
#include "lib/launch/launch_cmd.h"

static const char help[] =
    "usage: fbc-launch compute --kernel FILE [--ramdisk FILE]\n"
    "                          --cmdline TEXT --memory MIB [-o FILE]\n"
    "       fbc-launch check --kernel FILE [--ramdisk FILE]\n"
    "                        --cmdline TEXT [LOG]\n"
    "       fbc-launch show [LOG]\n"
    "       fbc-launch diff LOG LOG\n"
    "\n"
    "Compute a guest's launch digest from its files, or check its launch "
    "log.\n"
    "\n"
    "  -k, --kernel FILE       vmlinuz or vmlinux\n"
    "  -r, --ramdisk FILE      initrd\n"
    "  -c, --cmdline TEXT      command line, as xl gives it to the kernel\n"
    "  -m, --memory MIB        memory= of the guest; check: as in the log\n"
    "  -M, --maxmem MIB        maxmem=, if it differs; check: as in the log\n"
    "  -g, --gunzip yes|no     does the toolstack unpack the ramdisk (Xen\n"
    "                          4.19 and older)?  compute: both, check: either\n"
    "  -o, --output FILE       compute: write the log that is expected\n"
    "  -t, --type pv|pvh       compute: pv; check: as in the log\n"
    "  -l, --libxl FILE        PVH: the host's libxenlight.so, which has the\n"
    "                          guest's ACPI DSDT, or\n"
    "  -d, --dsdt FILE         the DSDT itself\n"
    "  -p, --vcpus N           PVH: vcpus= of the guest; 1\n"
    "  -P, --maxvcpus N        PVH: maxvcpus=, if it differs\n"
    "  -n, --nvs               PVH: toolstack of Xen 4.21 or newer; check: as\n"
    "                          in the log\n"
    "  -R, --rebooted          PVH: the toolstack's process has built a guest\n"
    "                          before; check: either\n"
    "  -j, --json              compute, check, show, diff: a JSON object\n"
    FBC_CLI_HELP;

enum opt {
    O_KERNEL, O_RAMDISK, O_CMDLINE, O_MEMORY, O_MAXMEM, O_GUNZIP, O_OUTPUT,
    O_JSON, O_TYPE, O_LIBXL, O_DSDT, O_VCPUS, O_MAXVCPUS, O_NVS, O_REBOOTED,
    O_COUNT
};

#define BIT(o) (1u << O_ ## o)
#define ARGUMENT(name, o) FBC_SUBCMD_ARGUMENT(name, O_ ## o)

static const struct option options[] = {
    ARGUMENT("kernel", KERNEL), ARGUMENT("ramdisk", RAMDISK),
    ARGUMENT("cmdline", CMDLINE), ARGUMENT("memory", MEMORY),
    ARGUMENT("maxmem", MAXMEM), ARGUMENT("gunzip", GUNZIP),
    ARGUMENT("output", OUTPUT), FBC_SUBCMD_FLAG("json", O_JSON),
    ARGUMENT("type", TYPE), ARGUMENT("libxl", LIBXL), ARGUMENT("dsdt", DSDT),
    ARGUMENT("vcpus", VCPUS), ARGUMENT("maxvcpus", MAXVCPUS),
    FBC_SUBCMD_FLAG("nvs", O_NVS), FBC_SUBCMD_FLAG("rebooted", O_REBOOTED),
    FBC_CLI_LONG
};

static const char shorts[] = "krcmMgojtldpPnR";

_Static_assert(sizeof(shorts) - 1 == O_COUNT, "a short form for each");

#define PVH (BIT(LIBXL) | BIT(DSDT) | BIT(VCPUS) | BIT(MAXVCPUS) | BIT(NVS) | \
             BIT(REBOOTED))
#define GUEST (BIT(RAMDISK) | BIT(MEMORY) | BIT(MAXMEM) | BIT(GUNZIP) | \
               BIT(JSON) | BIT(TYPE) | PVH)

static const struct command {
    struct fbc_subcmd cli;
    int logs, optional_logs;    /* operands */
    fbc_launch_cmd *run;
} commands[] = {
    { { "compute", 0, BIT(KERNEL) | BIT(CMDLINE) | BIT(MEMORY),
        GUEST | BIT(OUTPUT) }, 0, 0, fbc_launch_compute },
    { { "check", 0, BIT(KERNEL) | BIT(CMDLINE), GUEST }, 0, 1,
      fbc_launch_check },
    { { "show", 0, 0, BIT(JSON) }, 0, 1, fbc_launch_show },
    { { "diff", 0, 0, BIT(JSON) }, 2, 0, fbc_launch_diff },
};

static int set(void *args, unsigned int o)
{
    struct fbc_launch_args *a = args;
    unsigned long mib, n;

    switch ( (enum opt)o )
    {
    case O_KERNEL: a->guest.kernel = optarg; break;
    case O_RAMDISK: a->guest.ramdisk = optarg; break;
    case O_CMDLINE: a->guest.cmdline = optarg; break;
    case O_OUTPUT: a->output = optarg; break;
    case O_JSON: a->json = true; break;
    case O_MEMORY:
    case O_MAXMEM:
        if ( fbc_cli_number(o == O_MEMORY ? "--memory" : "--maxmem", optarg,
                            1, 1u << 20, &mib) )
            return FBC_EXIT_USAGE;
        *(o == O_MEMORY ? &a->guest.memory : &a->guest.maxmem) = mib;
        break;
    case O_GUNZIP:
        if ( strcmp(optarg, "yes") && strcmp(optarg, "no") )
            return fbc_cli_usage("--gunzip", "yes or no");
        a->gunzip_given = true;
        a->gunzip = !strcmp(optarg, "yes");
        break;
    case O_TYPE:
        if ( strcmp(optarg, "pv") && strcmp(optarg, "pvh") )
            return fbc_cli_usage("--type", "pv or pvh");
        a->type_given = true;
        a->guest.pvh = !strcmp(optarg, "pvh");
        break;
    case O_LIBXL: a->guest.libxl = optarg; break;
    case O_DSDT: a->guest.dsdt = optarg; break;
    case O_VCPUS:
    case O_MAXVCPUS:
        if ( fbc_cli_number(o == O_VCPUS ? "--vcpus" : "--maxvcpus", optarg,
                            1, FBC_ACPI_MAX_VCPUS, &n) )
            return FBC_EXIT_USAGE;
        *(o == O_VCPUS ? &a->guest.vcpus : &a->guest.maxvcpus) = n;
        break;
    case O_NVS: a->guest.nvs = true; break;
    case O_REBOOTED: a->rebooted_given = a->guest.again = true; break;
    case O_COUNT:
        break;
    }

    return -1;
}

int main(int argc, char **argv)
{
    static const struct fbc_subcmds cmds = {
        .options = options, .shorts = shorts, .table = commands,
        .entries = sizeof(commands) / sizeof(commands[0]),
        .entry_size = sizeof(commands[0]), .set = set,
    };
    struct fbc_launch_args a = { .log = { "-", "-" } };
    const struct fbc_subcmd *found;
    const struct command *c;
    unsigned int given;
    struct fbc_error e;
    int rc, n;

    fbc_cli_start("fbc-launch", help);
    rc = fbc_subcmd_parse(&cmds, argc, argv, &a, &given, &found);
    if ( rc >= 0 )
        return rc;
    c = (const struct command *)found;

    n = argc - optind - 1;
    if ( n < c->logs )
        return fbc_cli_usage("LOG", "two logs are needed");
    if ( n > c->logs + c->optional_logs )
        return fbc_cli_usage(argv[optind + 1 + c->logs + c->optional_logs],
                             "unexpected argument");
    for ( ; n > 0; n-- )
        a.log[n - 1] = argv[optind + n];
    if ( a.guest.maxmem && a.guest.memory > a.guest.maxmem )
        return fbc_cli_usage("--maxmem", "less than --memory");
    if ( a.guest.maxvcpus && a.guest.vcpus > a.guest.maxvcpus )
        return fbc_cli_usage("--maxvcpus", "less than --vcpus");
    if ( a.guest.libxl && a.guest.dsdt )
        return fbc_cli_usage("--dsdt", "not with --libxl");
    if ( (given & PVH) && a.type_given && !a.guest.pvh )
        return fbc_cli_usage("--type", "pv has no ACPI and no vCPUs here");
    if ( (given & PVH) && !strcmp(found->name, "compute") && !a.guest.pvh )
        return fbc_cli_usage("--type", "pvh is needed with this");
    if ( a.guest.pvh && a.guest.maxmem && a.guest.memory &&
         a.guest.maxmem != a.guest.memory )
        return fbc_cli_usage("--maxmem", "other than --memory: such a PVH "
                             "guest does not start");
    if ( a.json && a.output && !strcmp(a.output, "-") )
        return fbc_cli_usage("--json", "standard output is taken by the log: "
                             "use -o FILE");

    rc = c->run(&a, &e);

    if ( rc < 0 && a.json )
    {
        struct fbc_json j;

        fbc_launch_json(&j, false, NULL);
        fbc_json_error(&j, &e);
        fbc_json_end(&j);
    }

    return rc < 0 ? fbc_cli_fail(&e) : fbc_cli_finish(rc);
}
