# SPDX-License-Identifier: GPL-2.0-or-later
# The programs of examples/c are for users of the installed library, who build them by the Makefile
# there; tests/examples does so too.

EXTRA_DIST += examples/README.md examples/c/COPYING examples/c/Makefile examples/c/README.md
EXTRA_DIST += \
	examples/c/addr-canonical.c \
	examples/c/announce-in-background.c \
	examples/c/arp-announce.c \
	examples/c/cluster-chat.c \
	examples/c/http-check.c \
	examples/c/lease-status.c \
	examples/c/link-show.c \
	examples/c/log-and-deadline.c \
	examples/c/mysql-gtid-compare.c \
	examples/c/mysql-status.c \
	examples/c/mysql-switchover.c \
	examples/c/nfs-export.c \
	examples/c/process-stop.c \
	examples/c/run-command.c \
	examples/c/state-file.c \
	examples/c/tcp-clients.c \
	examples/c/vip-move.c \
	examples/c/watch-record.c

EXTRA_DIST += \
	examples/nginx-proxy/README.md \
	examples/nginx-proxy/cib.xml \
	examples/nginx-proxy/demo \
	examples/nginx-proxy/demo.py \
	examples/nginx-proxy/nginx.conf \
	examples/nginx-proxy/pcs.sh \
	examples/nginx-proxy/proxy.crm

EXTRA_DIST += \
	examples/mysql-on-drbd/README.md \
	examples/mysql-on-drbd/cib.xml \
	examples/mysql-on-drbd/my.cnf \
	examples/mysql-on-drbd/mysql.crm \
	examples/mysql-on-drbd/mysql.res \
	examples/mysql-on-drbd/pcs.sh \
	examples/mysql-replication/README.md \
	examples/mysql-replication/cib.xml \
	examples/mysql-replication/grants.sql \
	examples/mysql-replication/my.cnf \
	examples/mysql-replication/mysql.crm \
	examples/mysql-replication/pcs.sh \
	examples/nfs-on-drbd/README.md \
	examples/nfs-on-drbd/cib.xml \
	examples/nfs-on-drbd/files.crm \
	examples/nfs-on-drbd/nfs.res \
	examples/nfs-on-drbd/pcs.sh

EXTRA_DIST += tests/examples/test_examples.py tests/examples/test_example_forms.py
