#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks that each file of src lies in the room where it belongs.

usage: tests/layout.py TREE

TREE holds src and, once built, build/obj.  Prints what is wrong, one a line:
a file of src/core that is not compiled into Xen; an include, or a call, from
a room to one that it may not know; a library that core or parse must do
without; a circle of files; a struct that two headers define; a line of more
than 80 columns.  Exit status: 0 nothing is wrong, 1 something is.
"""
import os
import re
import subprocess
import sys

# A room may use itself and what is named here: rooms that stand above it, so
# that no circle of rooms can be written down.
ROOMS = {}
for line in """
    core            -
    xen/include     -
    crypto          core
    xen/common      core
    parse/text      core
    parse/rfb       core
    parse/web       parse/text core
    parse/picture   core
    parse/shadow    parse/text core
    parse/attest    parse/text core
    parse/launch    parse/text core
    lib/base        parse/text core
    lib/dom0        lib/base parse/picture core xen/include
    lib/frames      lib/base parse/shadow parse/picture core
    lib/leak        lib/frames lib/base parse/picture core
    lib/intruder    lib/dom0 lib/frames lib/base parse/picture core
    lib/upstream    lib/base parse/rfb core
    lib/viewers     lib/base parse/rfb parse/web parse/text core
    lib/input       lib/base core
    lib/proxy       lib/upstream lib/viewers lib/input lib/base parse/shadow
                    parse/rfb parse/picture parse/text core
    lib/verify      lib/base parse/attest parse/text core
    lib/attest      lib/verify lib/base parse/attest parse/text core
    lib/keyserver   lib/verify lib/base parse/attest parse/text core
    lib/keyclient   lib/verify lib/base parse/attest parse/text core
    lib/launch      lib/base parse/launch parse/text core
    xl              lib/dom0 lib/base
    cmd             lib/* parse/* core
""".replace("\n" + 20 * " ", " ").strip().split("\n"):
    name, *uses = line.split()
    ROOMS[name] = [r for u in uses for r in [name] + list(ROOMS)
                   if r == u or (u.endswith("/*") and r.startswith(u[:-1]))]
    assert uses == ["-"] or ROOMS[name], name

# All that core and parse may take from outside: the compiler's headers, and
# mem* and str* of the C library.  core/fbc.h has the Xen half.
FREESTANDING = {"stdbool.h", "stddef.h", "stdint.h", "string.h"}
XEN_HALF = {"xen/types.h", "xen/string.h"}
# The compiler makes strlen() of a loop, too.
LIBC = {"core": re.compile(r"mem\w+|strlen|_\w+|fbc_\w+"),
        "parse": re.compile(r"mem\w+|str(len|n?cmp)|_\w+|fbc_\w+")}
# What a program makes, or another package's source has.
FOREIGN = {"banner_font.h", "xen.h", "xl.h", "xl_utils.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)
DEFINES = re.compile(r"^(?:typedef )?(struct|enum|union) (\w+)\s*\{", re.M)
CORE_Y = re.compile(r"^core-y\s*\+=\s*(\w+)\.o$", re.M)


def room(path):
    """Of a path below src; "" where no file should lie."""
    fits = [r for r in ROOMS if path.startswith(r + "/")]
    return fits[0] if fits else ""


def sources(src):
    """Every C file below src, with its text."""
    found = {}
    for where, _, names in os.walk(src):
        for name in names:
            path = os.path.join(where, name)
            if path.endswith((".c", ".h")):
                with open(path, encoding="utf-8") as f:
                    found[os.path.relpath(path, src)] = f.read()
    return found


def includes(files, bad):
    """What each file includes of ours."""
    graph = {}
    for path, text in files.items():
        graph[path] = set()
        free = path.startswith(("core/", "parse/"))
        here = os.path.dirname(path)
        for kind, name in INCLUDE.findall(text):
            if kind == '"' and name in files and "/" in name:
                graph[path].add(name)
            elif kind == '"' and path.startswith("xen/common/"):
                # Xen's own habit: a directory's headers without a path.
                graph[path].add(os.path.join(here, name))
            elif kind == '"' and name not in FOREIGN:
                bad.append("%s: includes \"%s\", which is no path from src" %
                           (path, name))
            elif free and name not in FREESTANDING and not (
                    path == "core/fbc.h" and name in XEN_HALF):
                bad.append("%s: includes <%s>: not freestanding" %
                           (path, name))
    return graph


def calls(tree, files, bad):
    """Which object uses a symbol of which, as .c files; empty: not built."""
    objects = {}
    for path in files:
        if path.startswith(("core/", "parse/", "lib/")) and path[-1] == "c":
            objects[os.path.join("build/obj", path[:-1] + "o")] = path
    there = [o for o in objects if os.path.exists(os.path.join(tree, o))]
    if not there:
        return {}
    bad += ["%s: is not built" % objects[o] for o in objects
            if o not in there]
    out = subprocess.run(["nm", "-A"] + there, cwd=tree, check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    home, wants = {}, []
    for line in out.splitlines():
        obj, rest = line.split(":", 1)
        kind, symbol = rest.split()[-2:]
        if kind == "U":
            wants.append((objects[obj], symbol))
        elif kind in "TDBRC":
            home[symbol] = objects[obj]
    graph = {path: set() for path in objects.values()}
    for path, symbol in wants:
        free = LIBC.get(path.split("/")[0])
        if symbol in home:
            graph[path].add(home[symbol])
        elif free and not free.fullmatch(symbol):
            bad.append("%s: calls %s(): not freestanding" % (path, symbol))
    return graph


def check_core(files, graph, tree, bad):
    """core-y names each .c file, and each header is used by Xen."""
    makefile = os.path.join(tree, "src/xen/common/fbcrypt/Makefile")
    with open(makefile, encoding="utf-8") as f:
        listed = {"core/%s.c" % n for n in CORE_Y.findall(f.read())}
    there = {p for p in files if p.startswith("core/") and p[-1] == "c"}
    bad += ["%s: is not compiled into Xen" % p for p in there - listed]
    bad += ["%s: Xen wants it, and it is not there" % p
            for p in listed - there]

    todo = [p for p in files if p.startswith("xen/common/")]
    todo += listed & there | {"crypto/crypto-bearssl.c"}
    seen = set()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += graph.get(path, ())
    bad += ["%s: nothing that is compiled into Xen includes it" % p
            for p in files if p.startswith("core/") and p[-1] == "h" and
            p not in seen]


def check_rooms(graph, verb, bad):
    for path, used in graph.items():
        mine = room(path)
        if not mine:
            bad.append("%s: lies in no room" % path)
            continue
        bad += ["%s: %s %s, but %s may not use %s" %
                (path, verb, u, mine, room(u) or "that")
                for u in used if room(u) not in ROOMS[mine] + [mine]]


def check_circles(graph, what, bad):
    """Takes away what uses nothing, until nothing or circles are left."""
    left = {p: set(u) for p, u in graph.items()}
    while True:
        done = {p for p, u in left.items() if not u & set(left) - {p}}
        if not done:
            break
        left = {p: u - done for p, u in left.items() if p not in done}
    # And what no one uses any more: it only leads to a circle.
    while True:
        used = set().union(*[u - {p} for p, u in left.items()])
        top = set(left) - used
        if not top:
            break
        left = {p: u for p, u in left.items() if p not in top}
    if left:
        bad.append("circle of %s: %s" % (what, " ".join(sorted(left))))


def check_names(files, bad):
    home = {}
    for path, text in sorted(files.items()):
        if path[-1] != "h":
            continue
        for kind, name in DEFINES.findall(text):
            other = home.setdefault((kind, name), path)
            if other != path:
                bad.append("%s %s: defined in %s and %s" %
                           (kind, name, other, path))


def check_lines(files, bad):
    for path, text in sorted(files.items()):
        for number, text_line in enumerate(text.splitlines(), 1):
            if len(text_line) > 80:
                bad.append("%s:%d: %d columns" %
                           (path, number, len(text_line)))


def main(tree):
    bad = []
    files = sources(os.path.join(tree, "src"))
    graph = includes(files, bad)
    called = calls(tree, files, bad)
    check_core(files, graph, tree, bad)
    check_rooms(graph, "includes", bad)
    check_rooms(called, "calls", bad)
    check_circles(graph, "includes", bad)
    check_circles(called, "calls", bad)
    check_names(files, bad)
    check_lines(files, bad)
    print("\n".join(bad) if bad else "%d files, %d includes, %d calls" %
          (len(files), sum(map(len, graph.values())),
           sum(map(len, called.values()))))
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tests/layout.py TREE")
    sys.exit(main(sys.argv[1]))
