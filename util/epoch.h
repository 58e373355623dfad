/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one clock of everything that ends up in an output. */
#ifndef UTIL_EPOCH_H
#define UTIL_EPOCH_H

#include <stdint.h>
#include <time.h>

#include "util/error.h"

/* The last second of the year 2100, so that every date format written here can hold the value. */
#define VF_EPOCH_MAX INT64_C(4133980799)

/*
 * Seconds since 1970-01-01 UTC to be used for every date in an output: SOURCE_DATE_EPOCH where the
 * environment sets it (decimal, 0..VF_EPOCH_MAX, else VF_USAGE), the present time where it does
 * not (https://reproducible-builds.org/specs/source-date-epoch/).
 */
enum vf_code vf_epoch(int64_t *seconds, struct vf_err *err);

/* Split seconds since 1970 into UTC calendar fields, whatever the time zone set. */
void vf_epoch_utc(int64_t seconds, struct tm *out);

#endif
