# SPDX-License-Identifier: GPL-2.0-only
# bash completion for the fbc tools.  One file for all: bash-completion loads
# it under each tool's name.

# Options of a tool, and of these the ones that take a file, a directory, or
# something else as an argument.
_fbc_table()
{
    local common="-h --help -V --version -v --verbose -q --quiet"

    opts="" files="" dirs="" values="" operand=""
    case $1 in
    fbc-keygen)
        opts="-o --output -y --public -u --uuid --xl"
        files="-o --output -y --public -u --uuid"
        ;;
    fbc-wrapkey)
        opts="-t --to -f --from -o --output -e --expires -r --refresh
              -i --input -l --launch -s --from-server -H --host -c --cacert
              -a --admin -p --pin
              --known-hosts -g --golden --roots --require-overwrite --timeout
              --forget --expired-ek"
        files="-t --to -f --from -o --output -c --cacert -a --admin
               --known-hosts -g --golden --roots"
        values="-l --launch -e --expires -r --refresh -s --from-server
                -H --host --timeout --forget"
        ;;
    fbc-setkey|fbc-sendinput)
        operand=domain
        ;;
    fbc-mkimage)
        opts="-c --config -x --xen -k --kernel -r --ramdisk -o --output
              -f --force"
        files="-c --config -x --xen -k --kernel -r --ramdisk -o --output"
        ;;
    fbc-status)
        opts="-j --json -k --vmm-key -l --launch -L --launch-log"
        operand=domain
        ;;
    fbc-launch)
        opts="-k --kernel -r --ramdisk -c --cmdline -m --memory -M --maxmem
              -g --gunzip -o --output -j --json -t --type -l --libxl -d --dsdt
              -p --vcpus -P --maxvcpus -n --nvs -R --rebooted"
        files="-k --kernel -r --ramdisk -o --output -l --libxl -d --dsdt"
        values="-c --cmdline -m --memory -M --maxmem -p --vcpus -P --maxvcpus"
        operand=launch-command
        ;;
    fbc-dumpvfb)
        opts="-n --frames -i --interval -m --method -l --list-methods
              -s --save -d --destructive -j --json -t --time -r --raw -o
              --output"
        files="-o --output"
        dirs="-s --save"
        values="-n --frames -i --interval -t --time"
        operand=domain
        ;;
    fbc-decrypt-frames)
        opts="-k --key --without-key --half --image --png --ppm --y4m --fps
              --last --live -o --output -c --check-counters -j --json"
        files="-k --key -o --output"
        dirs="--png"
        values="--fps"
        ;;
    fbc-leakcheck)
        opts="--truth --truth-text --find --font --render --raw --input
              --rhythm -j --json"
        files="--truth --truth-text --font --render"
        values="--find"
        ;;
    fbc-view)
        opts="-n --dry-run -k --key -t --to -c --check -s --session -p --port
              -S --server -H --host --cacert -a --admin
              --require-overwrite --attest --kernel --ramdisk --cmdline
              --libxl --vcpus --maxvcpus -N --nc -l --listen --viewer -w --web
              --web-dir --view-only --keymap --plain-input --password-file
              --expired-ek"
        files="-k --key -t --to -s --session --cacert -a --admin
               --password-file --kernel --ramdisk --libxl"
        dirs="--web-dir --attest"
        values="--cmdline --vcpus --maxvcpus -p --port -l --listen -S --server
                -H --host --keymap"
        operand=host
        ;;
    fbc-vncproxy)
        opts="-k --key -l --listen --web --view-only --keymap --input-cadence
              --paste --plain-input --exec --password-file --viewer-password-file
              -j --json"
        files="-k --key --password-file --viewer-password-file"
        dirs="--web"
        values="-l --listen --keymap --input-cadence --exec"
        operand=host
        ;;
    fbc-attest)
        opts="-n --nonce -H --host -g --golden -r --roots -a --ak -k --vmm-key
              -c --chain -e --ek-cert --challenge --activate --accept
              -p --pending --image --firmware --provenance --name --owner-auth
              --lockout-auth --index -s --server --cacert -o --output
              -u --update --require-overwrite --replace --check -j --json
              --expired-ek"
        files="-H --host -g --golden -r --roots -a --ak -k --vmm-key -c --chain
               -e --ek-cert --challenge --activate --accept -p --pending
               --image --firmware --owner-auth --lockout-auth --cacert
               -o --output"
        values="-n --nonce --provenance --name --index -s --server"
        operand="command"
        ;;
    fbc-keyserver)
        opts="-d --database --tls-cert --tls-key -a --admin -l --listen --wait
              --rate-client --rate-host --connections --per-client -o --output
              -y --public -k --key -H --host -g --golden -r --roots --serial
              --revoke -s --server --cacert --verify --known --from --metrics
              -j --json"
        files="-d --database --tls-cert --tls-key -a --admin -o --output
               -y --public -k --key -H --host -g --golden -r --roots --cacert"
        values="-l --listen --wait --rate-client --rate-host --connections
                --per-client --serial --revoke -s --server --known --from
                --metrics"
        operand="server-command"
        ;;
    esac
    opts="$opts $common"
}

