# SPDX-License-Identifier: GPL-2.0-or-later
# agents/ocf is the framework, linked into each agent with what it uses of libhaops: a monitor is a
# process of its own each time, and each library costs it as much as it does itself.

noinst_LTLIBRARIES += libocf.la
libocf_la_SOURCES = \
	agents/ocf/args.c \
	agents/ocf/args.h \
	agents/ocf/attribute.c \
	agents/ocf/attribute.h \
	agents/ocf/check.c \
	agents/ocf/child.c \
	agents/ocf/child.h \
	agents/ocf/code.c \
	agents/ocf/env.c \
	agents/ocf/host.c \
	agents/ocf/host.h \
	agents/ocf/log.c \
	agents/ocf/main.c \
	agents/ocf/metadata.c \
	agents/ocf/note.c \
	agents/ocf/ocf.h \
	agents/ocf/param.c \
	agents/ocf/program.c \
	agents/ocf/run.c \
	agents/ocf/run.h \
	agents/ocf/sink.c \
	agents/ocf/syslog.c \
	agents/ocf/text.c \
	agents/ocf/trace.c \
	agents/ocf/usage.c \
	agents/ocf/watch.c
libocf_la_LIBADD = libhaops-internal.la

haopsagent_PROGRAMS = Filesystem IPaddr2 drbd exportfs nfsserver nginx

# The parts that only read and decide: tests and fuzz targets link them, too.
noinst_LTLIBRARIES += libfilesystem-pure.la
libfilesystem_pure_la_SOURCES = \
	agents/filesystem/kind.c \
	agents/filesystem/kind.h \
	agents/filesystem/proc-text.c \
	agents/filesystem/proc-text.h \
	agents/filesystem/table.c \
	agents/filesystem/table.h

Filesystem_SOURCES = \
	agents/filesystem/check.c \
	agents/filesystem/filesystem.h \
	agents/filesystem/look.c \
	agents/filesystem/look.h \
	agents/filesystem/main.c \
	agents/filesystem/monitor.c \
	agents/filesystem/mounts.c \
	agents/filesystem/params.c \
	agents/filesystem/programs.c \
	agents/filesystem/room.c \
	agents/filesystem/site.c \
	agents/filesystem/space.c \
	agents/filesystem/start.c \
	agents/filesystem/status.c \
	agents/filesystem/stop.c \
	agents/filesystem/stop.h \
	agents/filesystem/touch.c \
	agents/filesystem/touch.h \
	agents/filesystem/validate.c
Filesystem_LDADD = libfilesystem-pure.la libocf.la

IPaddr2_SOURCES = \
	agents/ipaddr2/announce.c \
	agents/ipaddr2/config.c \
	agents/ipaddr2/groups.c \
	agents/ipaddr2/host.c \
	agents/ipaddr2/ipaddr2.h \
	agents/ipaddr2/judge.c \
	agents/ipaddr2/lease.c \
	agents/ipaddr2/main.c \
	agents/ipaddr2/monitor.c \
	agents/ipaddr2/params.c \
	agents/ipaddr2/place.c \
	agents/ipaddr2/sender.c \
	agents/ipaddr2/start.c \
	agents/ipaddr2/stop.c \
	agents/ipaddr2/watch.c
IPaddr2_LDADD = libocf.la

# The parts that only read and decide: tests and fuzz targets link them, too.
noinst_LTLIBRARIES += libdrbd-pure.la
libdrbd_pure_la_SOURCES = \
	agents/drbd/conf.c \
	agents/drbd/conf.h \
	agents/drbd/events.c \
	agents/drbd/events.h \
	agents/drbd/facts.c \
	agents/drbd/facts.h \
	agents/drbd/json.c \
	agents/drbd/json.h \
	agents/drbd/memory.c \
	agents/drbd/memory.h \
	agents/drbd/score.c \
	agents/drbd/score.h \
	agents/drbd/state.c \
	agents/drbd/state.h \
	agents/drbd/verdict.c \
	agents/drbd/verdict.h

drbd_SOURCES = \
	agents/drbd/cib.c \
	agents/drbd/config.c \
	agents/drbd/connect.c \
	agents/drbd/demote.c \
	agents/drbd/drbd.h \
	agents/drbd/holders.c \
	agents/drbd/judge.c \
	agents/drbd/look.c \
	agents/drbd/main.c \
	agents/drbd/module.c \
	agents/drbd/monitor.c \
	agents/drbd/notify.c \
	agents/drbd/outdate.c \
	agents/drbd/params.c \
	agents/drbd/promote.c \
	agents/drbd/remember.c \
	agents/drbd/scores.c \
	agents/drbd/start.c \
	agents/drbd/stop.c \
	agents/drbd/tool.c \
	agents/drbd/unfence.c \
	agents/drbd/validate.c \
	agents/drbd/watch.c
drbd_CPPFLAGS = $(AM_CPPFLAGS) -DHAOPS_CIB_PATH='"$(pkglibexecdir)/haops-cib"'
drbd_LDADD = libdrbd-pure.la libocf.la

# The parts that only read and decide: tests and fuzz targets link them, too.
noinst_LTLIBRARIES += libnginx-pure.la
libnginx_pure_la_SOURCES = \
	agents/nginx/conf-message.c \
	agents/nginx/conf-parse.c \
	agents/nginx/conf-parse.h \
	agents/nginx/conf-token.c \
	agents/nginx/conf-token.h \
	agents/nginx/group.c \
	agents/nginx/group.h \
	agents/nginx/pattern.c \
	agents/nginx/pattern.h \
	agents/nginx/sockets.c \
	agents/nginx/sockets.h \
	agents/nginx/testconf.c \
	agents/nginx/testconf.h \
	agents/nginx/url.c \
	agents/nginx/verdict.c \
	agents/nginx/verdict.h

