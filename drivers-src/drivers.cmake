# SPDX-License-Identifier: BSD-3-Clause
# The drivers, each with a folder of its name here. Read by this project and by the root's.
set(VIOFORGE_DRIVERS
  viorng
  viostor)
