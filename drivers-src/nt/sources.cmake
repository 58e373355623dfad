# SPDX-License-Identifier: BSD-3-Clause
# What the Windows drivers share. rt.c is apart: it is linked last.
set(NT_SOURCES
  kdk_layout.c
  nt_device.c
  nt_interrupt.c
  nt_io.c
  nt_log.c
  nt_os.c
  nt_pci.c
  nt_pnp.c
  nt_power.c
  nt_queue.c)
