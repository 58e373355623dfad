# SPDX-License-Identifier: BSD-3-Clause
# Toolchain: arm64 Windows kernel, clang and lld.
set(VIOFORGE_MACHINE arm64)
set(VIOFORGE_TRIPLE aarch64-w64-mingw32)
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
