# SPDX-License-Identifier: BSD-3-Clause
# Toolchain: amd64 Windows kernel, MinGW-w64 gcc and GNU ld.
set(VIOFORGE_MACHINE amd64)
set(VIOFORGE_TRIPLE x86_64-w64-mingw32)
include(${CMAKE_CURRENT_LIST_DIR}/gcc.cmake)
