# SPDX-License-Identifier: GPL-2.0-or-later
# haopsd's end of the helper, and peer outdate.

if HAOPSD
noinst_LTLIBRARIES += libhaopsd-pcmk.la
libhaopsd_pcmk_la_SOURCES = \
	haopsd/pcmk/attributes.c haopsd/pcmk/attributes.h \
	haopsd/pcmk/child.c haopsd/pcmk/child.h \
	haopsd/pcmk/drbdadm.c haopsd/pcmk/drbdadm.h \
	haopsd/pcmk/outdating.c haopsd/pcmk/outdating.h \
	haopsd/pcmk/drbdname.c haopsd/pcmk/drbdname.h \
	haopsd/pcmk/helper.c haopsd/pcmk/helper.h \
	haopsd/pcmk/outdate.c haopsd/pcmk/outdate.h \
	haopsd/pcmk/packet.c haopsd/pcmk/packet.h \
	haopsd/pcmk/pcmk.c haopsd/pcmk/pcmk.h \
	haopsd/pcmk/system.c haopsd/pcmk/system.h
libhaopsd_pcmk_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaopsd_pcmk_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DPCMK_HELPER_PATH='"$(pkglibexecdir)/haopsd-pacemaker"'
libhaopsd_pcmk_la_LIBADD = $(QB_LIBS)

# What judges is apart, for its tests.
noinst_LTLIBRARIES += libhaopsd-pcmk-judge.la
libhaopsd_pcmk_judge_la_SOURCES = \
	haopsd/pcmk/program/alive.c haopsd/pcmk/program/alive.h \
	haopsd/pcmk/program/judge.c haopsd/pcmk/program/judge.h
libhaopsd_pcmk_judge_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS) $(PACEMAKER_CFLAGS)
libhaopsd_pcmk_judge_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/haopsd/pcmk
libhaopsd_pcmk_judge_la_LIBADD = $(PACEMAKER_LIBS)

pkglibexec_PROGRAMS += haopsd-pacemaker
haopsd_pacemaker_SOURCES = \
	haopsd/pcmk/packet.c haopsd/pcmk/packet.h \
	haopsd/pcmk/system.c haopsd/pcmk/system.h \
	haopsd/pcmk/program/cib.c haopsd/pcmk/program/cib.h \
	haopsd/pcmk/program/controller.c haopsd/pcmk/program/controller.h \
	haopsd/pcmk/program/launcher.c haopsd/pcmk/program/launcher.h \
	haopsd/pcmk/program/main.c \
	haopsd/pcmk/program/program.h \
	haopsd/pcmk/program/tools.c haopsd/pcmk/program/tools.h
haopsd_pacemaker_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS) $(PACEMAKER_CFLAGS)
haopsd_pacemaker_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/haopsd/pcmk
haopsd_pacemaker_LDADD = libhaopsd-pcmk-judge.la libhaops-internal.la $(PACEMAKER_LIBS) $(QB_LIBS)

# Drives the helper inside a node of the lab, see tests/scenarios/test_haopsd_pacemaker.py.
check_PROGRAMS += tests/scenarios/pcmk_driver
tests_scenarios_pcmk_driver_SOURCES = tests/scenarios/pcmk_driver.c
tests_scenarios_pcmk_driver_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_scenarios_pcmk_driver_LDADD = libhaopsd-pcmk.la libhaops-internal.la $(QB_LIBS)
endif
