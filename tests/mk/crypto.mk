# SPDX-License-Identifier: GPL-2.0-only
# BearSSL from its Debian source, and the unit tests that need it: NAME is
# built with OpenSSL (core.mk), NAME-bearssl is the same with BearSSL,
# NAME-ipsec-mb with the AES-256-GCM that CONFIG_FBCRYPT_IPSEC_MB brings to Xen,
# and NAME-libipsec-mb as the tools are with IPSEC_MB=1.

comma := ,
BEARSSL_TREE := build/src/bearssl
BEARSSL_C    := $(shell cat src/crypto/bearssl.list)
BEARSSL_O    := $(BEARSSL_C:src/%.c=$(B)/obj/bearssl/%.o)

CRYPTO_TESTS := test_crypto test_hpke test_kdf test_blob test_keytext \
                test_pool test_vmmkey test_input test_wiped
UNIT_TESTS   += $(CRYPTO_TESTS:%=$(B)/tests/unit/%-bearssl)
# What OpenSSL leaves on the stack is not ours to wipe.
UNIT_TESTS   := $(filter-out %/test_wiped,$(UNIT_TESTS))

$(BEARSSL_TREE)/inc/bearssl.h:
	$(Q)scripts/sources bearssl

$(BEARSSL_C:%=$(BEARSSL_TREE)/%): | $(BEARSSL_TREE)/inc/bearssl.h ;
$(BEARSSL_TREE)/.fbc-source: | $(BEARSSL_TREE)/inc/bearssl.h ;

# Archives' files are older than what was built of others; the last is not.
$(BEARSSL_O): $(B)/obj/bearssl/%.o: $(BEARSSL_TREE)/src/%.c \
    $(BEARSSL_TREE)/.fbc-source
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) -w -I$(BEARSSL_TREE)/inc -I$(BEARSSL_TREE)/src \
	    -c -o $@ $<

$(B)/libbearssl-fbc.a: $(BEARSSL_O)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/obj/crypto/crypto-bearssl.o: CPPFLAGS += -isystem $(BEARSSL_TREE)/inc
$(B)/obj/crypto/crypto-bearssl.o $(B)/obj/crypto/crypto-bearssl-portable.o: \
    | $(BEARSSL_TREE)/inc/bearssl.h

# crypto-bearssl.o comes before libfbc.a, whose OpenSSL backend then stays out.
$(CRYPTO_TESTS:%=$(B)/tests/unit/%-bearssl): $(B)/tests/unit/%-bearssl: \
    $(B)/tests/obj/%.o $(B)/tests/obj/vec.o \
    $(B)/obj/crypto/crypto-bearssl.o $(B)/libfbc.a $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson

IPSEC_MB_TREE := build/src/intel-ipsec-mb
IPSEC_MB_ASM  := $(filter %.asm,$(filter sse_t1/%,\
                 $(shell cat src/crypto/ipsec-mb.list)))
IPSEC_MB_O    := $(B)/obj/crypto/crypto-ipsec-mb.o \
                 $(IPSEC_MB_ASM:%.asm=$(B)/obj/ipsec-mb/%.o)
IPSEC_MB_TESTS := test_crypto test_blob test_input test_wiped
UNIT_TESTS += $(IPSEC_MB_TESTS:%=$(B)/tests/unit/%-ipsec-mb) \
              $(B)/tests/unit/test_backends-ipsec-mb

$(IPSEC_MB_TREE)/README.md:
	$(Q)scripts/sources ipsec-mb

$(IPSEC_MB_ASM:%=$(IPSEC_MB_TREE)/lib/%): | $(IPSEC_MB_TREE)/README.md ;
$(IPSEC_MB_TREE)/.fbc-source: | $(IPSEC_MB_TREE)/README.md ;

