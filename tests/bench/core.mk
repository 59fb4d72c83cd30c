# SPDX-License-Identifier: GPL-2.0-or-later
# Builds tests/bench/core with the flags of a release build, whatever the build around it was configured
# with: a count of instructions means something only for one way of optimising and without sanitizers.
#
#     make -f tests/bench/core.mk -C BUILD srcdir=SOURCES
CC = gcc
packages = libevent_core libnl-route-3.0 libxxhash
optimise = -O3 -g -flto=auto
flags := -std=gnu17 $(optimise) -D_GNU_SOURCE -I. -I$(srcdir) -Wall -Werror \
	$(shell pkg-config --cflags $(packages))
objects = tests/bench/core.objects
rooms = lib bgpd/codec bgpd/fsm bgpd/policy bgpd/rib bgpd/peer bgpd/kernel
sources := $(patsubst $(srcdir)/%,%,$(wildcard $(rooms:%=$(srcdir)/%/*.c))) \
	tests/bench/table.c tests/bench/update.c tests/bench/core.c

tests/bench/core: $(sources:%.c=$(objects)/%.o)
	@$(CC) $(optimise) -Wl,--wrap=clock_gettime -o $@ $^ $(shell pkg-config --libs $(packages)) -lm

$(objects)/%.o: $(srcdir)/%.c $(srcdir)/tests/bench/core.mk
	@mkdir -p $(@D)
	@$(CC) $(flags) -MMD -c -o $@ $<

-include $(sources:%.c=$(objects)/%.d)
