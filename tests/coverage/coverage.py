#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which lines of src do the tests run?

usage: tests/coverage/coverage.py [-r] [SUITE]...

Copies the tree to build/coverage/tree, builds it there for gcov(1), runs the
suites (unit, fuzz and bats) and prints what share of each room's lines ran.
Lines that did not are in build/coverage/missed.  The suite testbed is those
files of it whose tools run in dom0 most; it needs what `make check-testbed`
builds.  With it of lib dom0 and intruder count, too: without Xen they do not
run.

  -r   measure again what has run, run nothing

Exit status 1: fewer lines ran of core, parse or lib than should.  Tests that
fail for being measured are told, and no reason to fail: in the proxy's cage
nothing could be written, so it has none (uncage.c).
"""
import glob
import json
import os
import shutil
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
OUT = os.path.join(TOP, "build/coverage")
TREE = os.path.join(OUT, "tree")
# These run nothing of src.
OTHERS = ("deb", "faults", "layout", "libfbc", "make", "patches", "sources")
AIMS = {"core": 90, "parse": 95, "lib without Xen": 90}
NEED_XEN = ("lib/dom0", "lib/intruder")
# What of the testbed is run for them.
TESTBED = ("20-refused", "80-leaks", "88-input")
DOM0 = OUT + "/dom0"
FLAGS = "-O0 -g -U_FORTIFY_SOURCE --coverage"


def shell(*args, check=True, **kw):
    return subprocess.run(args, check=check, **kw)


def copy():
    """Sources alone; what is fetched and takes long is shared."""
    shell("mkdir", "-p", TREE + "/build")
    for name in os.listdir(TOP):
        if name not in (".git", "build"):
            shell("cp", "-au", os.path.join(TOP, name), TREE)
    for where, _, names in os.walk(TREE):
        here = os.path.join(TOP, os.path.relpath(where, TREE))
        if not os.path.relpath(where, TREE).startswith("build"):
            for name in names:
                if not os.path.lexists(os.path.join(here, name)):
                    os.unlink(os.path.join(where, name))
    for name in OTHERS:
        os.unlink("%s/tests/bats/%s.bats" % (TREE, name))
    for name in os.listdir(TOP + "/build"):
        to = os.path.join(TREE, "build", name)
        if name in ("src", "xen", "novnc", "download", "images") and \
                not os.path.lexists(to):
            os.symlink(os.path.join(TOP, "build", name), to)


def build():
    uncage = OUT + "/uncage.o"
    shell("gcc", "-g", "-O2", "-I" + TOP + "/src", "-c", "-o", uncage,
          TOP + "/tests/coverage/uncage.c")
    shell("make", "-s", "WERROR=", "-j%d" % os.cpu_count(),
          "CFLAGS=" + FLAGS, "SANITIZE=" + FLAGS,
          "LDFLAGS=-Wl,--wrap=_exit " + uncage,
          "UNCAGE=-Wl,--wrap=fbc_confine", "coverage-programs", cwd=TREE)


def run_testbed():
    """Leaves a directory in DOM0 for each machine there was."""
    os.makedirs(DOM0)
    shell("cp", "-p", TOP + "/build/bin/xl", TREE + "/build/bin")
    # What a testbed's guest or dom0 runs of the tests' own is not measured.
    for name in os.listdir(TOP + "/build/tests"):
        to = TREE + "/build/tests/" + name
        if not os.path.exists(to):
            shell("cp", "-p", TOP + "/build/tests/" + name, to, check=False,
                  stderr=subprocess.DEVNULL)
    shell("cp", "-p", TOP + "/scripts/testbed", TREE + "/scripts/testbed-real")
    shell("cp", "-p", TOP + "/tests/coverage/testbed", TREE + "/scripts")
    for name in TESTBED:
        env = dict(os.environ, FBC_INSTANCE="coverage-" + name)
        for args in (["bats", "-T", "tests/testbed/%s.bats" % name],
                     ["scripts/testbed", "down"]):
            shell(*args, cwd=TREE, check=False, env=env)


def sets_of_data():
    """Lists of files for gcov."""
    for where in ("build/obj", "build/tests/replay/obj"):
        notes = glob.glob(where + "/**/*.gcno", root_dir=TREE, recursive=True)
        data = [n[:-5] + ".gcda" for n in notes]
        yield [d if os.path.exists(os.path.join(TREE, d)) else n
               for d, n in zip(data, notes)]
    for machine in glob.glob(DOM0 + "/*/"):
        data = glob.glob(machine + TREE[1:] + "/build/obj/**/*.gcda",
                         recursive=True)
        for d in data:
            note = d[:-5] + ".gcno"
            if not os.path.lexists(note):
                os.symlink(note[len(machine) - 1:], note)
        if data:
            yield data


def measure():
    """{file: {line: how often}}"""
    lines = {}
    for data in sets_of_data():
        out = shell("gcov", "-j", "-t", *sorted(data), cwd=TREE,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    text=True).stdout
        for doc in out.splitlines():
            for f in json.loads(doc)["files"]:
                if not f["file"].startswith("src/") or \
                        not os.path.exists(os.path.join(TREE, f["file"])):
                    continue
                known = lines.setdefault(f["file"], {})
                for ln in f["lines"]:
                    n = ln["line_number"]
                    known[n] = known.get(n, 0) + ln["count"]
    return lines


def room(path):
    parts = path.split("/")
    return "/".join(parts[1:3 if parts[1] in ("lib", "parse") else 2])


def report(lines, xen):
    rooms, files = {}, {}
    with open(OUT + "/missed", "w", encoding="utf-8") as f:
        for path in sorted(lines):
            with open(os.path.join(TREE, path), encoding="utf-8") as s:
                text = s.read().splitlines()
            ran = sum(1 for n in lines[path].values() if n)
            files[path] = [ran, len(lines[path])]
            names = {room(path), room(path).split("/")[0]}
            if room(path).startswith("lib/") and room(path) not in NEED_XEN:
                names.add("lib without Xen")
            for name in names:
                r = rooms.setdefault(name, [0, 0])
                r[0] += ran
                r[1] += len(lines[path])
            for n in sorted(lines[path]):
                if not lines[path][n]:
                    f.write("%s:%d: %s\n" % (path, n, text[n - 1].strip()))
    for table, width in ((rooms, 18), (files, 40)):
        with (open(OUT + "/files", "w", encoding="utf-8")
              if table is files else os.fdopen(os.dup(1), "w")) as f:
            for name in sorted(table):
                ran, of = table[name]
                f.write("%-*s %5d of %5d lines %6.1f %%\n" %
                        (width, name, ran, of, 100 * ran / of))

    if xen:
        AIMS["lib"] = AIMS.pop("lib without Xen")
    low = [r for r in AIMS if 100 * rooms[r][0] < AIMS[r] * rooms[r][1]]
    for name in low:
        print("coverage: error: %s: less than %d %%" % (name, AIMS[name]),
              file=sys.stderr)
    return low


def main(argv):
    again = argv[:1] == ["-r"]
    native = ["unit", "fuzz", "bats"]
    suites = argv[again:] or native
    if [s for s in suites if s not in native + ["testbed"]]:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    xen = "testbed" in suites
    if not again:
        copy()
        build()
        shell("find", "build", "-name", "*.gcda", "-delete", cwd=TREE)
        shutil.rmtree(DOM0, ignore_errors=True)
        here = [s for s in suites if s in native]
        if here:
            shell("tests/run", *here, cwd=TREE, check=False)
        if xen:
            run_testbed()
    return 1 if report(measure(), xen) and len(suites) >= 3 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
