/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of a server's answer: filling, freeing, finding. Does not know what they mean. */
#include "answer.h"
#include "internal.h"

#include <stdio.h>
#include <strings.h>

#define FIRST_ROOM 64

#define ER_DBACCESS_DENIED 1044
#define ER_ACCESS_DENIED 1045
#define ER_KILL_DENIED 1095
#define ER_TABLEACCESS_DENIED 1142
#define ER_SPECIFIC_ACCESS_DENIED 1227
#define ER_MUST_CHANGE_PASSWORD 1820

static char *copy(const char *value, size_t len)
{
	char *made = malloc(len + 1);

	if (!made)
		return NULL;
	memcpy(made, value, len);
	made[len] = '\0';
	return made;
}

int answer_set_columns(struct answer *answer, size_t count)
{
	if (count > ANSWER_COLUMNS_MAX)
		return -EMSGSIZE;
	answer->names = calloc(count ? count : 1, sizeof(*answer->names));
	if (!answer->names)
		return -ENOMEM;
	answer->column_count = count;
	return 0;
}

int answer_set_name(struct answer *answer, size_t column, const char *name)
{
	size_t len = strlen(name);

	if (len > ANSWER_CELL_MAX)
		return -EMSGSIZE;
	free(answer->names[column]);
	answer->names[column] = copy(name, len);
	return answer->names[column] ? 0 : -ENOMEM;
}

static int make_room(struct answer *answer, size_t cells)
{
	size_t room = answer->cell_room ? answer->cell_room : FIRST_ROOM;
	char **grown;

	while (room < cells)
		room *= 2;
	if (room == answer->cell_room)
		return 0;
	grown = reallocarray(answer->cells, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	answer->cells = grown;
	answer->cell_room = room;
	return 0;
}

int answer_add_row(struct answer *answer)
{
	size_t used = answer->row_count * answer->column_count;
	int r;

	if (answer->row_count == ANSWER_ROWS_MAX)
		return -EMSGSIZE;
	r = make_room(answer, used + answer->column_count);
	if (r < 0)
		return r;
	for (size_t i = 0; i < answer->column_count; i++)
		answer->cells[used + i] = NULL;
	answer->row_count++;
	return 0;
}

int answer_set_cell(struct answer *answer, size_t column, const char *value, size_t len)
{
	char **cell = &answer->cells[(answer->row_count - 1) * answer->column_count + column];

	if (len > ANSWER_CELL_MAX || answer->bytes + len > ANSWER_BYTES_MAX)
		return -EMSGSIZE;
	*cell = copy(value, len);
	if (!*cell)
		return -ENOMEM;
	answer->bytes += len;
	return 0;
}

void answer_set_error(struct answer *answer, unsigned int code, const char *text)
{
	answer->code = code;
	(void)snprintf(answer->text, sizeof(answer->text), "%s", text);
}

void answer_done(struct answer *answer)
{
	for (size_t i = 0; i < answer->row_count * answer->column_count; i++)
		free(answer->cells[i]);
	for (size_t i = 0; i < answer->column_count; i++)
		free(answer->names[i]);
	free(answer->cells);
	free(answer->names);
	*answer = (struct answer){0};
}

size_t answer_find(const struct answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->column_count; i++)
		if (answer->names[i] && !strcasecmp(answer->names[i], name))
			return i;
	return SIZE_MAX;
}

const char *answer_get(const struct answer *answer, size_t row, const char *name,
		       const char *other_name)
{
	size_t column = answer_find(answer, name);

	if (column == SIZE_MAX && other_name)
		column = answer_find(answer, other_name);
	if (column == SIZE_MAX || row >= answer->row_count)
		return NULL;
	return answer->cells[row * answer->column_count + column];
}

const char *answer_variable(const struct answer *answer, const char *name)
{
	for (size_t i = 0; answer->column_count >= 2 && i < answer->row_count; i++) {
		const char *key = answer->cells[i * answer->column_count];

		if (key && !strcasecmp(key, name))
			return answer->cells[i * answer->column_count + 1];
	}
	return NULL;
}

bool answer_is_denied(const struct answer *answer)
{
	static const unsigned int codes[] = {ER_DBACCESS_DENIED,
					     ER_ACCESS_DENIED,
					     ER_KILL_DENIED,
					     ER_TABLEACCESS_DENIED,
					     ER_SPECIFIC_ACCESS_DENIED,
					     ER_MUST_CHANGE_PASSWORD};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == answer->code)
			return true;
	return false;
}
