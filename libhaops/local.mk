# SPDX-License-Identifier: GPL-2.0-or-later
# The same objects twice: libhaops.so with only what libhaops.map names, and libhaops-internal.la,
# with everything, for the tests.

haops_headers = \
	libhaops/include/haops/addr.h \
	libhaops/include/haops/arp.h \
	libhaops/include/haops/haops.h \
	libhaops/include/haops/http.h \
	libhaops/include/haops/lease.h \
	libhaops/include/haops/link.h \
	libhaops/include/haops/nfs.h \
	libhaops/include/haops/process.h \
	libhaops/include/haops/state.h \
	libhaops/include/haops/tcp.h \
	libhaops/include/haops/vip.h \
	libhaops/include/haops/watch.h
haopsincludedir = $(includedir)/haops
haopsinclude_HEADERS = $(haops_headers)

libhaops_sources = \
	libhaops/addr.c \
	libhaops/announcer-loop.c libhaops/announcer-loop.h \
	libhaops/announcer-name.c libhaops/announcer-name.h \
	libhaops/announcer-state.c libhaops/announcer-state.h \
	libhaops/announcer.c \
	libhaops/arp-neigh.c libhaops/arp-neigh.h \
	libhaops/arp-packet.c libhaops/arp-packet.h \
	libhaops/arp-owner.c \
	libhaops/arp-owner.h \
	libhaops/arp-probe.c \
	libhaops/arp-round.c libhaops/arp-round.h \
	libhaops/arp-schedule.c libhaops/arp-schedule.h \
	libhaops/arp-wire.c libhaops/arp-wire.h \
	libhaops/arp.c \
	libhaops/ctx.c \
	libhaops/http-parse.c libhaops/http-parse.h \
	libhaops/http-request.c \
	libhaops/http.c \
	libhaops/internal.h \
	libhaops/lease.c libhaops/lease-page.h \
	libhaops/link.c \
	libhaops/nfs-export.c \
	libhaops/nfs-text.c libhaops/nfs-text.h \
	libhaops/nfs.c libhaops/nfs.h \
	libhaops/notify-text.c libhaops/notify-text.h \
	libhaops/proc-stat.c libhaops/proc-stat.h \
	libhaops/process-list.c \
	libhaops/process-start.c \
	libhaops/process.c \
	libhaops/rtnl-msg.c libhaops/rtnl-msg.h \
	libhaops/rtnl.c libhaops/rtnl.h \
	libhaops/sock-diag.c libhaops/sock-diag.h \
	libhaops/state-name.c libhaops/state-name.h \
	libhaops/state.c \
	libhaops/sys-linux.c libhaops/sys.h \
	libhaops/tcp-kill.c \
	libhaops/tcp-list.c \
	libhaops/tcp-segment.c libhaops/tcp-segment.h \
	libhaops/tcp-tickle.c \
	libhaops/util/cleanup.h \
	libhaops/util/mountinfo.c libhaops/util/mountinfo.h \
	libhaops/util/octal.c libhaops/util/octal.h \
	libhaops/util/num.c libhaops/util/num.h \
	libhaops/vip-change.c \
	libhaops/vip-dad.c \
	libhaops/vip-list.c libhaops/vip-list.h \
	libhaops/vip-plan.c libhaops/vip-plan.h \
	libhaops/vip-renew.c \
	libhaops/vip.c \
	libhaops/watch-name.c libhaops/watch-name.h \
	libhaops/watch-text.c libhaops/watch-text.h \
	libhaops/watch.c

noinst_LTLIBRARIES += libhaops-internal.la
libhaops_internal_la_SOURCES = $(libhaops_sources)
libhaops_internal_la_LIBADD = $(MNL_LIBS)

lib_LTLIBRARIES += libhaops.la
libhaops_la_SOURCES =
libhaops_la_LIBADD = libhaops-internal.la $(MNL_LIBS)
libhaops_la_LDFLAGS = $(AM_LDFLAGS) -version-info $(HAOPS_VERSION_INFO) \
	-Wl,--version-script=$(top_srcdir)/libhaops/libhaops.map
libhaops_la_DEPENDENCIES = libhaops-internal.la libhaops/libhaops.map

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = libhaops/haops.pc

EXTRA_DIST += libhaops/libhaops.map libhaops/README.md