nginx_SOURCES = \
	agents/nginx/check-config.c \
	agents/nginx/check.c \
	agents/nginx/conf-files.c \
	agents/nginx/conf-files.h \
	agents/nginx/fetch.c \
	agents/nginx/holder.c \
	agents/nginx/host.c \
	agents/nginx/host.h \
	agents/nginx/instance.c \
	agents/nginx/main.c \
	agents/nginx/monitor.c \
	agents/nginx/nginx.h \
	agents/nginx/params.c \
	agents/nginx/reload.c \
	agents/nginx/site.c \
	agents/nginx/start.c \
	agents/nginx/stop.c \
	agents/nginx/validate.c
nginx_LDADD = libnginx-pure.la libocf.la

# The parts that only read and decide: tests and fuzz targets link them, too.
noinst_LTLIBRARIES += libnfs-pure.la
libnfs_pure_la_SOURCES = \
	agents/exportfs/table.c \
	agents/exportfs/table.h \
	agents/nfsserver/addresses.c \
	agents/nfsserver/addresses.h \
	agents/nfsserver/clients.c \
	agents/nfsserver/clients.h \
	agents/nfsserver/rpc-msg.c \
	agents/nfsserver/rpc-msg.h

exportfs_SOURCES = \
	agents/exportfs/exportfs.h \
	agents/exportfs/host.c \
	agents/exportfs/host.h \
	agents/exportfs/main.c \
	agents/exportfs/monitor.c \
	agents/exportfs/params.c \
	agents/exportfs/record.c \
	agents/exportfs/release.c \
	agents/exportfs/rmtab.c \
	agents/exportfs/site.c \
	agents/exportfs/start.c \
	agents/exportfs/stop.c \
	agents/exportfs/validate.c
exportfs_LDADD = libnfs-pure.la libocf.la

nfsserver_SOURCES = \
	agents/nfsserver/check.c \
	agents/nfsserver/connect.c \
	agents/nfsserver/daemons.c \
	agents/nfsserver/grace.c \
	agents/nfsserver/host.c \
	agents/nfsserver/host.h \
	agents/nfsserver/main.c \
	agents/nfsserver/mode.c \
	agents/nfsserver/monitor.c \
	agents/nfsserver/mounts.c \
	agents/nfsserver/nfsserver.h \
	agents/nfsserver/notify.c \
	agents/nfsserver/params.c \
	agents/nfsserver/query.c \
	agents/nfsserver/query.h \
	agents/nfsserver/record.c \
	agents/nfsserver/start.c \
	agents/nfsserver/state.c \
	agents/nfsserver/stop.c \
	agents/nfsserver/threads.c \
	agents/nfsserver/tickle.c \
	agents/nfsserver/validate.c
nfsserver_LDADD = libnfs-pure.la libocf.la

if MYSQL
# What the mysql agent decides: tests link it, too.
noinst_LTLIBRARIES += libmysql-decide.la
libmysql_decide_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libhaops-mysql
libmysql_decide_la_SOURCES = \
	agents/mysql/calm.c \
	agents/mysql/calm.h \
	agents/mysql/memory.c \
	agents/mysql/memory.h \
	agents/mysql/reader.c \
	agents/mysql/reader.h \
	agents/mysql/safe-set.c \
	agents/mysql/safe-set.h \
	agents/mysql/score.c \
	agents/mysql/score.h

# The parts that only read and decide: tests and fuzz targets link them, too.
noinst_LTLIBRARIES += libmysql-pure.la
libmysql_pure_la_SOURCES = \
	agents/mysql/identity.c \
	agents/mysql/identity.h \
	agents/mysql/log-pick.c \
	agents/mysql/log.h \
	agents/mysql/nodes.c \
	agents/mysql/nodes.h

haopsagent_PROGRAMS += mysql
mysql_SOURCES = \
	agents/mysql/ask.c \
	agents/mysql/attribute.c \
	agents/mysql/check.c \
	agents/mysql/cib.c \
	agents/mysql/cluster.c \
	agents/mysql/cluster.h \
	agents/mysql/create.c \
	agents/mysql/datadir.c \
	agents/mysql/datadir.h \
	agents/mysql/demote.c \
	agents/mysql/election.c \
	agents/mysql/fence.c \
	agents/mysql/folders.c \
	agents/mysql/follow.c \
	agents/mysql/instance.c \
	agents/mysql/keep.c \
	agents/mysql/launch.c \
	agents/mysql/log.c \
	agents/mysql/login.c \
	agents/mysql/main.c \
	agents/mysql/monitor.c \
	agents/mysql/mount.c \
	agents/mysql/mysql.h \
	agents/mysql/notify.c \
	agents/mysql/params.c \
	agents/mysql/promote.c \
	agents/mysql/rank.c \
	agents/mysql/record.c \
	agents/mysql/replica.c \
	agents/mysql/rest.c \
	agents/mysql/settings.c \
	agents/mysql/site.c \
	agents/mysql/start.c \
	agents/mysql/stop.c \
	agents/mysql/stuck.c \
	agents/mysql/tail.c \
	agents/mysql/validate.c \
	agents/mysql/watch.c
mysql_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libhaops-mysql -DHAOPS_CIB_PATH='"$(pkglibexecdir)/haops-cib"'
mysql_LDADD = libmysql-pure.la libmysql-decide.la libocf.la libhaops-mysql-internal.la
endif

EXTRA_DIST += agents/README.md
