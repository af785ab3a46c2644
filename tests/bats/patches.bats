#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The patches are mails that git am takes and patch(1) applies, alike.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

# Git as it comes, whatever the user has set.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t
export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@t

# Says what is wrong with the head of each patch of a directory.
heads() # DIRECTORY
{
    local p n=0 bad=0 head all
    all=$(printf '%s\n' "$1"/*.patch | wc -l)
    for p in "$1"/*.patch; do
        n=$((n + 1))
        # As far as the first line of a diff; git folds long headers.
        head=$(awk '/^diff --git |^--- a\// { exit }
            /^$/ { body = 1 }
            { printf "%s%s", !body && /^ / ? "" : "\n", $0 }' "$p")
        head=${head#?}
        judge "$head" "$n" "$all" || {
            echo "${p##*/}: $what"
            bad=1
        }
    done
    [ "$n" -gt 0 ] && [ "$bad" -eq 0 ]
}

judge() # HEAD NUMBER OF
{
    local subject who
    what="no From line of an mbox"
    [[ $1 == "From 0000000000000000000000000000000000000000 "* ]] || return 1
    who=$(sed -n 's/^From: //p' <<< "$1")
    what="no author"
    [[ $who =~ ^[^\<\>]+\ \<[^@\ ]+@[^@\ ]+\>$ ]] || return 1
    what="no date"
    date -d "$(sed -n 's/^Date: //p' <<< "$1" | grep .)" &> /dev/null ||
        return 1
    subject=$(sed -n 's/^Subject: //p' <<< "$1")
    what="not number $2 of $3"
    [[ $subject =~ ^\[PATCH\ 0*$2/$3\]\ (.*)$ ]] || return 1
    what="subject of ${#BASH_REMATCH[1]} characters"
    [ "${#BASH_REMATCH[1]}" -gt 0 ] && [ "${#BASH_REMATCH[1]}" -lt 72 ] ||
        return 1
    what="does not say why"
    [ "$(sed -n '/^$/,/^Signed-off-by: /p' <<< "$1" | wc -w)" -gt 15 ] ||
        return 1
    what="not signed off by its author"
    grep -qxF "Signed-off-by: $who" <<< "$1" || return 1
    what="no line that ends the message"
    [ "$(sed -n '/^Signed-off-by: /,$p' <<< "$1" | grep -cx -e ---)" -eq 1 ]
}

@test "each patch has author, date, short subject, reason and sign-off" {
    heads "$top/src/xen/patches"
    heads "$top/src/xl/patches"
}

@test "a patch that lacks one of these, or is out of order, is noticed" {
    cp -r "$top/src/xen/patches" good
    heads good
    # What is said, and what makes it true of the second patch.
    while IFS='|' read -r say edit; do
        rm -rf bad
        cp -r good bad
        sed -i "$edit" bad/02-*
        run heads bad
        echo "$output"
        [ "$status" -ne 0 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ $output == 02-*.patch:*"$say"* ]]
    done <<'BAD'
no From line|1d
no author|s/^From: .*/From: nobody/
no date|s/^Date: .*/Date: one day/
not number 2 of|s/^\(Subject: .PATCH 0*\)2/\13/
not number 2 of|s/^\(Subject: .PATCH [0-9]*\)\/[0-9]*/\1\/99/
subject of 7|s/^\(Subject: .PATCH [^]]*\] \).*/\1for each and every page of a domain that will be given away and not taken/
does not say why|/^$/,/^Signed-off-by/{/^[^S]/d}
not signed off|/^Signed-off-by: /d
not signed off|s/^Signed-off-by: .*/Signed-off-by: T <t@t>/
no line that ends|/^---$/d
BAD
}

# The patches for a version of Xen, in one directory.
for_version() # VERSION DIRECTORY
{
    local patches
    mapfile -t patches < <(cd "$top" && scripts/xen-patches -v "$1")
    mkdir "$2"
    cp "${patches[@]/#/$top/}" "$2"
}

versions() { (cd "$top/src/xen/patches" && printf '%s\n' */ | tr -d / | sort -V); }

@test "a version's patches are in order, those that differ from the others, too" {
    [ "$(versions | wc -l)" -ge 2 ]
    for v in $(versions); do
        for_version "$v" "$v"
        echo "$v"
        heads "$v"
    done
}

# Names of options of a tree of Xen's, on x86.
options() # DIRECTORY
{
    local kind='custom|boolean|integer|size|string|ignore'
    (cd "$1" && grep -rhoE --include='*.c' --exclude-dir={arm,riscv,ppc} \
        "\\b($kind)(_runtime)?(_only)?_param\\(\"[^\"]+\"" . |
        sed 's/.*"\(.*\)"/\1/' | sort -u)
}

@test "each option of Xen's command line has been read by somebody" {
    [ -d "$top/build/src/xen/xen" ] || "$top/scripts/sources" xen
    options "$top/build/src/xen/xen" > of-xen
    [ "$(wc -l < of-xen)" -gt 150 ]
    sed -n 's/^[a-z][a-z]*  *//p' "$top/tests/xen-options" | sort > read
    [ "$(sort -u read | wc -l)" -eq "$(wc -l < read)" ]
    echo "New, and to be read: $(comm -23 of-xen read | xargs)"
    [ -z "$(comm -23 of-xen read)" ]
    run ! grep -vE '^(#|$|(ours|refused|unbuilt|harmless) +[^ ]+$)' \
        "$top/tests/xen-options"
}

