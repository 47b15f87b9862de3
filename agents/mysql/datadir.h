/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_DATADIR_H
#define MYSQL_DATADIR_H

/* What datadir.c and create.c share. */

#include "mysql/mysql.h"

enum datadir_content { DATADIR_DATABASE, DATADIR_EMPTY, DATADIR_OTHER };

/* What is in a folder; ret_entry names something in it if it is none of the other two. */
enum datadir_content datadir_content(const char *folder, char *ret_entry, size_t size);

/* The index of the binary logs, by its name in the data directory. False: there is none. */
bool datadir_find_index(struct ocf_run *run, char *ret_path, size_t size);

#endif
