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

# One address with its nginx, in this order, on one node. --no-default-ops: only what is said here.
pcs -f "$cib" resource create vip4 ocf:haops:IPaddr2 ip=10.77.0.100 cidr_netmask=24 \
	op start interval=0s timeout=20s op stop interval=0s timeout=20s \
	monitor interval=5s timeout=20s --no-default-ops --group proxy
# Fencing makes sure of what duplicate address detection would ask for a second: nodad.
pcs -f "$cib" resource create vip6 ocf:haops:IPaddr2 ip=fd00:77::100 cidr_netmask=64 nodad=true \
	op start interval=0s timeout=20s op stop interval=0s timeout=20s \
	monitor interval=5s timeout=20s --no-default-ops --group proxy
# Level 10 asks nginx for its status page.
pcs -f "$cib" resource create nginx ocf:haops:nginx \
	configfile=/etc/nginx/nginx.conf status10url=http://127.0.0.1/nginx_status \
	op start interval=0s timeout=40s op stop interval=0s timeout=60s \
	monitor interval=5s timeout=30s monitor interval=15s timeout=30s OCF_CHECK_LEVEL=10 \
	--no-default-ops --group proxy

# The management board of each node: what cuts its power. Who is to be fenced does not hold it.
for number in 1 2 3; do
	pcs -f "$cib" stonith create fence-n$number fence_ipmilan ip=10.77.1.20$number \
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
