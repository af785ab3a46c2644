#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Every tool in surroundings that its author did not think of.
# shellcheck disable=SC2154,SC2034,SC2086,SC2094 # commands are split on purpose
load helper

PATH=$top/scripts:$PATH

setup_file()
{
    PATH=$top/build/bin:$top/build/tests:$PATH
    cd "$BATS_FILE_TMPDIR" || return 1
    mkdir in
    (
        cd in || exit 1
        keys
        picture 128 64 1 > a.ppm
        mkstream session.key a.ppm a.ppm > frames || exit 1
        fbc-keyserver admin-keygen -o admin.key > admin.pub
        # shellcheck disable=SC2086
        openssl req -x509 $ec -subj /CN=a -keyout tls.key -out tls.pem
        fbc-keyserver serve -d db --tls-cert tls.pem --tls-key tls.key \
            -a admin.pub -l 127.0.0.1:0 > url 3>&- &
        server=$!
        until_ok [ -s url ]
        kill "$server"
        wait "$server" || true
        mkdir -p home/.config/fbcrypt
        cp owner.key home/.config/fbcrypt/
        rm -f db-* a.ppm
    ) > log 2>&1 || { cat log; return 1; }
}

# A copy of all that is needed, in the current directory.
stage()
{
    cp -a "$BATS_FILE_TMPDIR"/in/. .
    export HOME=$PWD/home
    unset XDG_CONFIG_HOME XDG_RUNTIME_DIR
}

# Each tool that says something: its command, and what it reads.
speakers()
{
    cat <<'LIST'
/dev/null fbc-keygen -o new.key
/dev/null fbc-keygen -y owner.key
/dev/null fbc-keygen -u owner.key --xl
/dev/null fbc-wrapkey --to vmm.pub --from owner.key -o session.key
/dev/null fbc-wrapkey --to vmm.pub --from owner.key -o new.session
frames fbc-decrypt-frames -k session.key --ppm
frames fbc-decrypt-frames -k session.key --json
frames fbc-leakcheck
frames fbc-leakcheck --json
/dev/null fbc-attest nonce
/dev/null fbc-keyserver admin-keygen -o new.admin
/dev/null fbc-keyserver admin-keygen -y admin.key
/dev/null fbc-keyserver log db
/dev/null fbc-dumpvfb --list-methods
/dev/null fbc-view -n web@root@dom0.example
/dev/null fbc-view --help
/dev/null fbc-mkimage --help
/dev/null fbc-mkimage --version
LIST
}

# Each tool that writes a file.
writers()
{
    cat <<'LIST'
/dev/null fbc-keygen -o new.key
/dev/null fbc-wrapkey --to vmm.pub --from owner.key -o session.key
/dev/null fbc-wrapkey --to vmm.pub --from owner.key -o new.session
/dev/null fbc-wrapkey --to vmm.pub --host h --pin accept-new --known-hosts known --from owner.key -o new.session
frames fbc-decrypt-frames -k session.key --png .
frames fbc-decrypt-frames -k session.key --ppm -o new.ppm
/dev/null fbc-keyserver admin-keygen -o new.admin
LIST
}

# A little-endian number of 64 bits, so that it can be sorted as text.
number() # FILE OFFSET
{
    python3 -c 'import sys
print(open(sys.argv[1], "rb").read()[int(sys.argv[2]):][7::-1].hex())' "$@"
}

contents() { find . -type f ! -name '*.lock' -exec sha256sum {} + | sort; }

@test "no standard output: full, closed, or a pipe that nobody reads" {
    stage
    contents > ../before
    speakers | while read -r input command; do
        for out in full closed pipe; do
            case $out in
            full) $command < "$input" > /dev/full 2> ../err ;;
            closed) $command < "$input" >&- 2> ../err ;;
            pipe) { until_ok [ -e ../gone ]; $command < "$input" 2> ../err; echo $? > ../rc; } |
                : > ../gone; false ;;
            esac && rc=0 || rc=$?
            [ $out != pipe ] || { until_ok [ -s ../rc ]; rc=$(cat ../rc); rm ../rc ../gone; }
            echo "$out: $command: $rc: $(cat ../err)"
            [ "$rc" -eq 4 ]
            grep -q "^${command%% *}: error: stdout: " ../err
            [ "$(wc -l < ../err)" -eq 1 ]
        done
        rm -rf known*
        contents | cmp - ../before
    done
}

