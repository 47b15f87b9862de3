# SPDX-License-Identifier: GPL-2.0-or-later
# DRBD's fence-peer handler.

if HAOPSD
noinst_LTLIBRARIES += liboutdate-request.la
liboutdate_request_la_SOURCES = \
	haopsd/pcmk/drbdname.c haopsd/pcmk/drbdname.h \
	tools/outdate-peer/request.c tools/outdate-peer/request.h

sbin_PROGRAMS += haops-outdate-peer
haops_outdate_peer_SOURCES = tools/outdate-peer/main.c
haops_outdate_peer_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
haops_outdate_peer_LDADD = liboutdate-request.la libhaopsd-ipc.la libhaops-internal.la $(QB_LIBS)
man_MANS += tools/outdate-peer/haops-outdate-peer.8
EXTRA_DIST += tools/outdate-peer/haops-outdate-peer.8
endif
