// SPDX-License-Identifier: BSD-3-Clause
//
// The virtio core: one header to include, and the guide to all of it.
//
// WHAT IT IS
//
//   vq          virtqueues, split and packed            vq.h
//   vdev        a device's life cycle and configuration vdev.h
//   vfeat       feature bits by name                    vfeat.h
//   vtransport  the seam to a bus                       vtransport.h
//   vpci        virtio-pci, modern and legacy           vpci.h
//   vio         errors, OS table, memory order          vio_status.h, vio_os.h, vio_barrier.h
//
// The core calls no operating system and includes none of its headers. What it needs comes in two
// tables: `struct vio_os` (log, stall, registers) and `struct vpci_bus` (PCI configuration space
// and BARs, for probing only). It keeps no global state and allocates nothing.
//
// LIFE CYCLE (virtio 1.2, 3.1.1)
//
//   vpci_probe            find capabilities, map BARs                          (PASSIVE_LEVEL)
//     vdev_init
//       vdev_negotiate    reset, ACKNOWLEDGE, DRIVER, features, FEATURES_OK   <----------+
//         vdev_config_read ...         sizes and limits, each checked by the driver      |
//         vdev_config_vector           if MSI-X                                          |
//         vdev_queue_size, vdev_queue_start    for each queue, memory from the driver    |
//       vdev_ready        DRIVER_OK: the device is live                                  |
//         vq_add .. vq_kick, vq_pop                                                      |
//       vdev_reset        the device forgets everything                                  |
//         vdev_queue_stop, vq_detach until NULL    for each queue ------ start anew -----+
//
// A failing step leaves the device marked FAILED and can be followed by another vdev_negotiate().
// One queue of a running device can be restarted or resized alone if RING_RESET was negotiated:
// vdev_queue_reset, vq_detach until NULL, vdev_queue_restart.
//
// A BUFFER'S WAY
//
//   driver                     ring                          device
//   vq_add(sg, token) ----->   descriptors written
//   vq_should_kick    ----->   available .................>  sees it
//                     <-----   event wanted?
//   vq_notify         ------------ doorbell -------------->
//                              used    <.................    done, wrote len bytes
//   vq_pop -> token, len <--   interrupt, if wanted  <-----
//
//   split ring: three areas              packed ring: one ring, two small areas
//
//   descriptor  +-----+-----+-- --+      descriptor +-----+-----+-----+-- --+
//   table       | 0   | 1   | ... |      ring       | 0   | 1   | 2   | ... |
//               +-----+-----+-- --+                 +-----+-----+-----+-- --+
//   available   idx, heads in order                 ^ next_used ^ next_avail
//   ring        -------------------->    both sides walk it in a circle and overwrite; the flags
//   used        idx, (head, len) in      AVAIL and USED against a wrap counter tell whose turn
//   ring        order of completion      it is
//
// WHO OWNS MEMORY
//
// The driver, all of it. Sizes come from vq_ring_bytes() (memory the device sees: physically
// contiguous, non-paged, aligned to vq_ring_align()) and vdev_queue_private_bytes() (ordinary
// non-paged memory, which the device must not be able to reach). It is lent to the core from
// vdev_queue_start() until the queue was stopped and its buffers detached. A buffer and its
// indirect table belong to the device from when they are published (vq_publish(), and what implies
// it) until vq_pop() or vq_detach() gives the token back. After a reset that timed out they are
// still the device's: leak, do not free.
//
// LOCKING AND IRQL
//
// Each queue is used under a lock of the caller's (or by one CPU only); different queues need no
// common lock. Only vq_notify() and vq_state() may run outside of it. Calls on the
// device itself (vdev_*) are serialised by the driver, as PnP does, except vdev_isr(), vdev_has()
// and vdev_features(). No call blocks, pages or allocates, so all run up to DIRQL, apart from
// vpci_probe(). Nothing loops without a bound: a pop is O(1), a reset busy-waits at most
// VDEV_RESET_US.
//
// INTERRUPTS
//
// The usual handler:
//
//   do {
//       vq_irq_off(vq);
//       while ((token = vq_pop(vq, &len)) != NULL)
//           finish(token, len);
//   } while (vq_irq_on(vq));
//
// Leaving them on and popping until NULL is right as well. For polling (crash dump), vq_irq_off()
// once and vq_pop() until the token is there, with a bound of the driver's.
//
// ERRORS
//
// The device is not trusted. Descriptor bookkeeping lives in private memory and is never read back
// from the ring; each field that the device writes is read once, then checked. A used length is cut
// to what the buffer can hold. Anything else that breaks the protocol (enum vq_fault) poisons the
// queue: one log line, one call of the queue's `broken` callback, then vq_add() gives VIO_E_BROKEN
// and vq_pop() NULL. vdev_needs_reset() turns true. The driver resets the device and starts anew;
// nothing in here stops the machine. Decisions are made by negotiated features, never by offered
// ones.

#ifndef VIRTIO_H
#define VIRTIO_H

#include "vdev.h"
#include "vfeat.h"
#include "vio_os.h"
#include "vio_status.h"
#include "vpci.h"
#include "vq.h"
#include "vtransport.h"

#endif
