/* SPDX-License-Identifier: GPL-2.0-only */
/* Names, meanings and remedies of the verifier's answers. */
#include "parse/attest/reason.h"

static const struct {
    const char *name, *text, *hint;
} reasons[FBC_REASONS] = {
    [FBC_REASON_OK] = { "ok", "as it should be", "nothing to do" },
    [FBC_REASON_EVIDENCE_FORMAT] = {
        "evidence-format", "the evidence file is malformed",
        "fetch it again; it must not be edited or converted" },
    [FBC_REASON_EVIDENCE_VERSION] = {
        "evidence-version", "the evidence file is of an unknown version",
        "use the same fbcrypt version on host and verifier" },
    [FBC_REASON_EK_CERT_FORMAT] = {
        "ek-cert-format", "a certificate cannot be parsed",
        "give the host the right one: fbc-attest quote --ek-cert, --chain" },
    [FBC_REASON_EK_CERT_CHAIN] = {
        "ek-cert-chain", "the EK certificate does not lead to a given root",
        "is the TPM maker's root in --roots, are its intermediates in the "
        "host's --chain?" },
    [FBC_REASON_EK_CERT_TIME] = {
        "ek-cert-time", "a certificate is not valid now",
        "check this machine's clock; one that has expired, as TPMs outlive "
        "them, is taken with --expired-ek" },
    [FBC_REASON_EK_CERT_WEAK] = {
        "ek-cert-weak", "a key or signature of less than 112 bits, as of RSA "
        "1024 or SHA-1, certifies the EK",
        "ask the TPM's maker for another certificate (--ek-cert); else trust "
        "a key that you have compared: fbc-wrapkey --to" },
    [FBC_REASON_EK_CERT_OAEP] = {
        "ek-cert-oaep", "the certified key is marked as one for RSAES-OAEP, "
        "which is not supported",
        "as of some older TPMs of STM and Nuvoton: ask the maker for another "
        "certificate (--ek-cert); else trust a key that you have compared: "
        "fbc-wrapkey --to" },
    [FBC_REASON_EK_CERT_USAGE] = {
        "ek-cert-usage", "the certificate is not one for a TPM's EK",
        "enrol with the EK certificate of the TPM" },
    [FBC_REASON_EK_TEMPLATE] = {
        "ek-template", "the EK is not a default RSA 2048 one",
        "make one, tpm2_createek -G rsa -c 0x81010001, and get its "
        "certificate from the TPM's maker: --ek-cert; else fbc-wrapkey --to" },
    [FBC_REASON_EK_CERT_KEY] = {
        "ek-cert-key", "the certificate is for another EK",
        "enrol with the EK certificate of this very TPM" },
    [FBC_REASON_AK_TEMPLATE] = {
        "ak-template", "the AK is not a restricted P-256 signing key of a "
        "TPM", "let fbc-attest enroll make the AK" },
    [FBC_REASON_HOST_EK] = {
        "host-ek", "the evidence is from a TPM that was not enrolled",
        "wrong host record, another machine, or a new mainboard: enrol it" },
    [FBC_REASON_HOST_AK] = {
        "host-ak", "the AK is not the one that was bound to this TPM",
        "quote with the AK file of the enrolment, or enrol anew" },
    [FBC_REASON_SIGNATURE_FORMAT] = {
        "signature-format", "not an ECDSA signature with SHA-256",
        "fetch a new quote" },
    [FBC_REASON_SIGNATURE] = {
        "signature", "the signature does not verify",
        "the quote was altered or signed by another key: fetch a new one" },
    [FBC_REASON_QUOTE_MAGIC] = {
        "quote-magic", "the signed data was not made by a TPM",
        "treat the host as hostile" },
    [FBC_REASON_QUOTE_TYPE] = {
        "quote-type", "the signed data is not a quote", "fetch a quote" },
    [FBC_REASON_QUOTE_FORMAT] = {
        "quote-format", "the quote is malformed or not of the fixed format",
        "make it with fbc-attest quote" },
    [FBC_REASON_SIGNER] = {
        "signer", "the quote was signed by a key that is not under this EK",
        "enrol the host anew with one TPM" },
    [FBC_REASON_NONCE] = {
        "nonce", "the quote answers another nonce",
        "an old quote, or somebody else's: fetch one for a new nonce" },
    [FBC_REASON_SELECTION] = {
        "selection", "the quote is not over sha256:0,2,4,7,12",
        "make it with fbc-attest quote" },
    [FBC_REASON_CLOCK_UNSAFE] = {
        "clock-unsafe", "the TPM's clock may have gone back",
        "power was cut: wait until it has caught up, at most 70 minutes, or "
        "set it: tpm2_setclock" },
    [FBC_REASON_ROLLBACK] = {
        "rollback", "the TPM counts fewer resets than before",
        "the TPM was cleared: enrol the host anew" },
    [FBC_REASON_REPLAY] = {
        "replay", "not newer than the last quote that was accepted",
        "fetch a quote for a new nonce" },
    [FBC_REASON_PCR_VALUES] = {
        "pcr-values", "the PCR values are not those that were quoted",
        "they were altered: fetch a new quote" },
    [FBC_REASON_PCR0] = {
        "pcr0", "other firmware code",
        "firmware update? sign off new golden values, then accept both" },
    [FBC_REASON_PCR2] = {
        "pcr2", "other option ROMs or drivers of devices",
        "a card was added, removed or updated? sign off new golden values" },
    [FBC_REASON_PCR4] = {
        "pcr4", "another boot image, or something was booted before it",
        "image update? sign off new golden values; else do not trust the "
        "host" },
    [FBC_REASON_PCR7] = {
        "pcr7", "another Secure Boot policy",
        "were keys, or Secure Boot itself, changed? sign off new golden "
        "values" },
    [FBC_REASON_PCR12_ZERO] = {
        "pcr12-zero", "no hypervisor key was bound in this boot",
        "the hypervisor found no TPM or no key: xl dmesg tells why" },
    [FBC_REASON_PCR12] = {
        "pcr12", "PCR 12 is not that of this hypervisor key",
        "wrong key, or dom0 extended PCR 12: reboot the host" },
    [FBC_REASON_KEY_PINNED] = {
        "key-pinned", "not the hypervisor key that the golden values pin",
        "the sealed key was lost or made anew: sign off new golden values" },
    [FBC_REASON_MEMORY] = {
        "memory-outlives", "the host's memory outlives a reset",
        "its firmware lacks MemoryOverwriteRequest: update it, or verify "
        "without --require-overwrite" },
};

