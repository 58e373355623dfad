/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers cmocka wants before its own, in the order it wants them. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
