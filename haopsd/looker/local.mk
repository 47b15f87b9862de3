# SPDX-License-Identifier: GPL-2.0-or-later
# Watched things that a helper process looks at: haopsd's end, and what all helpers share (helper.c,
# which each compiles in).
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-looker.la
libhaopsd_looker_la_SOURCES = \
	haopsd/looker/looker.c haopsd/looker/looker.h \
	haopsd/looker/protocol.h
libhaopsd_looker_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaopsd_looker_la_LIBADD = libhaopsd-prober.la $(QB_LIBS)
EXTRA_DIST += haopsd/looker/helper.c haopsd/looker/helper.h
endif