_fbc_has() # WORD LIST
{
    local w

    for w in $2; do
        [ "$w" != "$1" ] || return 0
    done
    return 1
}

_fbc()
{
    local opts files dirs values operand
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

    _fbc_table "${1##*/}"
    COMPREPLY=()
    if _fbc_has "$prev" "$files"; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif _fbc_has "$prev" "$dirs"; then
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    elif _fbc_has "$prev" "$values"; then
        :
    elif [ "$prev" = -m ] || [ "$prev" = --method ]; then
        # Several with commas between them.
        mapfile -t COMPREPLY < <(compgen -P "${cur%"${cur##*,}"}" \
            -W "all $("$1" --list-methods 2> /dev/null | cut -f1)" \
            -- "${cur##*,}")
    elif [ "$operand" = host ] && _fbc_has "$prev" "-c --check" ||
        _fbc_has "$prev" "-p --pin"; then
        mapfile -t COMPREPLY < <(compgen -W "ask accept-new strict" -- "$cur")
    elif [ "$operand" = launch-command ] && _fbc_has "$prev" "-g --gunzip"; then
        mapfile -t COMPREPLY < <(compgen -W "yes no" -- "$cur")
    elif [ "$operand" = launch-command ] && _fbc_has "$prev" "-t --type"; then
        mapfile -t COMPREPLY < <(compgen -W "pv pvh" -- "$cur")
    elif [ "$prev" = --viewer ]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    elif [ "${cur:0:1}" = - ]; then
        mapfile -t COMPREPLY < <(compgen -W "$opts" -- "$cur")
    elif [ "$operand" = command ] && [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "nonce enroll quote agent \
            golden provision verify explain" -- "$cur")
    elif [ "$operand" = server-command ] && [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "serve admin-keygen sign register \
            log backup" -- "$cur")
    elif [ "$operand" = launch-command ] && [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "compute check show diff" \
            -- "$cur")
    elif [[ $operand == *command ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [ "$operand" = domain ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(xl list 2> /dev/null |
            awk 'NR > 2 { print $1 }')" -- "$cur")
    elif [ "$operand" = host ] && [[ $cur == *@* ]]; then
        mapfile -t COMPREPLY < <(compgen -P "${cur%@*}@" -A hostname -- \
            "${cur##*@}")
    fi
}

complete -o filenames -F _fbc fbc-keygen fbc-wrapkey fbc-setkey fbc-sendinput \
    fbc-status fbc-dumpvfb fbc-decrypt-frames fbc-leakcheck fbc-view \
    fbc-attest fbc-vncproxy fbc-keyserver fbc-launch fbc-mkimage
