# SPDX-License-Identifier: GPL-3.0-or-later
# What every native target compiles with.
add_library(vf_flags INTERFACE)
target_include_directories(vf_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(vf_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_compile_options(vf_flags INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
  -Wpointer-arith -Wwrite-strings -Wformat=2 -fno-common -fstack-protector-strong
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
if(VIOFORGE_SANITIZE)
  target_compile_options(vf_flags INTERFACE
    -fsanitize=${VIOFORGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(vf_flags INTERFACE -fsanitize=${VIOFORGE_SANITIZE})
endif()
if(VIOFORGE_COVERAGE)
  target_compile_options(vf_flags INTERFACE --coverage -O0 -fprofile-update=atomic)
  target_link_options(vf_flags INTERFACE --coverage)
endif()

# vioforge_module(NAME SOURCES ... LIBS ...): one static library of the native side.
function(vioforge_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC vf_flags ${arg_LIBS})
endfunction()
