/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For scenarios in which the host takes the device out and puts another in: on the root bus of the
 * pc machine, or behind the root port that ntrun --port makes. */
#ifndef NK_REPLUG_H
#define NK_REPLUG_H

#include "scenarios/scenario.h"

/** Have the host ask for the device; returns when the guest can see that. */
void replug_ask(const struct nk_pci *pci);
/** Let go of it; the slot is empty then. */
void replug_eject(const struct nk_pci *pci);
/** Have the host put another in, of this QEMU device with this backend ("rng": "backend"), and give
 * it the resources of the one before. */
void replug_insert(struct nk_pci *pci, const char *device, const char *backend);

#endif
