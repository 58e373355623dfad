# SPDX-License-Identifier: BSD-3-Clause
# Toolchain: x86 Windows kernel, clang and lld.
set(VIOFORGE_MACHINE x86)
set(VIOFORGE_TRIPLE i686-w64-mingw32)
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
