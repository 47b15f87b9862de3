# SPDX-License-Identifier: GPL-2.0-or-later
# What haopsd tells its tools, both ends of the conversation, and the helper process between them.
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-ipc.la
libhaopsd_ipc_la_SOURCES = \
	haopsd/ipc/child.c haopsd/ipc/child.h \
	haopsd/ipc/client.c \
	haopsd/ipc/ipc.h \
	haopsd/ipc/link.h \
	haopsd/ipc/record.c haopsd/ipc/record.h \
	haopsd/ipc/server.c \
	haopsd/ipc/status.c haopsd/ipc/status.h
libhaopsd_ipc_la_CPPFLAGS = $(AM_CPPFLAGS) -DHAOPSD_IPC_HELPER='"$(pkglibexecdir)/haopsd-ipc"'
libhaopsd_ipc_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaopsd_ipc_la_LIBADD = $(QB_LIBS)

pkglibexec_PROGRAMS += haopsd-ipc
haopsd_ipc_SOURCES = \
	haopsd/ipc/ipc.h \
	haopsd/ipc/link.h \
	haopsd/ipc/relay.h \
	haopsd/ipc/relay-clients.c \
	haopsd/ipc/relay-link.c \
	haopsd/ipc/relay-main.c \
	haopsd/ipc/relay-slots.c \
	libhaops/util/num.c libhaops/util/num.h
haopsd_ipc_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
haopsd_ipc_LDADD = $(QB_LIBS)
endif
