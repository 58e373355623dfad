# SPDX-License-Identifier: GPL-3.0-or-later
# The closing line of a build of the disc: what was made, its size and its SHA-256.
file(SIZE ${ISO} bytes)
file(READ ${ISO}.sha256 sum LIMIT 64)
math(EXPR kib "(${bytes} + 1023) / 1024")
file(RELATIVE_PATH name ${SOURCE} ${ISO})
execute_process(COMMAND ${CMAKE_COMMAND} -E echo
  "${name}: verified driver disc, ${kib} KiB, SHA-256 ${sum}")