@test "an option that is to be refused by its name is" {
    sed -n 's/^NOTE([a-z0-9_]*, "\([^"]*\)".*/\1/p' \
        "$top/src/xen/common/fbcrypt/options.c" | sort > noted
    sed -n '/^# by name/,/^$/s/^refused  *//p' "$top/tests/xen-options" |
        sort > named
    [ "$(wc -l < named)" -ge 10 ]
    diff named noted
    # And what is looked at otherwise.
    sed -n '/^# by what it sets/,/^refused/p' "$top/tests/xen-options" |
        grep -oE '[a-zA-Z0-9]+_[a-zA-Z_]+' | sort -u > states
    [ "$(wc -l < states)" -ge 10 ]
    while read -r state; do
        grep -qw "$state" "$top/src/xen/common/fbcrypt/key.c" ||
            grep -qx "refused  *$state" "$top/tests/xen-options"
    done < states
}

# What a patch has Xen call.
hooks() { grep '^+' "$1" | grep -oE '\b(fbcrypt|gnttab|elf)_[a-z0-9_]+' | sort -u; }

# Xen 4.21 joined the two files of traps; what Xen does itself by now, a
# variant's message says.
files()
{
    sed -n 's/^+++ b.//p; s/^Xen itself: //p' "$1" |
        sed 's,/x86_64/traps,/traps,' | sort -u
}

@test "a variant of a patch hooks into the same files as the patch, the same hooks" {
    for p in "$top"/src/xen/patches/*/*.patch; do
        base=$top/src/xen/patches/${p##*/}
        echo "$p"
        diff <(files "$base") <(files "$p")
        diff <(hooks "$base") <(hooks "$p")
        git apply --numstat "$p"
    done
}

@test "a tree gets the newest variant that is not newer than itself" {
    mkdir -p top/scripts top/src/xen/patches/{4.9,4.10.2,4.11} tree/xen
    cp "$top/scripts/xen-patches" top/scripts
    touch top/src/xen/patches/{01-a,02-b,4.9/01-a,4.10.2/01-a,4.11/02-b}.patch
    while read -r sub extra want; do
        printf 'export %s\n' 'XEN_VERSION       = 4' \
            "XEN_SUBVERSION    = $sub" \
            "XEN_EXTRAVERSION ?= $extra\$(XEN_VENDORVERSION)" > tree/xen/Makefile
        run -0 top/scripts/xen-patches tree
        echo "$sub $extra: $output"
        output=${output//src\/xen\/patches\/}
        [ "${output//$'\n'/ }" = "$want" ]
    done << 'TREES'
8 .7 01-a.patch 02-b.patch
9 -unstable 4.9/01-a.patch 02-b.patch
10 .1 4.9/01-a.patch 02-b.patch
10 .2 4.10.2/01-a.patch 02-b.patch
11 .0 4.10.2/01-a.patch 4.11/02-b.patch
TREES
    run -3 top/scripts/xen-patches nowhere
    [[ $output == *"no Xen source tree" ]]
}

# The files that the patches change, from Xen's source, to a directory.
pinned() # DIRECTORY
{
    [ -d "$top/build/src/xen/xen" ] || "$top/scripts/sources" xen
    local to=$PWD/$1
    mkdir "$to"
    mapfile -t patches < <("$top/scripts/xen-patches" "$top/build/src/xen" |
        sed "s#^#$top/#"; printf '%s\n' "$top"/src/xl/patches/*.patch)
    [ "${#patches[@]}" -gt 10 ]
    sed -n 's/^--- a\///p' "${patches[@]}" | sort -u |
        (cd "$top/build/src/xen" && xargs cp --parents -t "$to")
}

@test "git am takes the patches in order, and makes of Xen what patch(1) does" {
    pinned by-git
    cp -r by-git by-patch
    for p in "${patches[@]}"; do
        # As scripts/build-xen and scripts/build-xl do.
        patch -d by-patch -s -p1 -f --no-backup-if-mismatch < "$p"
    done

    git init -q by-git
    git -C by-git add -Af .
    git -C by-git commit -qm pinned
    # What patch(1) calls fuzz.
    git -C by-git am -q -C1 "${patches[@]}"

    [ "$(git -C by-git rev-list --count HEAD)" -eq $((1 + ${#patches[@]})) ]
    diff -r -x .git by-git by-patch
    run ! cmp -s "$top/build/src/xen/xen/common/domain.c" \
        by-git/xen/common/domain.c

    # The key is taken when dom0 has been made, and does not run yet.
    calls=$(sed -n '/__start_xen(/,/^}/p' by-git/xen/arch/x86/setup.c |
        grep -oE 'create_dom0\(|fbcrypt_start\(')
    echo "$calls"
    [ "${calls//$'\n'/ }" = "create_dom0( fbcrypt_start(" ]
}
