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

# A server on each node; one of them takes writes. A start may have to recover, a promotion to apply
# what was received. --no-default-ops: only what is said here.
pcs -f "$cib" resource create db ocf:haops:mysql \
	config=/etc/mysql/my.cnf node_list="n1=10.77.0.11 n2=10.77.0.12 n3=10.77.0.13" \
	replication_user=repl replication_passwd=secret durability=safe \
	reader_attribute=readable reader_lag_out=30 \
	op start interval=0s timeout=300s op stop interval=0s timeout=120s \
	promote interval=0s timeout=120s demote interval=0s timeout=120s \
	notify interval=0s timeout=90s \
	monitor interval=10s role=Promoted timeout=30s \
	monitor interval=11s role=Unpromoted timeout=30s --no-default-ops \
	promotable ms notify=true clone-max=3 promoted-max=1 interleave=true
pcs -f "$cib" resource create vip-write ocf:haops:IPaddr2 ip=10.77.0.100 cidr_netmask=24 \
	op start interval=0s timeout=20s op stop interval=0s timeout=20s \
	monitor interval=5s timeout=20s --no-default-ops
pcs -f "$cib" resource create vip-read ocf:haops:IPaddr2 ip=10.77.0.101 cidr_netmask=24 \
	op start interval=0s timeout=20s op stop interval=0s timeout=20s \
	monitor interval=5s timeout=20s --no-default-ops
# Writers find the primary, and only after it takes writes. Their address stays until it takes none
# any more, so that they are told at once: without an address they would wait for answers that cannot
# come.
pcs -f "$cib" constraint colocation add Started vip-write with Promoted ms INFINITY \
	id=vip-write-where
pcs -f "$cib" constraint order promote ms then start vip-write symmetrical=false \
	id=vip-write-when
pcs -f "$cib" constraint order demote ms then stop vip-write symmetrical=false \
	id=vip-write-until
# Readers find a server that is fit to read from, rather a replica.
pcs -f "$cib" constraint location vip-read rule id=vip-read-rule \
	constraint-id=vip-read-where score=-INFINITY not_defined readable or readable lt 1
pcs -f "$cib" constraint colocation add vip-read with vip-write -- -100 \
	id=vip-read-apart

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
