# SPDX-License-Identifier: BSD-3-Clause
# What the clang toolchain files share. "Generic" because a kernel driver wants nothing of what
# CMake's own Windows platform files add: no runtime, no user-mode libraries, no GUI flags.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${VIOFORGE_MACHINE})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VIOFORGE_MACHINE VIOFORGE_TRIPLE)

set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET ${VIOFORGE_TRIPLE})
set(CMAKE_AR llvm-ar CACHE STRING "")
set(CMAKE_RANLIB llvm-ranlib CACHE STRING "")