@test "no standard error, no standard input, no home" {
    stage
    cp session.key ../
    speakers | while read -r input command; do
        echo "$command"
        $command < "$input" > ../all 2> /dev/null
        cp ../session.key . && rm -f new.*
        $command < "$input" > ../out 2>&-
        # What is drawn anew has at least its length.
        [ "$(wc -c < ../out)" -eq "$(wc -c < ../all)" ]
        cp ../session.key . && rm -f new.*
        [ "$input" = /dev/null ] && want=0 || want=4
        $command <&- > ../out 2> ../err && rc=0 || rc=$?
        [ "$rc" -eq $want ]
        cp ../session.key . && rm -f new.*
        case $command in *' -n '*) want=4 ;; *) want=0 ;; esac
        env -u HOME $command < "$input" > ../out 2> ../err && rc=0 || rc=$?
        [ "$rc" -eq $want ]
        cp ../session.key . && rm -f new.*
    done
}

# In a mount namespace of its own: nothing stays mounted.
small_disk() # SIZE OPTIONS COMMAND...
{
    local size=$1 options=$2
    shift 2
    mkdir -p disk
    # shellcheck disable=SC2016
    unshare -rm sh -ec 'mount -t tmpfs -o size='"$size"' tmpfs disk
        cp -a in/. disk/
        cd disk && if [ "$0" = full ]; then cat /dev/zero > fill 2> /dev/null || :
        else mount -o remount,ro tmpfs .; fi
        exec "$@"' "$options" "$@"
}

@test "full disks and read-only ones: nothing is half there, nothing is lost" {
    mkdir in
    (cd in && stage)
    writers > list
    # shellcheck disable=SC2016
    for disk in full ro; do
        small_disk 128k $disk bash -c '
            ls | sort > ../before; sha256sum session.key db > ../sums
            while read -r input command; do
                $command < $input > ../out 2> ../err && rc=0 || rc=$?
                echo "$command: $rc: $(cat ../err)"
                [ $rc -eq 4 ] && [ "$(wc -l < ../err)" -eq 1 ] || exit 1
                grep -q "^${command%% *}: error: .*: \(No space left\|Read-only\)" ../err ||
                    exit 1
                rm -f known.lock 2> /dev/null
                ls | sort | diff ../before - || exit 1
            done < ../list
            sha256sum -c --quiet ../sums'
    done
    # What is only read can be, and what cannot is not called something else.
    small_disk 128k ro fbc-keyserver log db | grep -qx fbc-log-1
    rm -f copy
    small_disk 128k ro fbc-keyserver backup --database db ../copy
    [ -s copy ]
    expect 4 small_disk 128k full fbc-keyserver serve -d db --tls-cert tls.pem \
        --tls-key tls.key -a admin.pub -l 127.0.0.1:0
    run ! grep "key server's database" <<< "$stderr"
    expect 3 fbc-keyserver log none
    says "none: No such file"
    expect 3 fbc-keyserver log in/owner.pub
    says "is not a database"
    TMPDIR=$PWD/none XDG_RUNTIME_DIR='' HOME=$PWD/in/home expect 4 fbc-view \
        web@root@dom0.example
    says "$PWD/none: no temporary directory"
}

@test "a user who may not: files of root's, directories of others'" {
    stage
    # Without the capabilities that let root do all this.
    may() { setpriv --bounding-set -all --inh-caps -all --reuid 65534 --regid 65534 --clear-groups "$@"; }
    chmod -R go+rX .
    chmod 600 owner.key session.key
    chmod go+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR"/..
    contents > ../before
    writers | while read -r input command; do
        may $command < "$input" > ../out 2> ../err && rc=0 || rc=$?
        echo "$command: $rc: $(cat ../err)"
        [ "$rc" -eq 4 ]
        grep -q "^${command%% *}: error: .*: Permission denied" ../err
        contents | cmp - ../before
    done
    # A TPM, too: it is there.
    : > dev
    chmod 600 dev
    TPM2TOOLS_TCTI=device:$PWD/dev expect 4 may fbc-attest enroll \
        --vmm-key vmm.pub --ak ../new.ak
    says "$PWD/dev: Permission denied"
    [[ $stderr == *"hint: be root, or in the group"* ]]
    TPM2TOOLS_TCTI=device:$PWD/none expect 4 fbc-attest enroll \
        --vmm-key vmm.pub --ak ../new.ak
    [[ $stderr == *"hint: is there a TPM"* ]]
}

