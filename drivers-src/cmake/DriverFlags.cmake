# SPDX-License-Identifier: BSD-3-Clause
#
# How driver code is compiled and linked.
#
# Builds must not depend on where the tree lies, and debug records hold both file names and command
# lines. So every path of the tree that a compiler or linker sees is relative to the build directory,
# where the link `src` stands for the source directory.

if(NOT CMAKE_GENERATOR STREQUAL "Ninja")
  message(FATAL_ERROR "configure the drivers with -G Ninja, which runs all commands in the build directory")
endif()
file(CREATE_LINK ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/src SYMBOLIC)
set_property(GLOBAL PROPERTY RULE_LAUNCH_COMPILE src/cmake/relative.sh)

# vioforge_driver_tool(VARIABLE NAME)
function(vioforge_driver_tool variable name)
  find_program(${variable} ${name})
  if(NOT ${variable})
    message(FATAL_ERROR "${name} is missing: run ./bootstrap.sh, which installs it")
  endif()
endfunction()

if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  set(VIOFORGE_CLANG ON)
  vioforge_driver_tool(VIOFORGE_LLD_LINK lld-link)
  vioforge_driver_tool(VIOFORGE_DLLTOOL llvm-dlltool)
  vioforge_driver_tool(VIOFORGE_RC llvm-rc)
  vioforge_driver_tool(VIOFORGE_OBJCOPY llvm-objcopy)
else()
  set(VIOFORGE_CLANG OFF)
  vioforge_driver_tool(VIOFORGE_DLLTOOL ${VIOFORGE_TRIPLE}-dlltool)
  vioforge_driver_tool(VIOFORGE_RC ${VIOFORGE_TRIPLE}-windres)
endif()

find_path(VIOFORGE_DDK ddk/ntddk.h PATHS /usr/share/mingw-w64/include NO_DEFAULT_PATH)
if(NOT VIOFORGE_DDK)
  message(FATAL_ERROR "the MinGW-w64 headers (ddk/ntddk.h) are missing: run ./bootstrap.sh, which installs them")
endif()

set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
add_library(driver_flags INTERFACE)
target_compile_definitions(driver_flags INTERFACE _WIN32_WINNT=0x0601 NTDDI_VERSION=0x06010000)
target_compile_options(driver_flags INTERFACE
  "SHELL:-isystem ${VIOFORGE_DDK}/ddk" -Isrc
  -ffreestanding -fno-builtin -fno-strict-aliasing -fno-ident -fno-common
  -fno-stack-protector     # its helper and its cookie's initialisation are not there in the kernel
  -mno-stack-arg-probe     # nor is the stack probe, so frames stay far below a page
  -Wframe-larger-than=2048
  -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
  -Wpointer-arith -Wwrite-strings -Wformat=2
  -mgeneral-regs-only)     # floating point and vector registers belong to user mode

if(VIOFORGE_MACHINE STREQUAL "x86")
  target_compile_options(driver_flags INTERFACE -march=i686 -fno-asynchronous-unwind-tables)
else()
  # Without unwind tables there is no .pdata, and nothing could unwind through the driver.
  target_compile_options(driver_flags INTERFACE -fasynchronous-unwind-tables)
endif()
if(VIOFORGE_MACHINE STREQUAL "amd64")
  target_compile_options(driver_flags INTERFACE -mno-red-zone)
elseif(VIOFORGE_MACHINE STREQUAL "arm64")
  target_compile_options(driver_flags INTERFACE -Isrc/nt/arm64)
endif()

if(VIOFORGE_CLANG)
  target_compile_options(driver_flags INTERFACE
    -nostdlibinc "SHELL:-isystem ${VIOFORGE_DDK}" -gcodeview -ffile-compilation-dir=.)
  if(VIOFORGE_MACHINE STREQUAL "x86")
    # clang writes .debug_frame beside CodeView on this machine, and the linker would put it into
    # the image under a name longer than a section header holds.
    set(CMAKE_C_COMPILE_OBJECT
      "<CMAKE_C_COMPILER> <DEFINES> <INCLUDES> <FLAGS> -o <OBJECT> -c <SOURCE>"
      "${VIOFORGE_OBJCOPY} --remove-section=.debug_frame <OBJECT>")
  endif()
  set(machine_amd64 x64)
  set(machine_x86 x86)
  set(machine_arm64 arm64)
  set(CMAKE_C_LINK_EXECUTABLE
    "${VIOFORGE_LLD_LINK} <LINK_FLAGS> /out:<TARGET> <OBJECTS> <LINK_LIBRARIES>")
  target_link_options(driver_flags INTERFACE
    /nologo /WX /driver /nodefaultlib /machine:${machine_${VIOFORGE_MACHINE}}
    /subsystem:native,10.00 /osversion:10.0 /version:10.0 /entry:DriverEntry
    /dynamicbase /nxcompat /tsaware:no /timestamp:${VIOFORGE_EPOCH} /debug /pdbsourcepath:c:/src
    # E, R, W: access; P: not paged out; D: discarded after DriverEntry.
    /section:.text,ERP /section:.rdata,RP /section:.data,RWP /section:.pdata,RP
    /section:PAGE,ER /section:INIT,ERD /section:.rsrc,RD)
else()
  # -g would only feed records that no Windows debugger reads.
  set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2")
  target_compile_options(driver_flags INTERFACE -fno-tree-loop-distribute-patterns)
  set(entry_amd64 DriverEntry)
  set(entry_x86 _DriverEntry@8)
  set(CMAKE_C_LINK_EXECUTABLE
    "<CMAKE_C_COMPILER> <LINK_FLAGS> -o <TARGET> <OBJECTS> <LINK_LIBRARIES>")
  target_link_options(driver_flags INTERFACE
    -nostdlib -nostartfiles -s
    LINKER:--subsystem,native:10.0,-e,${entry_${VIOFORGE_MACHINE}}
    LINKER:--major-os-version,10,--minor-os-version,0
    LINKER:--major-image-version,10,--minor-image-version,0
    LINKER:--dynamicbase,--nxcompat,--no-insert-timestamp,--exclude-all-symbols,--fatal-warnings
    LINKER:--section-alignment,0x1000,--file-alignment,0x200)
endif()
if(VIOFORGE_MACHINE STREQUAL "x86")
  set(image_base 0x400000)
else()
  set(image_base 0x140000000)
endif()
if(VIOFORGE_CLANG)
  target_link_options(driver_flags INTERFACE /base:${image_base})
else()
  target_link_options(driver_flags INTERFACE LINKER:--image-base,${image_base})
endif()
