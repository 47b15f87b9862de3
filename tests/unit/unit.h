/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_UNIT_H
#define HAOPS_TESTS_UNIT_H

/* What every unit test needs: cmocka with its includes, and a context that is made and freed around
 * a test (cmocka_unit_test_setup_teardown(test, setup_ctx, teardown_ctx)). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "internal.h"

static inline int setup_ctx(void **state)
{
	struct haops_ctx *ctx = NULL;

	if (haops_ctx_new(&ctx) < 0)
		return -1;
	*state = ctx;
	return 0;
}

static inline int teardown_ctx(void **state)
{
	*state = haops_ctx_free(*state);
	return 0;
}

#define TEST_CTX(test) cmocka_unit_test_setup_teardown(test, setup_ctx, teardown_ctx)

#endif
