# SPDX-License-Identifier: BSD-3-Clause
# The core's sources, for the native library and for the drivers alike; names are relative to this
# file's directory.
set(VIRTIO_CORE_SOURCES
  vdev.c
  vfeat.c
  vio_status.c
  vpci_caps.c
  vpci_legacy.c
  vpci_modern.c
  vpci.c
  vq.c
  vq_packed.c
  vq_split.c)
