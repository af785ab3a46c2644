# SPDX-License-Identifier: GPL-2.0-only
# How unit tests (tests/unit/test_*.c) and fuzz targets (tests/fuzz/fuzz_*.c)
# are built.  A file there is a test: nothing else needs to name it.  What one
# needs besides libfbc.a goes into LIBS_<name>.

# Tests are compiled quickly but for those that work long.
TEST_CFLAGS = -O0 -U_FORTIFY_SOURCE
$(patsubst %,$(B)/tests/obj/%.o,test_backends test_inputbox test_leak \
    test_race test_shadow test_view test_xsring rfbenc mkleak mkstream): \
    TEST_CFLAGS =

UNIT_TESTS += $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
FUZZERS    += $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

$(B)/tests/obj/%.o: tests/unit/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) $(TEST_CFLAGS) -MMD -MP -c \
	    -o $@ $<
-include $(wildcard $(B)/tests/obj/*.d)

$(B)/tests/unit/%: $(B)/tests/obj/%.o $(B)/tests/obj/vec.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_$*) -lcmocka \
	    -ljansson $(LIBS)

# The library twice more: for libFuzzer, and to replay corpora anywhere.
FUZZ_CC    ?= clang-14
SANITIZE   := -fsanitize=address,undefined -fno-sanitize-recover=all \
              -fno-omit-frame-pointer
FUZZ_FLAGS  = -g -O1 $(FBC_CFLAGS) -U_FORTIFY_SOURCE $(SANITIZE)
# Without libFuzzer there is less to run than to compile.
SAN_FLAGS   = $(FUZZ_FLAGS) -O0
$(B)/tests/replay/obj/lib/input/keymap.o: SAN_FLAGS += -O1
# Of src/lib the rooms that a target, or a test under the sanitizers, needs.
FUZZ_ROOMS := attest base input launch proxy upstream verify viewers
FUZZ_SRC   := $(CORE) $(PARSE) $(wildcard $(FUZZ_ROOMS:%=src/lib/%/*.c)) \
              src/crypto/crypto-openssl.c
fuzz_o     := $(FUZZ_SRC:src/%.c=$(B)/tests/fuzz/obj/%.o)
replay_o   := $(FUZZ_SRC:src/%.c=$(B)/tests/replay/obj/%.o)

$(B)/tests/fuzz/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link \
	    -MMD -MP -c -o $@ $<

$(B)/tests/replay/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,SANCC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(SAN_FLAGS) -MMD -MP -c -o $@ $<

-include $(wildcard $(B)/tests/fuzz/obj/*/*.d $(B)/tests/fuzz/obj/*/*/*.d \
    $(B)/tests/replay/obj/*/*.d $(B)/tests/replay/obj/*/*/*.d)

$(B)/tests/fuzz/libfbc.a: $(fuzz_o)
$(B)/tests/replay/libfbc.a: $(replay_o)
$(B)/tests/fuzz/libfbc.a $(B)/tests/replay/libfbc.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(FUZZERS:%=$(B)/tests/fuzz/%): $(B)/tests/fuzz/%: tests/fuzz/%.c \
    tests/fuzz/fuzzin.h $(B)/tests/fuzz/libfbc.a
	$(call say,FUZZLD,$@)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ \
	    $(filter-out %.h,$^) $(LIBS_$*) $(LIBS)

$(FUZZERS:%=$(B)/tests/fuzz/%-replay): $(B)/tests/fuzz/%-replay: \
    tests/fuzz/%.c tests/fuzz/replay_main.c tests/fuzz/fuzzin.h \
    $(B)/tests/replay/libfbc.a
	@mkdir -p $(@D)
	$(call say,SANLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(SAN_FLAGS) -o $@ $(filter-out %.h,$^) \
	    $(LIBS_$*) $(LIBS)

$(B)/tests/fuzz/fuzz_input $(B)/tests/fuzz/fuzz_input-replay: \
    tests/unit/inputworld.h
$(foreach f,fuzz_view fuzz_view_coded,$(B)/tests/fuzz/$(f) \
    $(B)/tests/fuzz/$(f)-replay): tests/fuzz/fuzzview.h

.SECONDARY: $(patsubst tests/unit/%.c,$(B)/tests/obj/%.o,\
              $(wildcard tests/unit/*.c))
