# SPDX-License-Identifier: GPL-2.0-only
# Unit tests of src/lib, and the maker of frame streams for the bats tests.

LIB_TESTS  := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_lib_*.c))
UNIT_TESTS += $(LIB_TESTS:%=$(B)/tests/unit/%)
TEST_PROGRAMS += $(B)/tests/mkstream

$(LIB_TESTS:%=$(B)/tests/unit/%): $(B)/tests/unit/%: $(B)/tests/obj/%.o \
    $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -lxenforeignmemory \
	    -lxenstore -lpng $(LIBS)

$(B)/tests/mkstream: $(B)/tests/obj/mkstream.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# What secret memory holds when it is given back, and when it is not locked.
LIBS_test_secmem := -Wl,--wrap=munmap,--wrap=mlock

# A method of the test's own, among the real ones.
LIBS_test_methods := $(LIBS_fbc-dumpvfb)

# Console sessions under several ciphers, for fbc-leakcheck.
LIBS_test_leak    := -lpng -lm
LIBS_test_console := -lpng
LIBS_test_leakstat := -lm
TEST_PROGRAMS += $(B)/tests/mkleak
$(B)/tests/unit/test_leak $(B)/tests/unit/test_console: \
    $(B)/tests/bench/obj/rc5.o
$(B)/tests/mkleak: $(B)/tests/obj/mkleak.o $(B)/tests/bench/obj/rc5.o \
    $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
