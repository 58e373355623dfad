/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Put before the core's sources by test_vq_fence's build: each full fence becomes a call. */
#ifndef TESTS_UNIT_FENCE_HOOK_H
#define TESTS_UNIT_FENCE_HOOK_H

#include "drivers-src/virtio/vio_barrier.h"

void fence_hook(bool platform);

#define vio_fence(platform) fence_hook(platform)

#endif
