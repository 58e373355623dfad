# SPDX-License-Identifier: BSD-3-Clause
# viostor's sources. Names are relative to this file's directory.

# Without Windows in them, so that the tests compile them natively too.
set(VIOSTOR_LOGIC_SOURCES
  scsi_block.c
  scsi_command.c
  scsi_inquiry.c
  scsi_mode.c
  scsi_sense.c
  vblk.c)

set(VIOSTOR_SOURCES
  srb.c
  vb_adapter.c
  vb_complete.c
  vb_device.c
  vb_io.c
  vb_main.c
  vb_os.c
  vb_reset.c)
