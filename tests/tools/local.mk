# SPDX-License-Identifier: GPL-2.0-or-later
# A haopsd with a canned status, for the tests of haops(8): "tests/run tools".
if HAOPSD
check_PROGRAMS += tests/tools/fake-haopsd
tests_tools_fake_haopsd_SOURCES = \
	tests/tools/canned.c tests/tools/canned.h \
	tests/tools/fake-haopsd.c
tests_tools_fake_haopsd_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_tools_fake_haopsd_LDADD = libhaopsd-ipc.la $(QB_LIBS)
endif
EXTRA_DIST += tests/tools
