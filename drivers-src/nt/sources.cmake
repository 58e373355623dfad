# SPDX-License-Identifier: BSD-3-Clause
# What the Windows drivers share. rt.c is apart: it is linked last.
set(NT_SOURCES
  kdk_layout.c)