$(B)/obj/ipsec-mb/%.o: $(IPSEC_MB_TREE)/lib/%.asm $(IPSEC_MB_TREE)/.fbc-source
	@mkdir -p $(@D)
	$(call say,NASM,$<)
	$(Q)nasm -f elf64 -DLINUX -DSAFE_DATA -I $(IPSEC_MB_TREE)/lib/ -o $@ $<

$(B)/obj/crypto/crypto-ipsec-mb.o: src/crypto/crypto-bearssl.c \
    | $(BEARSSL_TREE)/inc/bearssl.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -DCONFIG_FBCRYPT_IPSEC_MB \
	    -isystem $(BEARSSL_TREE)/inc -MMD -MP -c -o $@ $<

$(IPSEC_MB_TESTS:%=$(B)/tests/unit/%-ipsec-mb): $(B)/tests/unit/%-ipsec-mb: \
    $(B)/tests/obj/%.o $(B)/tests/obj/vec.o $(IPSEC_MB_O) $(B)/libfbc.a \
    $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson

LIBIPSEC_MB_TESTS := test_crypto test_blob test_view
UNIT_TESTS += $(LIBIPSEC_MB_TESTS:%=$(B)/tests/unit/%-libipsec-mb) \
              $(B)/tests/unit/test_backends-libipsec-mb

$(LIBIPSEC_MB_TESTS:%=$(B)/tests/unit/%-libipsec-mb): \
    $(B)/tests/unit/%-libipsec-mb: $(B)/tests/obj/%.o $(B)/tests/obj/vec.o \
    $(B)/obj/crypto/gcm-ipsec-mb.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_$*) -lcmocka \
	    -ljansson -lIPSec_MB $(LIBS)

# Primitives that fail when they are told to.
LIBS_test_broken := $(addprefix -Wl$(comma)--wrap=fbc_,sha256 hkdf_extract \
    hkdf_expand x25519 x25519_public aead_init aead_seal ccm8_seal)

# Both backends in one program.
$(B)/tests/obj/crypto-openssl-renamed.o: src/crypto/crypto-openssl.c \
    tests/unit/openssl_names.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) \
	    -include tests/unit/openssl_names.h -MMD -MP -c -o $@ $<

# The same as on a CPU without AES instructions.
UNIT_TESTS += $(patsubst %,$(B)/tests/unit/%-portable,test_backends test_wiped)
$(B)/obj/crypto/crypto-bearssl-portable.o: src/crypto/crypto-bearssl.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -DFBC_CRYPTO_PORTABLE \
	    -isystem $(BEARSSL_TREE)/inc -MMD -MP -c -o $@ $<

$(B)/tests/unit/test_wiped-portable: $(B)/tests/obj/test_wiped.o \
    $(B)/tests/obj/vec.o $(B)/obj/crypto/crypto-bearssl-portable.o \
    $(B)/libfbc.a $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson

$(B)/tests/unit/test_backends-portable: $(B)/obj/crypto/crypto-bearssl-portable.o
$(B)/tests/unit/test_backends: $(B)/obj/crypto/crypto-bearssl.o
$(B)/tests/unit/test_backends-ipsec-mb: $(IPSEC_MB_O)
$(B)/tests/unit/test_backends-libipsec-mb: LIBS_test_backends := -lIPSec_MB
$(B)/tests/unit/test_backends-libipsec-mb: $(B)/obj/crypto/gcm-ipsec-mb.o \
    $(B)/obj/crypto/crypto-bearssl.o
$(patsubst %,$(B)/tests/unit/test_backends%,-ipsec-mb -libipsec-mb -portable) \
$(B)/tests/unit/test_backends: \
    $(B)/tests/obj/test_backends.o \
    $(B)/tests/obj/crypto-openssl-renamed.o $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	    $(filter %.a,$^) -lcmocka $(LIBS_test_backends) -lcrypto

# The vector files against the reference that made or checked them.
check-vectors:
	$(Q)PYTHONDONTWRITEBYTECODE=1 python3 tests/vectors/check.py

.PHONY: check-vectors
