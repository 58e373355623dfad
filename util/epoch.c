/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/epoch.h"

#include <errno.h>
#include <stdlib.h>

enum vf_code vf_epoch(int64_t *seconds, struct vf_err *err)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");

    if (!text || !*text) {
        *seconds = (int64_t)time(NULL);
        return VF_OK;
    }
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9' || value > VF_EPOCH_MAX)
        return vf_fail(err, VF_USAGE,
                       "SOURCE_DATE_EPOCH is '%s': expected seconds since 1970 as a decimal number",
                       text);
    *seconds = value;
    return VF_OK;
}

void vf_epoch_utc(int64_t seconds, struct tm *out)
{
    time_t t = (time_t)seconds;
    gmtime_r(&t, out);
}
