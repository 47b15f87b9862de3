# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon: each folder is one part, a convenience library with its own tests; haopsd/*.c puts
# them together.
include haopsd/heart/local.mk
include haopsd/ping/local.mk
include haopsd/prober/local.mk
include haopsd/disk/local.mk
include haopsd/exports/local.mk
include haopsd/looker/local.mk
include haopsd/mysql/local.mk
include haopsd/watch/local.mk
include haopsd/pcmk/local.mk
include haopsd/guard/local.mk
include haopsd/ipc/local.mk

if HAOPSD
haopsd_cppflags = $(AM_CPPFLAGS) -DHAOPSD_CONFIG_FILE='"$(sysconfdir)/haops/haopsd.conf"'

# All but main(), so that tests have the pure files.
noinst_LTLIBRARIES += libhaopsd-core.la
libhaopsd_core_la_SOURCES = \
	haopsd/agenda.c haopsd/agenda.h \
	haopsd/bell.h \
	haopsd/daemon.c haopsd/daemon.h \
	haopsd/events.c haopsd/events.h \
	haopsd/fill.c \
	haopsd/host.c haopsd/host.h \
	haopsd/judge.c \
	haopsd/log.c haopsd/log.h \
	haopsd/losses.c haopsd/losses.h \
	haopsd/members.c \
	haopsd/notify.c haopsd/notify.h \
	haopsd/options.c haopsd/options.h \
	haopsd/own.c \
	haopsd/report.c \
	haopsd/requests.c \
	haopsd/settings.c
libhaopsd_core_la_CPPFLAGS = $(haopsd_cppflags)
libhaopsd_core_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)

# libhaops and libhaops-cluster are in it, with what only their own files may call: one copy, and no
# library of another version.
sbin_PROGRAMS += haopsd/haopsd
haopsd_haopsd_SOURCES = haopsd/main.c
haopsd_haopsd_CPPFLAGS = $(haopsd_cppflags)
haopsd_haopsd_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
haopsd_haopsd_LDADD = \
	libhaopsd-core.la \
	libhaopsd-heart.la libhaopsd-ping.la libhaopsd-disk.la \
	libhaopsd-watch.la libhaopsd-pcmk.la libhaopsd-guard.la libhaopsd-ipc.la \
	libhaops-cluster-internal.la libhaops-internal.la \
	$(COROSYNC_LIBS) $(QB_LIBS) $(MNL_LIBS)
haopsd_haopsd_LDFLAGS = $(AM_LDFLAGS) -pthread

haopsd_texts = haopsd/haopsd.8 haopsd/haopsd.conf.5 haopsd/haopsd.service
man_MANS += haopsd/haopsd.8 haopsd/haopsd.conf.5
systemdunitdir = $(prefix)/lib/systemd/system
nodist_systemdunit_DATA = haopsd/haopsd.service
CLEANFILES += $(haopsd_texts)
EXTRA_DIST += haopsd/haopsd.8.in haopsd/haopsd.conf haopsd/haopsd.conf.5.in haopsd/haopsd.service.in

haopsd_edit = $(AM_V_GEN)$(MKDIR_P) haopsd && sed -e 's,[@]VERSION@,$(VERSION),g' \
	-e 's,[@]HAOPS_DATE@,$(HAOPS_DATE),g' \
	-e 's,[@]sysconfdir@,$(sysconfdir),g' -e 's,[@]rundir@,$(rundir),g' \
	-e 's,[@]sbindir@,$(sbindir),g'
haopsd/haopsd.8: haopsd/haopsd.8.in
	$(haopsd_edit) $(srcdir)/haopsd/haopsd.8.in > $@
haopsd/haopsd.conf.5: haopsd/haopsd.conf.5.in
	$(haopsd_edit) $(srcdir)/haopsd/haopsd.conf.5.in > $@
haopsd/haopsd.service: haopsd/haopsd.service.in
	$(haopsd_edit) $(srcdir)/haopsd/haopsd.service.in > $@

# The administrator's settings stay: a file that is there is not written over, and only one that is
# as it was installed is removed.
haopsd_conf = "$(DESTDIR)$(sysconfdir)/haops/haopsd.conf"
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/haops"
	test -e $(haopsd_conf) || $(INSTALL_DATA) $(srcdir)/haopsd/haopsd.conf $(haopsd_conf)
uninstall-local:
	if cmp -s $(srcdir)/haopsd/haopsd.conf $(haopsd_conf); then rm -f $(haopsd_conf); fi
endif
