/* SPDX-License-Identifier: GPL-2.0-only */
/* Renames one backend, so that test_backends can hold both. */
#define fbc_aead_available openssl_aead_available
#define fbc_aead_fast      openssl_aead_fast
#define fbc_aead_init      openssl_aead_init
#define fbc_aead_seal      openssl_aead_seal
#define fbc_aead_open      openssl_aead_open
#define fbc_aead_clear     openssl_aead_clear
#define fbc_ccm8_seal      openssl_ccm8_seal
#define fbc_ccm8_open      openssl_ccm8_open
#define fbc_sha256         openssl_sha256
#define fbc_hkdf_extract   openssl_hkdf_extract
#define fbc_hkdf_expand    openssl_hkdf_expand
#define fbc_x25519         openssl_x25519
#define fbc_x25519_public  openssl_x25519_public
