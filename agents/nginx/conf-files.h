/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_CONF_FILES_H
#define NGINX_CONF_FILES_H

#include "nginx/conf-parse.h"

/*
 * What the files of a configuration say now, its includes among them, without asking nginx whether
 * they are right. 0, or -errno when not all of it could be read; ret_facts can be freed in either
 * case.
 */
int conf_files_read(const char *config, struct conf_facts *ret_facts);

#endif
