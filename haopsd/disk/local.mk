# SPDX-License-Identifier: GPL-2.0-or-later
# The disk probe: haopsd's end, and the helper process, which links libc only.
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-disk.la
libhaopsd_disk_la_SOURCES = \
	haopsd/disk/disk.c haopsd/disk/disk.h \
	haopsd/disk/protocol.h
libhaopsd_disk_la_CPPFLAGS = $(AM_CPPFLAGS) -DHAOPSD_DISK_PROGRAM='"$(pkglibexecdir)/haopsd-disk"'
libhaopsd_disk_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaopsd_disk_la_LIBADD = libhaopsd-prober.la $(QB_LIBS)

pkglibexec_PROGRAMS += haopsd-disk
haopsd_disk_SOURCES = haopsd/disk/main.c haopsd/disk/protocol.h
endif
