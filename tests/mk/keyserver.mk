# SPDX-License-Identifier: GPL-2.0-only
# The tests of the key server: hosts without TPMs, and load.

LIBS_test_keyserver := -lsqlite3 -pthread
TEST_PROGRAMS += $(B)/tests/fakehost $(B)/tests/keyload

KEYSERVER_TEST_O := $(patsubst %,$(B)/tests/obj/peers/%.o,fakehost \
                      fakehost_main)
$(KEYSERVER_TEST_O): $(B)/tests/obj/peers/%.o: tests/peers/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/fakehost: $(KEYSERVER_TEST_O) $(B)/libfbc.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# How many requests it stands: tests/bench/keyserver.
KEYLOAD_O := $(B)/tests/obj/keyload.o $(B)/tests/obj/curlloop.o
$(KEYLOAD_O): $(B)/tests/obj/%.o: tests/bench/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -Itests/peers -MMD -MP -c \
	    -o $@ $<

$(B)/tests/keyload: $(KEYLOAD_O) $(B)/tests/obj/peers/fakehost.o $(B)/libfbc.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcurl $(LIBS)
