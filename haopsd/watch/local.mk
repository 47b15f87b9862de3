# SPDX-License-Identifier: GPL-2.0-or-later
# The watcher. Parsers of libhaops that are not exported are compiled in, since it is above the
# public library.
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-watch.la
libhaopsd_watch_la_SOURCES = \
	haopsd/watch/judge.c haopsd/watch/judge.h \
	haopsd/watch/kernel.c haopsd/watch/kernel.h \
	haopsd/watch/limiter.c haopsd/watch/limiter.h \
	haopsd/watch/links.c haopsd/watch/links.h \
	haopsd/watch/looked.c \
	haopsd/watch/mounts.c \
	haopsd/watch/net-list.c \
	haopsd/watch/net-open.c \
	haopsd/watch/net.c \
	haopsd/watch/part.h \
	haopsd/watch/processes.c \
	haopsd/watch/records.c \
	haopsd/watch/set.c haopsd/watch/set.h \
	haopsd/watch/watcher.c haopsd/watch/watcher.h \
	libhaops/rtnl-msg.c libhaops/rtnl-msg.h
libhaopsd_watch_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DHAOPSD_MYSQL_PROGRAM='"$(pkglibexecdir)/haopsd-mysql"' \
	-DHAOPSD_EXPORTS_PROGRAM='"$(pkglibexecdir)/haopsd-exports"'
libhaopsd_watch_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaopsd_watch_la_LIBADD = libhaopsd-looker.la $(QB_LIBS) $(MNL_LIBS)
endif
