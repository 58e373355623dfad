# SPDX-License-Identifier: BSD-3-Clause
#
# Import libraries from the lists in def/. A list names the functions of one system module as the
# x86 compiler does: `Name@bytes` for stdcall, `@Name@bytes` for fastcall, `Name` for cdecl. A line
# `; [machine ...]` says for which machines the lines below it hold; `; [all]` is where a list
# starts.

set(dlltool_machine_clang_x86 i386)
set(dlltool_machine_clang_amd64 i386:x86-64)
set(dlltool_machine_clang_arm64 arm64)
set(dlltool_machine_gcc_x86 i386)
set(dlltool_machine_gcc_amd64 i386:x86-64)

# vioforge_import_library(NAME): makes lib/NAME.lib from def/NAME.def; the target is import_NAME and
# the variable VIOFORGE_IMPORT_NAME holds the file.
function(vioforge_import_library name)
  set(list ${CMAKE_SOURCE_DIR}/cmake/def/${name}.def)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(STRINGS ${list} lines)
  set(wanted ON)
  set(text "")
  foreach(line IN LISTS lines)
    if(line MATCHES "^; \\[(.*)\\]$")
      string(REPLACE " " ";" machines "${CMAKE_MATCH_1}")
      set(wanted OFF)
      if("all" IN_LIST machines OR VIOFORGE_MACHINE IN_LIST machines)
        set(wanted ON)
      endif()
    elseif(line MATCHES "^;" OR NOT wanted)
      continue()
    elseif(line MATCHES "^(LIBRARY|EXPORTS)")
      string(APPEND text "${line}\n")
    elseif(line MATCHES "^@?([A-Za-z_0-9]+)(@[0-9]+)?$")
      if(VIOFORGE_MACHINE STREQUAL "x86")
        string(APPEND text "${line}\n")
      else()
        string(APPEND text "${CMAKE_MATCH_1}\n")
      endif()
    else()
      message(FATAL_ERROR "${list}: \"${line}\" is neither a function, nor a comment")
    endif()
  endforeach()
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/lib/${name}.def CONTENT "${text}")

  set(kind gcc)
  if(VIOFORGE_CLANG)
    set(kind clang)
  endif()
  set(command ${VIOFORGE_DLLTOOL} -m ${dlltool_machine_${kind}_${VIOFORGE_MACHINE}})
  if(VIOFORGE_MACHINE STREQUAL "x86")
    # The system exports the names without their decoration.
    list(APPEND command -k)
  endif()
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/lib/${name}.lib
    COMMAND ${command} -d lib/${name}.def -l lib/${name}.lib
    DEPENDS ${CMAKE_BINARY_DIR}/lib/${name}.def
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
    COMMENT "Making the import library of ${name}" VERBATIM)
  add_custom_target(import_${name} DEPENDS ${CMAKE_BINARY_DIR}/lib/${name}.lib)
  set(VIOFORGE_IMPORT_${name} ${CMAKE_BINARY_DIR}/lib/${name}.lib PARENT_SCOPE)
endfunction()

file(GLOB lists CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/cmake/def
  ${CMAKE_SOURCE_DIR}/cmake/def/*.def)
foreach(list IN LISTS lists)
  string(REPLACE ".def" "" name ${list})
  vioforge_import_library(${name})
endforeach()
