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
pcs -f "$cib" resource create disk ocf:haops:drbd drbd_resource=nfs \
	op start interval=0s timeout=240s op stop interval=0s timeout=100s \
	promote interval=0s timeout=90s demote interval=0s timeout=90s \
	notify interval=0s timeout=90s \
	monitor interval=10s role=Promoted timeout=20s \
	monitor interval=20s role=Unpromoted timeout=20s --no-default-ops \
	promotable ms-disk notify=true clone-max=2 promoted-max=1 interleave=true
# File system, server, export, address: in this order, where the disk is Primary. What clients hold
# is remembered below nfs_shared_infodir, so that it moves with the disk.
pcs -f "$cib" resource create fs ocf:haops:Filesystem device=/dev/drbd0 \
	directory=/srv/nfs fstype=xfs options=noatime \
	op start interval=0s timeout=60s op stop interval=0s timeout=60s \
	monitor interval=20s timeout=40s --no-default-ops --group files
pcs -f "$cib" resource create nfsd ocf:haops:nfsserver nfs_shared_infodir=/srv/nfs/.state \
	nfs_ip=10.77.0.100 lease_time=10 grace_time=10 \
	op start interval=0s timeout=60s op stop interval=0s timeout=60s \
	monitor interval=10s timeout=20s --no-default-ops --group files
pcs -f "$cib" resource create export ocf:haops:exportfs clientspec=10.77.0.0/24 \
	directory=/srv/nfs/export fsid=0 options=rw,sync,no_subtree_check unlock_ip=10.77.0.100 \
	op start interval=0s timeout=40s op stop interval=0s timeout=120s \
	monitor interval=10s timeout=20s --no-default-ops --group files
pcs -f "$cib" resource create vip ocf:haops:IPaddr2 ip=10.77.0.100 cidr_netmask=24 \
	op start interval=0s timeout=20s op stop interval=0s timeout=20s \
	monitor interval=5s timeout=20s --no-default-ops --group files
pcs -f "$cib" constraint colocation add Started files with Promoted ms-disk INFINITY \
	id=files-where
pcs -f "$cib" constraint order promote ms-disk then start files id=files-when
# n3 has neither disk nor programs: nothing is looked for there.
pcs -f "$cib" constraint location add ms-disk-not-n3 ms-disk n3 -- -INFINITY \
	resource-discovery=never
pcs -f "$cib" constraint location add files-not-n3 files n3 -- -INFINITY \
	resource-discovery=never

# The management board of each node: what cuts its power. Who is to be fenced does not hold it.
for number in 1 2 3; do
	pcs -f "$cib" stonith create fence-n$number fence_ipmilan ip=10.77.2.20$number \
		username=admin password=secret lanplus=1 cipher=3 power_wait=0 \
		pcmk_host_list=n$number op monitor interval=60s timeout=20s
	pcs -f "$cib" constraint location add fence-n$number-elsewhere \
		fence-n$number n$number -- -INFINITY
done

pcs -f "$cib" property set stonith-enabled=true stonith-action=off no-quorum-policy=stop
# Stay where it runs; after 3 failures on a node go to another; forgive after 10 min.
pcs -f "$cib" resource defaults update resource-stickiness=100 migration-threshold=3 \
	failure-timeout=10min

[ $# -gt 0 ] || pcs cluster cib-push "$cib" diff-against="$before"
