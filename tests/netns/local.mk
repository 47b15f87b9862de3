# SPDX-License-Identifier: GPL-2.0-or-later
# Live tests, on the kernel's own interfaces: "make check-live". Each test makes a network namespace
# of its own, without root inside a user namespace. Add a program NAME to live_tests and give it a
# NAME_SOURCES line.

live_tests = \
	tests/netns/live_announcer \
	tests/netns/live_asked \
	tests/netns/live_arp \
	tests/netns/live_dad \
	tests/netns/live_link \
	tests/netns/live_service \
	tests/netns/live_tcp \
	tests/netns/live_vip

if HAOPSD
live_tests += \
	tests/netns/live_disk \
	tests/netns/live_guard \
	tests/netns/live_ping \
	tests/netns/live_watch_databases \
	tests/netns/live_watch_net \
	tests/netns/live_watch_things
endif
if HAVE_CMOCKA
check_PROGRAMS += $(live_tests)
endif

if HAOPSD
watching_sources = tests/netns/netns.h tests/netns/watching.h tests/unit/unit.h
watching_ldadd = libhaopsd-watch.la $(unit_ldadd) $(QB_LIBS)

# A helper that finds what it is told to.
check_PROGRAMS += tests/netns/fake-haopsd-mysql
tests_netns_fake_haopsd_mysql_SOURCES = tests/netns/fake-haopsd-mysql.c haopsd/looker/protocol.h

tests_netns_live_watch_databases_SOURCES = tests/netns/live_watch_databases.c $(watching_sources)
tests_netns_live_watch_databases_CPPFLAGS = $(AM_CPPFLAGS) \
	-DDATABASE_PROGRAM='"$(abs_top_builddir)/tests/netns/fake-haopsd-mysql"'
tests_netns_live_watch_databases_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_netns_live_watch_databases_LDADD = $(watching_ldadd)
EXTRA_tests_netns_live_watch_databases_DEPENDENCIES = tests/netns/fake-haopsd-mysql

tests_netns_live_watch_net_SOURCES = tests/netns/live_watch_net.c $(watching_sources)
tests_netns_live_watch_net_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_netns_live_watch_net_LDADD = $(watching_ldadd)

tests_netns_live_watch_things_SOURCES = tests/netns/live_watch_things.c $(watching_sources)
tests_netns_live_watch_things_CPPFLAGS = $(AM_CPPFLAGS) \
	-DEXPORTS_PROGRAM='"$(abs_top_builddir)/haopsd-exports"'
tests_netns_live_watch_things_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_netns_live_watch_things_LDADD = $(watching_ldadd)
EXTRA_tests_netns_live_watch_things_DEPENDENCIES = haopsd-exports
endif

if HAOPSD
tests_netns_live_disk_SOURCES = \
	tests/netns/live_disk.c tests/netns/looping.h tests/netns/netns.h tests/unit/unit.h
tests_netns_live_disk_CPPFLAGS = $(AM_CPPFLAGS) -DHAOPSD_DISK_BUILT='"$(abs_top_builddir)/haopsd-disk"'
tests_netns_live_disk_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_netns_live_disk_LDADD = libhaopsd-disk.la libhaopsd-heart.la $(unit_ldadd) $(QB_LIBS)
EXTRA_tests_netns_live_disk_DEPENDENCIES = haopsd-disk

tests_netns_live_ping_SOURCES = \
	tests/netns/live_ping.c tests/netns/looping.h tests/netns/netns.h tests/netns/tap.h tests/unit/unit.h
tests_netns_live_ping_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_netns_live_ping_LDADD = libhaopsd-ping.la libhaopsd-heart.la $(unit_ldadd) $(QB_LIBS)
endif

tests_netns_live_announcer_SOURCES = \
	tests/netns/live_announcer.c tests/netns/netns.h tests/netns/tap.h tests/unit/unit.h
tests_netns_live_announcer_LDADD = $(unit_ldadd)

tests_netns_live_asked_SOURCES = \
	tests/netns/live_asked.c tests/netns/netns.h tests/netns/tap.h tests/unit/unit.h
tests_netns_live_asked_LDADD = $(unit_ldadd)

tests_netns_live_arp_SOURCES = \
	tests/netns/live_arp.c tests/netns/netns.h tests/netns/tap.h tests/unit/unit.h
tests_netns_live_arp_LDADD = $(unit_ldadd)

tests_netns_live_dad_SOURCES = tests/netns/live_dad.c tests/netns/netns.h tests/unit/unit.h
tests_netns_live_dad_LDADD = $(unit_ldadd)

tests_netns_live_guard_SOURCES = \
	tests/netns/live_guard.c tests/netns/netns.h tests/unit/unit.h
tests_netns_live_guard_LDADD = libhaopsd-guard.la $(unit_ldadd) -lpthread

tests_netns_live_link_SOURCES = tests/netns/live_link.c tests/netns/netns.h tests/unit/unit.h
tests_netns_live_link_LDADD = $(unit_ldadd)
tests_netns_live_tcp_SOURCES = tests/netns/live_tcp.c tests/netns/netns.h tests/unit/unit.h
tests_netns_live_tcp_LDADD = $(unit_ldadd)

tests_netns_live_service_SOURCES = tests/netns/live_service.c tests/unit/unit.h
tests_netns_live_service_LDADD = $(unit_ldadd)

tests_netns_live_vip_SOURCES = tests/netns/live_vip.c tests/netns/netns.h tests/unit/unit.h
tests_netns_live_vip_LDADD = $(unit_ldadd)

.PHONY: check-live
check-live: $(live_tests)
	@for test in $(live_tests); do echo "== $$test"; ./$$test || exit 1; done
