# SPDX-License-Identifier: GPL-3.0-or-later
#
# The drivers, as one project for each architecture and compiler (drivers-src/CMakeLists.txt):
#
#   build/drivers/<amd64|x86|arm64>/<driver>.{sys,pdb}    clang; the ones that go on the disc
#   build/drivers-gcc/<amd64|x86>/<driver>.sys            gcc; a second opinion on the same sources
#
# Targets: drivers, gcc-drivers. VIOFORGE_DRIVERS lists the drivers, VIOFORGE_DRIVER_FILES the files
# of the first row, to be named in DEPENDS.

include(ExternalProject)
include(${CMAKE_SOURCE_DIR}/drivers-src/drivers.cmake)

foreach(tool clang lld-link llvm-ar llvm-ranlib llvm-dlltool llvm-rc llvm-objcopy llvm-readobj
    x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc ninja)
  string(MAKE_C_IDENTIFIER "VIOFORGE_TOOL_${tool}" variable)
  vioforge_tool(${variable} ${tool})
endforeach()

# vioforge_driver_build(ARCH COMPILER FOLDER [EXCLUDE_FROM_ALL]): the target FOLDER-ARCH. The inner
# build is started each time, as only it knows all its inputs, and does nothing if none changed.
function(vioforge_driver_build arch compiler folder)
  set(out ${CMAKE_BINARY_DIR}/${folder}/${arch})
  set(suffixes .sys)
  if(compiler STREQUAL "clang")
    list(APPEND suffixes .pdb)
  endif()
  set(files)
  foreach(driver IN LISTS VIOFORGE_DRIVERS)
    foreach(suffix IN LISTS suffixes)
      list(APPEND files ${out}/${driver}${suffix})
    endforeach()
  endforeach()
  set(exclude OFF)
  if("EXCLUDE_FROM_ALL" IN_LIST ARGN)
    set(exclude ON)
  endif()
  ExternalProject_Add(${folder}-${arch}
    SOURCE_DIR ${CMAKE_SOURCE_DIR}/drivers-src
    BINARY_DIR ${CMAKE_BINARY_DIR}/cross/${arch}-${compiler}
    PREFIX ${CMAKE_BINARY_DIR}/cross/${arch}-${compiler}.steps
    CMAKE_GENERATOR Ninja
    CMAKE_CACHE_ARGS
      -DCMAKE_TOOLCHAIN_FILE:FILEPATH=${CMAKE_SOURCE_DIR}/drivers-src/cmake/${arch}-${compiler}.cmake
      -DCMAKE_MAKE_PROGRAM:FILEPATH=${VIOFORGE_TOOL_ninja}
      -DVIOFORGE_VERSION:STRING=${PROJECT_VERSION}
      -DVIOFORGE_EPOCH:STRING=${VIOFORGE_EPOCH}
      -DVIOFORGE_OUT:PATH=${out}
    BUILD_COMMAND ${VIOFORGE_TOOL_ninja} --quiet
    BUILD_ALWAYS ON
    BUILD_BYPRODUCTS ${files}
    INSTALL_COMMAND ""
    TEST_COMMAND ""
    LOG_CONFIGURE ON
    LOG_OUTPUT_ON_FAILURE ON
    EXCLUDE_FROM_ALL ${exclude}
    USES_TERMINAL_BUILD ON)
  set(VIOFORGE_DRIVER_BUILD_FILES ${files} PARENT_SCOPE)
endfunction()

set(VIOFORGE_DRIVER_FILES)
add_custom_target(drivers)
foreach(arch amd64 x86 arm64)
  vioforge_driver_build(${arch} clang drivers)
  list(APPEND VIOFORGE_DRIVER_FILES ${VIOFORGE_DRIVER_BUILD_FILES})
  add_dependencies(drivers drivers-${arch})
endforeach()

set(exclude EXCLUDE_FROM_ALL)
if(VIOFORGE_TESTS)
  set(exclude)
endif()
add_custom_target(gcc-drivers)
foreach(arch amd64 x86)
  vioforge_driver_build(${arch} gcc drivers-gcc ${exclude})
  add_dependencies(gcc-drivers drivers-gcc-${arch})
endforeach()
