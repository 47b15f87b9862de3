# SPDX-License-Identifier: GPL-2.0-or-later
# What an operator calls: haops(8) with haops-mysql(8), haops-outdate-peer(8).
include tools/haops/local.mk
include tools/mysql/local.mk
include tools/cib/local.mk
include tools/outdate-peer/local.mk