static const struct {
    const char *name, *text;
} checks[FBC_CHECKS] = {
    [FBC_CHECK_EVIDENCE] = { "evidence", "a well-formed file" },
    [FBC_CHECK_EK_CERT] = { "ek-certificate",
                            "leads to a given root; is for an EK" },
    [FBC_CHECK_EK] = { "ek-public", "default RSA 2048 EK, the certified key" },
    [FBC_CHECK_AK] = { "ak-public", "restricted P-256 signing key" },
    [FBC_CHECK_HOST] = { "host", "the enrolled EK and AK" },
    [FBC_CHECK_SIGNATURE] = { "signature", "the AK's over the quote" },
    [FBC_CHECK_QUOTE] = { "quote", "made by a TPM, a quote" },
    [FBC_CHECK_SIGNER] = { "signer", "the AK under the EK" },
    [FBC_CHECK_NONCE] = { "nonce", "the verifier's" },
    [FBC_CHECK_SELECTION] = { "selection", "sha256:0,2,4,7,12" },
    [FBC_CHECK_CLOCK] = { "clock", "safe" },
    [FBC_CHECK_COUNTERS] = { "counters",
                             "newer than the last quote accepted" },
    [FBC_CHECK_PCR_VALUES] = { "pcr-values", "hash to the quoted digest" },
    [FBC_CHECK_PCR0] = { "pcr0", "golden: firmware code" },
    [FBC_CHECK_PCR2] = { "pcr2", "golden: option ROMs" },
    [FBC_CHECK_PCR4] = { "pcr4", "golden: boot image" },
    [FBC_CHECK_PCR7] = { "pcr7", "golden: Secure Boot policy" },
    [FBC_CHECK_PCR12] = { "pcr12", "the hypervisor's key, once" },
    [FBC_CHECK_KEY] = { "vmm-key", "the pinned one, or any" },
    [FBC_CHECK_MEMORY] = { "memory", "overwritten at a reset, if required" },
};

const char *fbc_reason_name(enum fbc_reason r)
{
    return reasons[r].name;
}

const char *fbc_reason_text(enum fbc_reason r)
{
    return reasons[r].text;
}

const char *fbc_reason_hint(enum fbc_reason r)
{
    return reasons[r].hint;
}

const char *fbc_check_name(enum fbc_check_id id)
{
    return checks[id].name;
}

const char *fbc_check_text(enum fbc_check_id id)
{
    return checks[id].text;
}
