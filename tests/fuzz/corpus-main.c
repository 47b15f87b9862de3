/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target once over each file of its corpus, and over each beginning of it, as a
 * regression test. Finds the corpus by its own name: fuzz_NAME reads tests/fuzz/corpus/NAME. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define FILE_MAX_BYTES 1048576
/* Every length of a long file would take the square of it. */
#define PREFIX_MAX_BYTES 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of just this size, so that valgrind and ASan see a read behind it. */
static int feed(const uint8_t *data, size_t size)
{
	CLEANUP_FREE uint8_t *exact = malloc(size > 0 ? size : 1);

	if (!exact)
		return -1;
	memcpy(exact, data, size);
	return LLVMFuzzerTestOneInput(exact, size);
}

static int run_file(const char *path)
{
	CLEANUP_FILE FILE *file = fopen(path, "re");
	CLEANUP_FREE uint8_t *data = malloc(FILE_MAX_BYTES);
	size_t size;

	if (!file || !data)
		return -1;
	size = fread(data, 1, FILE_MAX_BYTES, file);
	if (ferror(file) || !feof(file))
		return -1;
	for (size_t i = 0; i < size && i < PREFIX_MAX_BYTES; i++) {
		if (feed(data, i) != 0)
			return -1;
	}
	return feed(data, size);
}

/* How many files, or -1 after one that could not be read or was refused. */
static int run_folder(const char *folder)
{
	CLEANUP_DIR DIR *dir = opendir(folder);
	const struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >=
			    (int)sizeof(path) ||
		    run_file(path) < 0) {
			fprintf(stderr, "%s: cannot be read whole\n", path);
			return -1;
		}
		count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strstr(argv[0], "fuzz_");
	char folder[2048];
	int count;

	for (const char *next = name; next; next = strstr(next + 1, "fuzz_"))
		name = next;
	if (argc > 2 || !name)
		return 2;
	/* srcdir is set by automake's test driver. */
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
		 name + 5);
	count = run_folder(argc > 1 ? argv[1] : folder);
	printf("%s: %d files\n", argc > 1 ? argv[1] : folder, count);
	return count > 0 ? 0 : 1;
}
