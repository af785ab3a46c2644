#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Seeds faults, one at a time, into a copy of the tree: do the tests notice?

usage: tests/faults/faults.py [-j N] [-t TREE] [NAME]...
       tests/faults/faults.py -n [-t TREE]

Lists are TREE's tests/faults/*.faults (fbcrypt-hacking(7), "A fault").  TREE
must be built; all happens in TREE/build/faults.  First each test that a list
names runs without any fault, and must pass.

  -j N   so many at a time (processors)
  -n     only look: each fault applies, each test that it names is there
  NAME   these only

Exit status: 0 each was caught; 1 one survived, or was of no use; 2 usage.
"""
import concurrent.futures
import errno
import getopt
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import time

PATIENCE = 120          # seconds of a test, and of a build
FROM_BUILD = ("bin", "gen", "obj", "tests")
# Where a test's program lies, and its source.
PROGRAMS = {"unit": ("build/tests/unit/%s", "tests/unit/"),
            "asan": ("build/tests/unit-asan/%s", "tests/unit/"),
            "fuzz": ("build/tests/fuzz/%s-replay", "tests/fuzz/"),
            "ct": ("build/tests/ct/%s", "tests/ct/")}


class Useless(Exception):
    """A fault, or a test, by which nothing can be shown."""


class Fault:
    def __init__(self, name, what):
        self.name, self.what = name, what
        self.tests, self.hunks = [], []


def read_list(path):
    """The faults of a file; a hunk is [file, old text, new text]."""
    faults, where, blank = [], os.path.basename(path), ""
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            word, _, rest = line.strip().partition(" ")
            bad = Useless("%s:%d: %s" % (where, n, line.strip()))
            if not line.strip() or line[0] == "#":
                blank += line if line[0] != "#" else ""
                continue
            if line[0] not in " +-":
                blank = ""
            if word == "fault":
                name, _, what = rest.partition(": ")
                faults.append(Fault(name, what))
            elif not faults:
                raise bad
            elif word == "test":
                faults[-1].tests.append(rest)
            elif word == "file":
                faults[-1].hunks.append([rest, "", ""])
            elif line[0] not in " +-" or not faults[-1].hunks:
                raise bad
            else:
                hunk = faults[-1].hunks[-1]
                hunk[1] += blank + (line[1:] if line[0] != "+" else "")
                hunk[2] += blank + (line[1:] if line[0] != "-" else "")
                blank = ""
    return faults


def seeded(tree, fault):
    """{path: text} with the fault."""
    texts = {}
    for path, old, new in fault.hunks:
        if path not in texts:
            with open(os.path.join(tree, path), encoding="utf-8") as f:
                texts[path] = f.read()
        n = ("\n" + texts[path]).count("\n" + old)
        if not old or n != 1 or old == new:
            raise Useless("does not apply: %s has it %d times" % (path, n))
        texts[path] = ("\n" + texts[path]).replace("\n" + old, "\n" + new)[1:]
    if not texts or not fault.what or not fault.tests:
        raise Useless("lacks its words, a test or a file")
    return texts


def title(line):
    m = re.match(r'@test "(.*)" \{$', line)
    return m and m.group(1).replace('\\"', '"')


def bats_text(tree, name):
    """A bats file and all that it loads."""
    with open(os.path.join(tree, "tests/bats", name), encoding="utf-8") as f:
        text = f.read()
    for other in re.findall(r"^\s*load (\w+)$", text, re.M):
        text += bats_text(tree, other + ".bash")
    return text


def split(test):
    """What kind of test, its file or program, and its title in a file."""
    if ".bats: " in test:
        return ["bats"] + test.split(": ", 1)
    if test.endswith("-asan"):
        return "asan", test[:-5], None
    kind = re.match("(fuzz|ct|)", test).group(1) or "unit"
    return kind, test, None


def check_test(tree, test):
    kind, name, what = split(test)
    if kind == "bats":
        found = what in map(title, bats_text(tree, name).splitlines())
    else:
        stem = {"ct": "ct", "fuzz": name}.get(
            kind, re.sub("-(bearssl|portable|(lib)?ipsec-mb)$", "", name))
        found = glob.glob(os.path.join(tree, PROGRAMS[kind][1] + stem + ".*"))
    if not found:
        raise Useless("no such test: " + test)


def targets(tree, test):
    kind, name, _ = split(test)
    if kind == "bats":      # each program that its file names
        text = bats_text(tree, name)
        return [p for d in ("bin", "tests")
                for p in glob.glob("build/%s/*" % d, root_dir=tree)
                if os.path.isfile(os.path.join(tree, p)) and
                not p.endswith((".d", ".o", ".a")) and
                re.search(r"\b%s\b" % re.escape(os.path.basename(p)), text)]
    return [PROGRAMS[kind][0] % name]


def command(tree, test):
    kind, name, what = split(test)
    if kind == "bats":
        return ["bats", "--tap", "-f", "^%s$" % re.sub(r"([][\\.^$*+?(){}|])",
                                                       r"\\\1", what),
                "tests/bats/" + name]
    program = targets(tree, test)
    if kind == "ct":
        return ["valgrind", "-q", "--log-file=/dev/null"] + program
    return program + ["tests/fuzz/corpus/" + name] * (kind == "fuzz")


def start(args, **how):
    """A process; waits for a copy of its program to be nobody's to write.

    What another thread starts just then has, for a moment, the file that this
    one was copying.
    """
    for _ in range(100):
        try:
            return subprocess.Popen(args, **how)
        except OSError as e:
            if e.errno != errno.ETXTBSY:
                raise
            time.sleep(0.1)
    raise Useless("is written all the time: " + args[0])


def run(tree, args, patience=PATIENCE):
    """Status and output; -1: took too long."""
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", MAKEFLAGS="",
               PYTHONDONTWRITEBYTECODE="1")
    with start(args, cwd=tree, env=env, stdin=subprocess.DEVNULL,
               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
               start_new_session=True) as p:
        try:
            out = p.communicate(timeout=patience)[0]
            return p.returncode, out.decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            return -1, p.communicate()[0].decode(errors="replace")


def build(tree, tests, patience=PATIENCE):
    wanted = sorted({t for test in tests for t in targets(tree, test)})
    status, out = run(tree, ["make", "-s", "WERROR="] + wanted, patience)
    if status:
        raise Useless("cannot be built:\n" + out[-2000:])


def passes(tree, test):
    """None, or what the test said."""
    status, out = run(tree, command(tree, test))
    if status == 0:
        if split(test)[0] == "bats" and not re.search("^ok 1 ", out, re.M):
            raise Useless("runs nothing: " + test)
        return None
    m = re.search(r"^not ok \d+ (?:- )?(.*)", out, re.M)
    said = m.group(1) if m else "died"
    return said + (" (took too long)" if status == -1 else "")


def copy(src, dst):
    """A file of its own where a compiler writes into what is there."""
    if os.path.islink(src):
        os.symlink(os.readlink(src), dst)
    elif src.endswith(".d"):
        shutil.copy2(src, dst)
    else:
        os.link(src, dst)
    return dst


def make_base(top, base):
    shutil.rmtree(base, ignore_errors=True)
    os.makedirs(os.path.join(base, "build"))
    for name in os.listdir(top):
        if name not in (".git", "build"):
            subprocess.run(["cp", "-a", os.path.join(top, name), base],
                           check=True)
    for name in os.listdir(os.path.join(top, "build")):
        path = os.path.join(top, "build", name)
        if name in FROM_BUILD or name.endswith(".a"):
            subprocess.run(["cp", "-a", path, base + "/build/"], check=True)
        elif name not in ("check", "coverage", "faults", "testbed"):
            os.symlink(path, os.path.join(base, "build", name))


def try_fault(top, base, fault):
    """(caught, what to print)"""
    tree = os.path.join(os.path.dirname(base), fault.name)
    shutil.rmtree(tree, ignore_errors=True)
    try:
        texts = seeded(base, fault)
        shutil.copytree(base, tree, copy_function=copy, symlinks=True)
        time.sleep(0.05)        # newer than what was built, for make to see
        for path, text in texts.items():
            os.unlink(os.path.join(tree, path))
            with open(os.path.join(tree, path), "w", encoding="utf-8") as f:
                f.write(text)
            shutil.copymode(os.path.join(base, path),
                            os.path.join(tree, path))
        build(tree, fault.tests)
        for test in fault.tests:
            said = passes(tree, test)
            if said is None:
                return False, "SURVIVED  %s (%s): %s passes" % (
                    fault.name, fault.what, test)
        return True, "caught    %s: %s: %s" % (
            fault.name, split(fault.tests[-1])[1], said)
    except Useless as e:
        return False, "ERROR     %s: %s" % (fault.name, e)
    finally:
        shutil.rmtree(tree, ignore_errors=True)


def main(argv):
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    jobs, only_look = os.cpu_count(), False
    try:
        options, names = getopt.getopt(argv, "j:nt:h")
        for o, value in options:
            jobs = int(value) if o == "-j" else jobs
            top = value if o == "-t" else top
            only_look |= o == "-n"
            if o == "-h":
                print(__doc__.strip())
                return 0
    except (getopt.GetoptError, ValueError) as e:
        print("faults: error: %s" % e, file=sys.stderr)
        return 2
    top = os.path.abspath(top)

    try:
        faults = [f for path in sorted(glob.glob(top + "/tests/faults/*.faults"))
                  for f in read_list(path)]
    except Useless as e:
        print("ERROR     %s" % e)
        return 1
    known = [f.name for f in faults]
    for name in names:
        if name not in known:
            print("faults: error: %s: no such fault" % name, file=sys.stderr)
            return 2
    faults = [f for f in faults if not names or f.name in names]

    bad = 0
    for f in faults:
        try:
            if known.count(f.name) != 1:
                raise Useless("has its name from another one")
            seeded(top, f)
            for test in f.tests:
                check_test(top, test)
        except (Useless, OSError) as e:
            print("ERROR     %s: %s" % (f.name, e))
            bad += 1
    if bad or only_look:
        print("%d faults, %d of no use" % (len(faults), bad))
        return 1 if bad or not faults else 0

    base = os.path.join(top, "build/faults/base")
    tests = sorted({t for f in faults for t in f.tests})
    make_base(top, base)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        try:
            build(base, tests, 3600)
            for test, said in zip(tests, pool.map(
                    lambda t: passes(base, t), tests)):
                if said:
                    raise Useless("fails without a fault: %s: %s" %
                                  (test, said))
        except Useless as e:
            print("ERROR     %s" % e)
            return 1
        caught = 0
        for ok, text in pool.map(lambda f: try_fault(top, base, f), faults):
            print(text, flush=True)
            caught += ok
    shutil.rmtree(os.path.dirname(base), ignore_errors=True)
    print("%d faults, %d caught" % (len(faults), caught))
    return 0 if faults and caught == len(faults) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
