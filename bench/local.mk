# SPDX-License-Identifier: GPL-2.0-or-later
# What prints the figures. Nothing here is run by make, and only heart-sim is built, when bench/haopsd
# asks for it: bench/README.md.

EXTRA_DIST += bench/README.md bench/agents bench/failover bench/haopsd bench/haopsd-soak bench/lease bench/mysql \
	bench/mysql-agents bench/mysql-faults bench/files bench/monitor_probe.py bench/table \
	bench/contestants.py bench/figures.py bench/filesystem_agent.py bench/footprint.py bench/forks.py bench/loss_probe.py \
	bench/measure.py bench/netns.py bench/nginx_agent.py bench/processes.py bench/reached.py bench/reaction.py \
	bench/empty.c bench/sampler.c

if HAOPSD
EXTRA_PROGRAMS += bench/heart-sim
CLEANFILES += bench/heart-sim
bench_heart_sim_SOURCES = bench/heart-sim.c
bench_heart_sim_LDADD = libhaopsd-heart.la libhaops-internal.la
endif
