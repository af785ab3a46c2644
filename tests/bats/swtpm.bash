# SPDX-License-Identifier: GPL-2.0-only
# Software TPMs for the tests: each in a directory of its own, with an EK
# certificate from a CA of its own that serves all of a file's TPMs.  Making
# one takes seconds: a run of the tests does it once.
# shellcheck disable=SC2034,SC2154 # helper.bash and bats set these

# A manufactured TPM in directory $1, not running; the CA is in $2.
make_tpm() # DIR CA
{
    mkdir -p "$1/state" "$2"
    cat > "$1/localca.conf" <<CONF
statedir = $2
signingkey = $2/signkey.pem
issuercert = $2/issuer.pem
certserial = $2/serial
CONF
    echo "--platform-manufacturer x --platform-version 1 --platform-model x" |
        sed 's/ --/\n--/g' > "$1/localca.options"
    cat > "$1/setup.conf" <<CONF
create_certs_tool = /usr/bin/swtpm_localca
create_certs_tool_config = $1/localca.conf
create_certs_tool_options = $1/localca.options
active_pcr_banks = sha256
CONF
    swtpm_setup --tpm2 --tpmstate "$1/state" --create-ek-cert \
        --config "$1/setup.conf" --pcr-banks sha256 --overwrite \
        --logfile "$1/setup.log" > /dev/null
    cp "$2/swtpm-localca-rootca-cert.pem" "$2/root.pem"
}

# What COMMAND makes in its current directory, copied to $base.  It is kept
# for all files of a run: tests/run says where, and clears it.
fixture() # NAME COMMAND...
{
    local store=${FBC_FIXTURES:-$BATS_RUN_TMPDIR}
    (
        flock 9
        if [ ! -e "$store/$1.made" ]; then
            rm -rf "${store:?}/$1"
            mkdir "$store/$1"
            cd "$store/$1" || exit
            "${@:2}" 9>&-
            touch "$store/$1.made"
        fi
    ) 9> "$store/$1.lock"
    cp -a "$store/$1/." "$base"
}

start_tpm() # DIR
{
    swtpm socket --tpm2 --tpmstate "dir=$1/state" \
        --server "type=unixio,path=$1/s" --ctrl "type=unixio,path=$1/s.ctrl" \
        --flags not-need-init,startup-clear --daemon --pid "file=$1/pid" \
        --log "file=$1/log,level=1" || return 1
    until_ok [ -S "$1/s" ] && until_ok [ -S "$1/s.ctrl" ] &&
        until_ok [ -s "$1/pid" ]
}

stop_tpm() # DIR
{
    local pid
    [ -s "$1/pid" ] || return 0
    pid=$(cat "$1/pid")
    kill "$pid" 2> /dev/null || return 0
    # shellcheck disable=SC2317 # called by until_ok
    gone() { ! kill -0 "$pid"; }
    until_ok gone
    rm -f "$1/pid" "$1/s" "$1/s.ctrl"
}

# Makes it the TPM that tpm2-tools and fbc-attest talk to.
use_tpm() # DIR
{
    export TPM2TOOLS_TCTI=swtpm:path=$1/s
}

# Power comes back: after a power cut, unless an orderly shutdown was before.
reset_tpm() # DIR
{
    use_tpm "$1"
    swtpm_ioctl --unix "$1/s.ctrl" -i && tpm2_startup -c
}

# A boot as firmware and hypervisor would measure it, from a TPM reset on:
# firmware PCRs, boot option, separator, the image's Authenticode hash, and
# the hypervisor's PCR_Event of its public key (none: no event).
boot() # DIR IMAGE-HASH [PUBLIC-KEY-IN-HEX]
{
    use_tpm "$1"
    tpm2_shutdown -c
    reset_tpm "$1" || return 1
    [ -n "${firmware_pcrs-}" ] || firmware_digests
    # shellcheck disable=SC2086 # several words
    tpm2_pcrextend $firmware_pcrs "4:sha256=$2"
    [ -z "${3-}" ] || bind_key "$3"
}

# What every boot() measures before the image, in order.
firmware_digests()
{
    local option='Calling EFI Application from Boot Option'
    firmware_pcrs="0:sha256=$(printf firmware | digest) \
2:sha256=$(printf roms | digest) 7:sha256=$(printf keys | digest) \
4:sha256=$(printf %s "$option" | digest) \
4:sha256=$(printf '\0\0\0\0' | digest)"
    export firmware_pcrs
}

bind_key() # PUBLIC-KEY-IN-HEX
{
    xxd -r -p <<< "$1" > key.raw
    tpm2_pcrevent -Q 12 key.raw
    rm key.raw
}

# The event of a key where memory outlives a reset, for boot() and bind_key().
outliving() # PUBLIC-KEY-IN-HEX
{
    printf %s "$1"
    printf 'memory outlives a reset' | xxd -p
}

digest() { sha256sum | cut -d' ' -f1; }

# An EFI image with this text as its .config section, or others, on stdout.
efi() # TEXT [SECTION...]
{
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$top/tests/vectors python3 - "$@" \
        <<'PY'
import sys
import make_authenticode as pe
config = sys.argv[1].encode()
config = config.ljust(-(-len(config) // 512) * 512, b"\0")
sections = [(name, 0x1200 + i * len(config), config)
            for i, name in enumerate(sys.argv[2:] or [".config"])]
sys.stdout.buffer.write(pe.image(
    [(".text", 0x200, pe.data("xen", 4096))] + sections))
PY
}

# The value of a line of a record.
field() # NAME FILE
{
    sed -n "s/^$1: //p" "$2"
}
