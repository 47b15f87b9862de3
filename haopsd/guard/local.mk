# SPDX-License-Identifier: GPL-2.0-or-later
# The guard: leases of addresses.

if HAOPSD
noinst_LTLIBRARIES += libhaopsd-guard.la
libhaopsd_guard_la_SOURCES = \
	haopsd/guard/guard.c haopsd/guard/guard.h \
	haopsd/guard/lease-hold.c haopsd/guard/lease-hold.h \
	haopsd/guard/lease-policy.c haopsd/guard/lease-policy.h \
	haopsd/guard/leases.c haopsd/guard/leases.h \
	haopsd/guard/page.c haopsd/guard/page.h \
	haopsd/guard/system.c haopsd/guard/system.h
libhaopsd_guard_la_CFLAGS = $(AM_CFLAGS) -pthread
libhaopsd_guard_la_LDFLAGS = $(AM_LDFLAGS) -pthread
endif
