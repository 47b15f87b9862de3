/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which directories and clients the parameters name, as they stand in the export tables. */

#include "exportfs/exportfs.h"
#include "ocf/host.h"

#include <string.h>

static void take_directory(const char *word, struct exportfs_directory *directory)
{
	size_t len = strlen(word);

	while (len > 1 && word[len - 1] == '/')
		len--;
	if (len >= sizeof(directory->path))
		len = sizeof(directory->path) - 1;
	memcpy(directory->path, word, len);
	directory->path[len] = '\0';
	directory->is_there =
		host_real_path(directory->path, directory->path, sizeof(directory->path));
}

int exportfs_site_find(struct ocf_run *run, struct exportfs_site *site)
{
	struct table_words words;
	int code = ocf_require(run, P_DIRECTORY);

	if (code == OCF_SUCCESS)
		code = ocf_require(run, P_CLIENTSPEC);
	if (code != OCF_SUCCESS)
		return code;
	/* The syntax of both was checked by ocf_require(). */
	(void)table_split(ocf_str(run, P_CLIENTSPEC), false, &site->clients);
	(void)table_split(ocf_str(run, P_DIRECTORY), false, &words);
	site->directory_count = words.count;
	for (size_t i = 0; i < words.count; i++)
		take_directory(table_word(&words, i), &site->directories[i]);
	if (!words.count || !site->clients.count)
		return ocf_fail(run, OCF_ERR_CONFIGURED, "parameter %s names nothing",
				words.count ? "clientspec" : "directory");
	/* Its file system may be away, and with it what a link pointed to. */
	(void)exportfs_record_read(run, site);
	return OCF_SUCCESS;
}

int exportfs_each(struct ocf_run *run, const struct exportfs_site *site, exportfs_pair_fn fn)
{
	for (size_t i = 0; i < site->directory_count; i++)
		for (size_t k = 0; k < site->clients.count; k++) {
			const struct haops_nfs_export what = {.client =
								      table_word(&site->clients, k),
							      .directory =
								      site->directories[i].path};
			int r = fn(run, &what, i);

			if (r != OCF_SUCCESS)
				return r;
		}
	return OCF_SUCCESS;
}

static int look_at_one(struct ocf_run *run, const struct haops_nfs_export *what,
		       struct exportfs_seen *seen)
{
	struct haops_nfs_found found;
	int r = haops_nfs_export_query(ocf_ctx(run), what, &found);

	if (r < 0)
		return ocf_fail_haops(run, r, NULL);
	seen->wanted++;
	seen->listed += found.is_listed;
	seen->in_kernel += found.is_in_kernel;
	if (!found.is_listed && !seen->missing[0])
		memcpy(seen->missing, what->directory, strlen(what->directory) + 1);
	return OCF_SUCCESS;
}

int exportfs_look(struct ocf_run *run, const struct exportfs_site *site, struct exportfs_seen *ret)
{
	int r = OCF_SUCCESS;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < site->directory_count && r == OCF_SUCCESS; i++)
		for (size_t k = 0; k < site->clients.count && r == OCF_SUCCESS; k++) {
			const struct haops_nfs_export what = {.client =
								      table_word(&site->clients, k),
							      .directory =
								      site->directories[i].path};

			r = look_at_one(run, &what, ret);
		}
	return r;
}
