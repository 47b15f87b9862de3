/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between parameters, and what this host has to have for them. */

#include "mysql/mysql.h"
#include "mysql/nodes.h"
#include "ocf/host.h"

#include <string.h>

static int check_lag(struct ocf_run *run)
{
	int64_t out = ocf_int(run, ocf_is_set(run, MYSQL_READER_LAG_OUT) ? MYSQL_READER_LAG_OUT
									 : MYSQL_MAX_SLAVE_LAG);

	if (ocf_is_set(run, MYSQL_READER_LAG_IN) && ocf_int(run, MYSQL_READER_LAG_IN) > out)
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"reader_lag_in is above reader_lag_out (%lld): a reader would come "
				"and go",
				(long long)out);
	return OCF_SUCCESS;
}

static int check_nodes(struct ocf_run *run)
{
	const char *initial = ocf_str(run, MYSQL_INITIAL_PRIMARY);
	struct nodes nodes;

	if (!initial[0] || nodes_parse(ocf_str(run, MYSQL_NODE_LIST), &nodes) || !nodes.count ||
	    nodes_find(&nodes, initial) < nodes.count)
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_CONFIGURED, "initial_primary %s is not in node_list", initial);
}

static int check_tls(struct ocf_run *run)
{
	bool has_cert = ocf_is_set(run, MYSQL_REPLICATION_MASTER_SSL_CERT);
	bool has_key = ocf_is_set(run, MYSQL_REPLICATION_MASTER_SSL_KEY);

	if (has_cert == has_key)
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_CONFIGURED,
			"replication_master_ssl_cert and replication_master_ssl_key go together");
}

static int validate_syntax(struct ocf_run *run)
{
	int r = check_lag(run);

	if (r == OCF_SUCCESS)
		r = check_nodes(run);
	return r == OCF_SUCCESS ? check_tls(run) : r;
}

static int validate_files(struct ocf_run *run)
{
	static const enum mysql_param files[] = {MYSQL_REPLICATION_MASTER_SSL_CA,
						 MYSQL_REPLICATION_MASTER_SSL_CERT,
						 MYSQL_REPLICATION_MASTER_SSL_KEY};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (ocf_is_set(run, files[i]) && !host_is_file(ocf_str(run, files[i])))
			return ocf_fail(run, OCF_ERR_INSTALLED,
					"%s is not there (parameter %s): copy it to each node",
					ocf_str(run, files[i]), mysql_params[files[i]].name);
	return OCF_SUCCESS;
}

/* The data may be on a node's disk that another node has now: it is looked at by start alone. */
int mysql_validate(struct ocf_run *run, int level)
{
	struct mysql_site site;
	int r;

	if (level < 10)
		return validate_syntax(run);
	mysql_site_find(run, &site);
	r = mysql_site_require(run, &site);
	return r == OCF_SUCCESS ? validate_files(run) : r;
}

/* What may change while the server runs is read anew by each action. */
int mysql_reload_agent(struct ocf_run *run)
{
	struct haops_process server;
	struct mysql_site site;
	bool is_new;

	mysql_site_find(run, &site);
	return mysql_instance_find(run, &site, &server, &is_new);
}
