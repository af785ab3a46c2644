#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Each file of src lies where its trust and its job say (tests/layout.py), and
# each way to break that is noticed.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

layout()
{
    python3 -B "$BATS_TEST_DIRNAME/../layout.py" "$1"
}

# The sources without what is built of them are right, too.
setup_file()
{
    mkdir "$BATS_FILE_TMPDIR/tree"
    cp -r "$BATS_TEST_DIRNAME/../../src" "$BATS_FILE_TMPDIR/tree/"
    layout "$BATS_FILE_TMPDIR/tree"
}

copy() { cp -r "$BATS_FILE_TMPDIR/tree" .; }

# The copy is wrong, and this is what is said of it, alone.
wrong()
{
    run layout tree
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$output" = "$1" ]
}

# A C file and its object in a tree of its own; the code is standard input.
object() # PATH
{
    mkdir -p "tree/src/${1%/*}" "tree/build/obj/${1%/*}"
    cat > "tree/src/$1.c"
    ${CC:-cc} -std=gnu11 -Itree/src -c -o "tree/build/obj/$1.o" "tree/src/$1.c"
}

small()
{
    mkdir -p tree/src/xen/common/fbcrypt
    echo 'core-y += a.o' > tree/src/xen/common/fbcrypt/Makefile
    object core/a <<< 'int a(void) { return 1; }'
    object lib/base/b <<< 'int a(void); int b(void) { return a(); }'
    layout tree
}

@test "every file lies in its room: src/core is what Xen compiles, no circles" {
    run layout "$top"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ ^([0-9]+)\ files,\ ([0-9]+)\ includes,\ ([0-9]+)\ calls$ ]]
    [ "${BASH_REMATCH[1]}" -gt 300 ]
    [ "${BASH_REMATCH[2]}" -gt 600 ]
    [ "${BASH_REMATCH[3]}" -gt 400 ]
}

@test "a file in src/core that Xen does not compile is noticed" {
    copy
    echo '#include "core/fbc.h"' > tree/src/core/extra.c
    wrong 'core/extra.c: is not compiled into Xen'
}

@test "a header in src/core that Xen does not use is noticed" {
    copy
    echo '#include "core/fbc.h"' > tree/src/core/extra.h
    wrong 'core/extra.h: nothing that is compiled into Xen includes it'
}

@test "a file that Xen shall compile and that has left src/core is noticed" {
    copy
    rm tree/src/core/crc32.c
    wrong 'core/crc32.c: Xen wants it, and it is not there'
}

@test "a parser that is included by src/core is noticed" {
    copy
    echo '#include "parse/text/hex.h"' >> tree/src/core/blob.c
    wrong 'core/blob.c: includes parse/text/hex.h, but core may not use parse/text'
}

@test "a file that is not built is noticed" {
    small
    echo 'int c(void) { return 1; }' > tree/src/lib/base/c.c
    wrong 'lib/base/c.c: is not built'
}

@test "a room that includes one that it may not is noticed" {
    copy
    echo '#include "lib/proxy/live.h"' >> tree/src/lib/viewers/web.c
    wrong 'lib/viewers/web.c: includes lib/proxy/live.h, but lib/viewers may not use lib/proxy'
}

@test "stdio in a parser is noticed" {
    copy
    echo '#include <stdio.h>' >> tree/src/parse/web/http.c
    wrong 'parse/web/http.c: includes <stdio.h>: not freestanding'
}

@test "an include without its path is noticed" {
    copy
    echo '#include "cli.h"' >> tree/src/lib/base/io.c
    wrong 'lib/base/io.c: includes "cli.h", which is no path from src'
}

@test "a file in no room is noticed" {
    copy
    echo '#include "core/fbc.h"' > tree/src/lib/loose.c
    wrong 'lib/loose.c: lies in no room'
}

@test "a circle of headers is noticed" {
    copy
    echo '#include "lib/base/keyfile.h"' >> tree/src/lib/base/fail.h
    wrong 'circle of includes: lib/base/fail.h lib/base/keyfile.h'
}

@test "a struct that two headers define is noticed" {
    copy
    echo 'struct fbc_error { int twice; };' >> tree/src/lib/frames/sink.h
    wrong 'struct fbc_error: defined in lib/base/fail.h and lib/frames/sink.h'
}

@test "a circle of calls is noticed" {
    small
    object lib/base/b <<< 'int c(void); int b(void) { return c(); }'
    object lib/base/c <<< 'int b(void); int c(void) { return b(); }'
    object lib/base/d <<< 'int b(void); int d(void) { return b(); }'
    wrong 'circle of calls: lib/base/b.c lib/base/c.c'
}

@test "a call without an include, to a room that may not be used, is noticed" {
    small
    object lib/proxy/p <<< 'int p(void) { return 1; }'
    object lib/base/b <<< 'int p(void); int b(void) { return p(); }'
    wrong 'lib/base/b.c: calls lib/proxy/p.c, but lib/base may not use lib/proxy'
}

@test "a call of malloc in src/core is noticed" {
    small
    object core/a <<< 'void *malloc(unsigned long); void *a(void) { return malloc(9); }'
    wrong 'core/a.c: calls malloc(): not freestanding'
}

@test "a line of more than 80 columns is noticed" {
    copy
    printf '/* %074d */\n' 1 >> tree/src/lib/frames/sink.h
    layout tree
    printf '/* %075d */\n' 1 >> tree/src/lib/frames/sink.h
    wrong "lib/frames/sink.h:$(wc -l < tree/src/lib/frames/sink.h): 81 columns"
}
