#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the configuration in a file and gives the whole to the running cluster: ./pcs.sh
# With an argument that CIB file is changed, and no cluster is asked: ./pcs.sh FILE
set -eu

if [ $# -gt 0 ]; then
	cib=$1
else
	cib=$(mktemp)
	before=$(mktemp)
	trap 'rm -f "$cib" "$before"' EXIT
	pcs cluster cib "$cib"
	cp "$cib" "$before"
fi

# The disk that two nodes mirror; n3 only votes. --no-default-ops: only what is said here.
pcs -f "$cib" resource create disk ocf:haops:drbd drbd_resource=mysql \
	op start interval=0s timeout=240s op stop interval=0s timeout=100s \
	promote interval=0s timeout=90s demote interval=0s timeout=90s \
	notify interval=0s timeout=90s \
	monitor interval=10s role=Promoted timeout=20s \
	monitor interval=20s role=Unpromoted timeout=20s --no-default-ops \
	promotable ms-disk notify=true clone-max=2 promoted-max=1
# File system, server, address: in this order, where the disk is Primary. A start of the server has
# to recover after a lost node.
pcs -f "$cib" resource create fs ocf:haops:Filesystem device=/dev/drbd0 \
	directory=/var/lib/mysql fstype=xfs options=noatime \
	op start interval=0s timeout=60s op stop interval=0s timeout=60s \
	monitor interval=20s timeout=40s --no-default-ops --group mysql
pcs -f "$cib" resource create db ocf:haops:mysql config=/etc/mysql/my.cnf device=/dev/drbd0 \
	op start interval=0s timeout=300s op stop interval=0s timeout=120s \
	monitor interval=10s timeout=30s --no-default-ops --group mysql
pcs -f "$cib" resource create vip ocf:haops:IPaddr2 ip=10.77.0.100 cidr_netmask=24 \
	op start interval=0s timeout=20s op stop interval=0s timeout=20s \
	monitor interval=5s timeout=20s --no-default-ops --group mysql
pcs -f "$cib" constraint colocation add Started mysql with Promoted ms-disk INFINITY \
	id=mysql-where
pcs -f "$cib" constraint order promote ms-disk then start mysql id=mysql-when
pcs -f "$cib" constraint location add ms-disk-not-n3 ms-disk n3 -- -INFINITY

# The management board of each node: what cuts its power. Who is to be fenced does not hold it.
for number in 1 2 3; do
	pcs -f "$cib" stonith create fence-n$number fence_ipmilan ip=10.77.1.20$number \
		username=admin password=secret lanplus=1 \
		pcmk_host_list=n$number op monitor interval=60s timeout=20s
	pcs -f "$cib" constraint location add fence-n$number-elsewhere \
		fence-n$number n$number -- -INFINITY
done

pcs -f "$cib" property set stonith-enabled=true no-quorum-policy=stop
# Stay where it runs; after 3 failures on a node go to another; forgive after 10 min.
pcs -f "$cib" resource defaults update resource-stickiness=100 migration-threshold=3 \
	failure-timeout=10min

[ $# -gt 0 ] || pcs cluster cib-push "$cib" diff-against="$before"
