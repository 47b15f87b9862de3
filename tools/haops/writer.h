/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_WRITER_H
#define HAOPS_TOOL_WRITER_H

/*
 * One way to say a tree of values, three forms of it: text for people, JSON, XML. Every value has a
 * name for programs, a label for people, or both: without a name it is for people only, without a
 * label for programs only. Values of an object come before the objects and lists in it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum writer_form { WRITER_TEXT, WRITER_JSON, WRITER_XML };

/* How well it is, as an exit status, and for the colour of the next value. */
enum writer_level { LEVEL_OK = 0, LEVEL_WARNING = 1, LEVEL_CRITICAL = 2, LEVEL_UNKNOWN = 3 };

struct writer_options {
	enum writer_form form;
	bool has_colour;
	bool is_compact;      /* JSON in one line */
	unsigned int columns; /* of the terminal; 0: as wide as it gets */
};

enum value_kind {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_BOOL,
	VALUE_REAL,
	VALUE_MS,  /* a duration; below 0: not known */
	VALUE_TIME /* wall clock, ms since 1970 */
};

struct writer_value {
	const char *name;
	const char *label;
	enum value_kind kind;
	enum writer_level level;
	const char *text;
	uint64_t number;
	int64_t ms;
	double real;
	bool is_true;
	bool is_kept;
};

struct writer;

struct writer_ops {
	void (*begin)(struct writer *writer, const char *name, const char *title);
	void (*end)(struct writer *writer);
	/* item: the name of each object in the list. */
	void (*list)(struct writer *writer, const char *name, const char *item, const char *title);
	void (*list_end)(struct writer *writer);
	/* A list whose objects are not lines of a table for people. */
	void (*group)(struct writer *writer, const char *name, const char *item, const char *title);
	void (*group_end)(struct writer *writer);
	void (*item)(struct writer *writer);
	void (*item_end)(struct writer *writer);
	void (*value)(struct writer *writer, const struct writer_value *value);
	void (*close)(struct writer *writer);
};

struct writer {
	const struct writer_ops *ops;
	const struct writer_options *options;
	FILE *out;
	enum writer_level level; /* of the next value */
	bool is_kept;		 /* the next value's column stays, however narrow it gets */
	void *own;		 /* of the form */
};

/* A document: everything between open and close is inside one object. 0 or -ENOMEM. */
int writer_open(struct writer *writer, FILE *out, const struct writer_options *options,
		const char *command);
void writer_close(struct writer *writer);

static inline void out_begin(struct writer *writer, const char *name, const char *title)
{
	writer->ops->begin(writer, name, title);
}
static inline void out_end(struct writer *writer)
{
	writer->ops->end(writer);
}
static inline void out_list(struct writer *writer, const char *name, const char *item,
			    const char *title)
{
	writer->ops->list(writer, name, item, title);
}
static inline void out_list_end(struct writer *writer)
{
	writer->ops->list_end(writer);
}
static inline void out_group(struct writer *writer, const char *name, const char *item)
{
	writer->ops->group(writer, name, item, NULL);
}
static inline void out_group_end(struct writer *writer)
{
	writer->ops->group_end(writer);
}
static inline void out_item(struct writer *writer)
{
	writer->ops->item(writer);
}
static inline void out_item_end(struct writer *writer)
{
	writer->ops->item_end(writer);
}
static inline void out_level(struct writer *writer, enum writer_level level)
{
	writer->level = level;
}
static inline void out_keep(struct writer *writer)
{
	writer->is_kept = true;
}

void out_text(struct writer *writer, const char *name, const char *label, const char *text);
void out_number(struct writer *writer, const char *name, const char *label, uint64_t number);
void out_bool(struct writer *writer, const char *name, const char *label, bool is_true);
void out_real(struct writer *writer, const char *name, const char *label, double real);
void out_ms(struct writer *writer, const char *name, const char *label, int64_t ms);
void out_time(struct writer *writer, const char *name, const char *label, int64_t wall_ms);
/* For people only; printf's. */
void out_say(struct writer *writer, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The forms. */
int writer_open_text(struct writer *writer);
int writer_open_json(struct writer *writer, const char *command);
int writer_open_xml(struct writer *writer, const char *command);

#define WRITER_API 1
#define WRITER_DEPTH 8

#endif