@test "locales in which i is no lower case of I, and a comma is a point" {
    stage
    mkdir loc
    for l in tr_TR de_DE; do
        localedef -f UTF-8 -i $l --no-archive "loc/$l.UTF-8" > /dev/null
    done
    fbc-wrapkey --to vmm.pub --host h --pin accept-new --known-hosts known \
        --from owner.key -o new.session > new.blob 2> /dev/null
    speakers | grep -v ' -o ' | grep -v nonce | while read -r input command; do
        for l in C de_DE.UTF-8 tr_TR.UTF-8; do
            LOCPATH=$PWD/loc LC_ALL=$l $command < "$input" > "../out.$l" 2> ../err
            echo "$l: $command: $(cat ../err)"
            [ ! -s ../err ]
            cmp ../out.C "../out.$l"
        done
    done
    # What one wrote the other reads.
    export LOCPATH=$PWD/loc LC_ALL=tr_TR.UTF-8
    fbc-wrapkey --to vmm.pub --host h --pin strict --known-hosts known \
        --from owner.key -o new.session > new.blob
    fbc-mkimage --version
}

@test "two writers of one file: one wins, or they take turns" {
    stage
    for i in 1 2 3 4 5 6; do
        { fbc-keygen -o new.key > "$i.pub" 2> "$i.err" && touch "$i.ok"; } &
        pids="${pids-} $!"
    done
    # shellcheck disable=SC2086
    wait $pids || true
    [ "$(find . -name '?.ok' | wc -l)" -eq 1 ]
    won=$(echo ?.ok)
    fbc-keygen -y new.key | cmp - "${won%.ok}.pub"
    grep -L "will not be overwritten" ?.err | grep -qx "${won%.ok}.err"

    pids=
    for i in 1 2 3 4 5 6; do
        fbc-wrapkey --to vmm.pub --from owner.key -o session.key > "$i.blob" &
        pids="$pids $!"
    done
    # shellcheck disable=SC2086
    for pid in $pids; do
        wait "$pid"
    done
    # Sequence numbers (fbc-formats(5)): all differ, the file has the last.
    for i in 1 2 3 4 5 6; do
        number $i.blob 32
    done | sort > seqs
    [ "$(uniq seqs | wc -l)" -eq 6 ]
    sed -n 's/^fbc-session-1://p' session.key | base64 -d > session.bin
    grep -qx "$(tail -n 1 seqs)" <(number session.bin 80)
    # Nothing else stays behind.
    [ -z "$(find . -name '*.lock' -o -name '.*' -type f)" ]
}

@test "an interrupt leaves nothing behind, wherever it comes" {
    stage
    mkfifo slow
    ls -A | sort > ../before
    begun() { [ "$(find . -maxdepth 1 -name '*new.*' | wc -l)" -gt 0 ]; }
    for command in 'fbc-decrypt-frames -k session.key --ppm -o new.ppm' \
                   'fbc-decrypt-frames -k session.key --y4m -o new.y4m'; do
        for signal in INT TERM HUP; do
            env --default-signal=INT,TERM,HUP $command < slow 2> ../err 3>&- &
            pid=$!
            exec {hold}> slow
            head -c 30000 frames >&$hold
            until_ok begun
            kill -s $signal $pid
            rc=0
            wait $pid || rc=$?
            exec {hold}>&-
            echo "$command: $signal: $rc: $(cat ../err)"
            rm -f new.*
            ls -A | sort | diff ../before -
        done
    done
}

# A program's view of the time is SECONDS ahead.
clock_shim()
{
    cat > shim.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t c, struct timespec *t)
{
    int (*real)(clockid_t, struct timespec *);
    int rc;

    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    rc = real(c, t);
    if ( c == CLOCK_REALTIME )
        t->tv_sec += atoll(getenv("AHEAD"));

    return rc;
}

time_t time(time_t *out)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    if ( out )
        *out = t.tv_sec;

    return t.tv_sec;
}
C
    cc -shared -fPIC -o shim.so shim.c
}

@test "clocks that jump: numbers rise all the same, and nothing expires early" {
    stage
    clock_shim
    at() { LD_PRELOAD=$PWD/shim.so AHEAD=$1 "${@:2}"; }
    wrap() { at "$1" fbc-wrapkey --to vmm.pub --from owner.key -o s.key "${@:2}" > blob; number blob 32; }
    {
        wrap 0
        wrap 3000000000         # a century ahead
        wrap -1700000000        # back at the start of time
        wrap 0
        wrap 0
    } > seqs
    sort -c -u seqs
    wrap 0 --expires 100 > /dev/null
    expect 4 fbc-setkey 1 < blob        # no Xen here
    LD_PRELOAD=$PWD/shim.so AHEAD=200 expect 1 fbc-setkey 1 < blob
    says "key blob: has expired"
    # Waiting is done by a clock that does not jump.
    mkfifo in
    sleep 100 > in &
    holder=$!
    run ! at 99999999 timeout 1 fbc-decrypt-frames -k session.key --json < in
    [ "$status" -eq 124 ]
    kill $holder
}
