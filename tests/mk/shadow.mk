# SPDX-License-Identifier: GPL-2.0-only
# The engine and the rings: also on the hypervisor's backend and under the
# sanitizers, and the native benchmarks.

ENGINE_TESTS := test_shadow test_race
ASAN_TESTS   := test_shadow test_pack test_fbring test_kbdring test_xsring \
                test_race test_lib_web test_lib_webws

UNIT_TESTS += $(ENGINE_TESTS:%=$(B)/tests/unit/%-bearssl)
ASAN_PROGRAMS := $(ASAN_TESTS:%=$(B)/tests/unit-asan/%)

$(ENGINE_TESTS:%=$(B)/tests/unit/%-bearssl): $(B)/tests/unit/%-bearssl: \
    $(B)/tests/obj/%.o $(B)/obj/crypto/crypto-bearssl.o $(B)/libfbc.a \
    $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka

# The sanitized library is the one that replays fuzz corpora (core.mk).
$(ASAN_PROGRAMS): $(B)/tests/unit-asan/%: tests/unit/%.c \
    tests/unit/engine.h tests/unit/must.h $(B)/tests/replay/libfbc.a
	@mkdir -p $(@D)
	$(call say,SANLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(SAN_FLAGS) -o $@ $(filter-out %.h,$^) \
	    -lcmocka $(LIBS)

$(B)/tests/bench/obj/%.o: tests/bench/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
-include $(wildcard $(B)/tests/bench/obj/*.d)

# As the hypervisor seals: core on BearSSL.
$(B)/tests/bench/bench_seal: $(B)/tests/bench/obj/bench_seal.o \
    $(B)/tests/bench/obj/bench.o $(B)/tests/bench/obj/rc5.o \
    $(B)/obj/crypto/crypto-bearssl.o $(B)/libfbc.a $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# And with CONFIG_FBCRYPT_IPSEC_MB.
$(B)/tests/bench/bench_seal-ipsec-mb: $(B)/tests/bench/obj/bench_seal.o \
    $(B)/tests/bench/obj/bench.o $(B)/tests/bench/obj/rc5.o \
    $(IPSEC_MB_O) $(B)/libfbc.a $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# What another library would bring there (fbcrypt-hacking(7), Decisions).
$(B)/tests/bench/gcm: $(B)/tests/bench/obj/gcm.o $(B)/tests/bench/obj/bench.o \
    $(B)/obj/crypto/crypto-bearssl.o $(B)/tests/obj/crypto-openssl-renamed.o \
    $(B)/libfbc.a $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lIPSec_MB -lcrypto

# As it measures.
$(B)/tests/bench/bench_launch: $(B)/tests/bench/obj/bench_launch.o \
    $(B)/tests/bench/obj/bench.o $(B)/obj/crypto/crypto-bearssl.o \
    $(B)/libfbc.a $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# As the viewer opens: core on OpenSSL.
$(B)/tests/bench/bench_view: $(B)/tests/bench/obj/bench_view.o \
    $(B)/tests/bench/obj/bench.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# And as it does with IPSEC_MB=1.
$(B)/tests/bench/bench_view-libipsec-mb: $(B)/tests/bench/obj/bench_view.o \
    $(B)/tests/bench/obj/bench.o $(B)/obj/crypto/gcm-ipsec-mb.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lIPSec_MB $(LIBS)

# Whole updates beside those of other ciphers, of OpenSSL: the hypervisor's
# side on BearSSL, which comes first, and the viewer's.
UPDATE_O := $(patsubst %,$(B)/tests/bench/obj/%.o,update bench rc5)
$(B)/tests/bench/bench_update_seal: $(B)/tests/bench/obj/bench_update_seal.o \
    $(UPDATE_O) $(B)/obj/crypto/crypto-bearssl.o $(B)/libfbc.a \
    $(B)/libbearssl-fbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/bench/bench_update_open: $(B)/tests/bench/obj/bench_update_open.o \
    $(UPDATE_O) $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

.SECONDARY: $(patsubst %,$(B)/tests/bench/obj/%.o,bench_seal bench_view \
              bench_launch bench_update_seal bench_update_open update bench \
              rc5)
