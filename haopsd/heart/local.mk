# SPDX-License-Identifier: GPL-2.0-or-later
# Settings, messages and the heartbeat core: pure, no library but libc.
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-heart.la
libhaopsd_heart_la_SOURCES = \
	haopsd/heart/config-apply.c \
	haopsd/heart/config-internal.h \
	haopsd/heart/config-list.c \
	haopsd/heart/config-words.c \
	haopsd/heart/config.c haopsd/heart/config.h \
	haopsd/heart/heart-internal.h \
	haopsd/heart/heart-judge.c \
	haopsd/heart/heart-own.c \
	haopsd/heart/heart-peer.c \
	haopsd/heart/heart-text.c \
	haopsd/heart/heart.c haopsd/heart/heart.h \
	haopsd/heart/message.c haopsd/heart/message.h
endif
