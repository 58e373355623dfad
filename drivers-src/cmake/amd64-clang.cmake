# SPDX-License-Identifier: BSD-3-Clause
# Toolchain: amd64 Windows kernel, clang and lld.
set(VIOFORGE_MACHINE amd64)
set(VIOFORGE_TRIPLE x86_64-w64-mingw32)
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
