/* SPDX-License-Identifier: GPL-2.0-only */
/* VNC authentication. */
#include "lib/upstream/vncauth.h"

#include <openssl/evp.h>

#define KEY_LEN 8

/*
 * DES itself is in OpenSSL's legacy provider, which need not be there.  Triple
 * DES with one key thrice is the same, and in the default one.
 */
int fbc_vncauth(const char *password,
                const uint8_t challenge[static FBC_VNCAUTH_LEN],
                uint8_t response[static FBC_VNCAUTH_LEN])
{
    uint8_t key[3 * KEY_LEN] = { 0 }, out[2 * FBC_VNCAUTH_LEN];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned int i, bit;
    int len = 0, rc = -1;

    /* VNC reverses the bits of each byte of the password. */
    for ( i = 0; i < KEY_LEN && password[i]; i++ )
        for ( bit = 0; bit < 8; bit++ )
            if ( password[i] & 1 << bit )
                key[i] |= (uint8_t)(0x80 >> bit);
    memcpy(key + KEY_LEN, key, KEY_LEN);
    memcpy(key + 2 * KEY_LEN, key, KEY_LEN);

    if ( ctx &&
         EVP_EncryptInit_ex(ctx, EVP_des_ede3_ecb(), NULL, key, NULL) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
         EVP_EncryptUpdate(ctx, out, &len, challenge,
                           FBC_VNCAUTH_LEN) == 1 && len == FBC_VNCAUTH_LEN )
    {
        memcpy(response, out, FBC_VNCAUTH_LEN);
        rc = 0;
    }
    EVP_CIPHER_CTX_free(ctx);
    fbc_wipe(key, sizeof(key));

    return rc;
}
