# SPDX-License-Identifier: GPL-2.0-only
# Constant time (tests/ct): core and crypto once more, with the verdicts of
# comparisons made public, as the tools compile them and as Xen does.

CT := $(B)/tests/ct
CT_PROGRAMS := $(patsubst %,$(CT)/ct-%,tools tools-libipsec-mb xen \
                 xen-portable xen-ipsec-mb)

# Of Xen's flags those that decide which code is made.  Its headers and thunks
# are not there.  The caller of core keeps the stack aligned to 8 only.
CT_XEN_CFLAGS := -std=gnu99 -O2 -fomit-frame-pointer -fno-builtin -fno-common \
    -fno-strict-aliasing -fno-jump-tables -fno-stack-protector -fpic \
    -msoft-float -mno-mmx -mno-sse -mno-red-zone -fcf-protection=branch \
    -mpreferred-stack-boundary=3 -g -D_GNU_SOURCE
CT_INCLUDE := -Isrc -include tests/ct/verdict.h

ct_tools_o := $(CORE:src/%.c=$(CT)/tools/%.o) \
              $(CT)/tools/crypto/crypto-openssl.o
ct_core_o  := $(CORE:src/%.c=$(CT)/xen/%.o) \
              $(BEARSSL_C:src/%.c=$(CT)/xen/bearssl/%.o)

$(CT)/tools/%.o: src/%.c tests/ct/verdict.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) $(CT_INCLUDE) -MMD -MP -c \
	    -o $@ $<

$(CT)/xen/bearssl/%.o: $(BEARSSL_TREE)/src/%.c $(BEARSSL_TREE)/.fbc-source
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CT_XEN_CFLAGS) -w -I$(BEARSSL_TREE)/inc \
	    -I$(BEARSSL_TREE)/src -c -o $@ $<

$(CT)/xen/%.o: src/%.c tests/ct/verdict.h | $(BEARSSL_TREE)/inc/bearssl.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CT_XEN_CFLAGS) $(WARN) $(CT_INCLUDE) \
	    -isystem $(BEARSSL_TREE)/inc -MMD -MP -c -o $@ $<

$(CT)/xen/crypto-bearssl-portable.o: src/crypto/crypto-bearssl.c \
    tests/ct/verdict.h | $(BEARSSL_TREE)/inc/bearssl.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CT_XEN_CFLAGS) $(WARN) $(CT_INCLUDE) -DFBC_CRYPTO_PORTABLE \
	    -isystem $(BEARSSL_TREE)/inc -MMD -MP -c -o $@ $<

$(CT)/xen/crypto-ipsec-mb.o: src/crypto/crypto-bearssl.c \
    tests/ct/verdict.h | $(BEARSSL_TREE)/inc/bearssl.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CT_XEN_CFLAGS) $(WARN) $(CT_INCLUDE) \
	    -DCONFIG_FBCRYPT_IPSEC_MB -isystem $(BEARSSL_TREE)/inc -MMD -MP \
	    -c -o $@ $<

CT_MAIN_O := $(CT_PROGRAMS:$(CT)/ct-%=$(CT)/%.o)
$(CT_MAIN_O): $(CT)/%.o: tests/ct/ct.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -mstackrealign \
	    $(if $(findstring tools,$*),-DFBC_CT_OPENSSL) -MMD -MP -c -o $@ $<
-include $(wildcard $(CT)/*.d $(CT)/*/*.d $(CT)/*/*/*.d)

$(CT)/ct-tools: LIBS_ct := -lcrypto
$(CT)/ct-tools: $(ct_tools_o)
$(CT)/ct-tools-libipsec-mb: LIBS_ct := -lIPSec_MB -lcrypto
$(CT)/ct-tools-libipsec-mb: $(ct_tools_o) $(CT)/tools/crypto/gcm-ipsec-mb.o
$(CT)/ct-xen: $(ct_core_o) $(CT)/xen/crypto/crypto-bearssl.o
$(CT)/ct-xen-portable: $(ct_core_o) $(CT)/xen/crypto-bearssl-portable.o
$(CT)/ct-xen-ipsec-mb: $(ct_core_o) $(CT)/xen/crypto-ipsec-mb.o \
    $(filter-out %/crypto-ipsec-mb.o,$(IPSEC_MB_O))
$(CT_PROGRAMS): $(CT)/ct-%: $(CT)/%.o
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=fbc_aead_open \
	    -Wl,--wrap=fbc_ccm8_open -o $@ $^ $(LIBS_ct)

ct: deps-check
	$(Q)$(MAKE) --no-print-directory $(CT_PROGRAMS)
	$(Q)tests/run ct

.PHONY: ct
