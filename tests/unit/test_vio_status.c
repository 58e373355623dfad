// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/unit/unit.h"

#include "drivers-src/virtio/vio_os.h"
#include "drivers-src/virtio/vio_status.h"

static void every_status_has_a_text(void **state)
{
    (void)state;
    for (int status = 0; status < VIO_STATUS_COUNT; status++) {
        assert_non_null(vio_status_text((enum vio_status)status));
        assert_string_not_equal(vio_status_text((enum vio_status)status), "unknown status");
    }
    assert_string_equal(vio_status_text(VIO_STATUS_COUNT), "unknown status");
    assert_string_equal(vio_status_text((enum vio_status) - 1), "unknown status");
}

static void keep(void *ctx, const struct vio_event *event)
{
    *(struct vio_event *)ctx = *event;
}

static void an_event_reaches_the_log(void **state)
{
    struct vio_event kept = {0};
    struct vio_os os = {.log = keep, .ctx = &kept};

    (void)state;
    vio_log(&os, VIO_LOG_WARNING, "what", 3, 4, 5);
    assert_int_equal(kept.level, VIO_LOG_WARNING);
    assert_string_equal(kept.what, "what");
    assert_int_equal(kept.queue, 3);
    assert_int_equal(kept.value, 4);
    assert_int_equal(kept.limit, 5);
}

static void a_log_may_be_missing(void **state)
{
    const struct vio_os os = {0};

    (void)state;
    vio_log(&os, VIO_LOG_ERROR, "what", VIO_NO_QUEUE, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_text),
        cmocka_unit_test(an_event_reaches_the_log),
        cmocka_unit_test(a_log_may_be_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
