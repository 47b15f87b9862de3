# SPDX-License-Identifier: GPL-2.0-or-later
# ICMP ping targets. packet.c and group.c are pure.
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-ping.la
libhaopsd_ping_la_SOURCES = \
	haopsd/ping/group.c haopsd/ping/group.h \
	haopsd/ping/packet.c haopsd/ping/packet.h \
	haopsd/ping/ping.c haopsd/ping/ping.h \
	haopsd/ping/wire.c haopsd/ping/wire.h
libhaopsd_ping_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaopsd_ping_la_LIBADD = $(QB_LIBS)
endif
