# SPDX-License-Identifier: BSD-3-Clause

# vioforge_driver_library(NAME SOURCE...): code that several drivers link. Sources are relative to
# the project's source directory.
function(vioforge_driver_library name)
  list(TRANSFORM ARGN PREPEND ${CMAKE_BINARY_DIR}/src/)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC driver_flags)
endfunction()

# vioforge_driver(NAME SOURCES ... IMPORTS ... DESCRIPTION ...): the driver NAME.sys, and with clang
# NAME.pdb, in ${VIOFORGE_OUT}.
#
# SOURCES      relative to the calling folder
# IMPORTS      system modules, by the names of the lists in cmake/def/
# DESCRIPTION  for the version resource
function(vioforge_driver name)
  cmake_parse_arguments(arg "" "DESCRIPTION" "SOURCES;IMPORTS" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_BINARY_DIR}/src/${folder}/)

  set(DRIVER_NAME ${name})
  set(DRIVER_DESCRIPTION "${arg_DESCRIPTION}")
  string(REPLACE "." "," DRIVER_VERSION_COMMAS ${VIOFORGE_VERSION})
  configure_file(${CMAKE_SOURCE_DIR}/nt/version.rc.in ${CMAKE_BINARY_DIR}/rc/${name}.rc @ONLY)
  set(resource rc/${name}.res)
  if(VIOFORGE_CLANG)
    set(command ${VIOFORGE_RC} -no-preprocess /fo ${resource} rc/${name}.rc)
  else()
    set(resource rc/${name}.o)
    set(command ${VIOFORGE_RC} -O coff rc/${name}.rc ${resource})
  endif()
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${resource}
    COMMAND ${command} DEPENDS ${CMAKE_BINARY_DIR}/rc/${name}.rc
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} COMMENT "Making the version resource of ${name}" VERBATIM)
  add_custom_target(resource_${name} DEPENDS ${CMAKE_BINARY_DIR}/${resource})

  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    SUFFIX .sys RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/link)
  # rt comes last: the compiler makes calls to it in all that precedes it.
  target_link_libraries(${name} PRIVATE driver_flags nt virtio rt ${CMAKE_BINARY_DIR}/${resource})
  add_dependencies(${name} resource_${name})
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${CMAKE_BINARY_DIR}/${resource})
  foreach(import IN LISTS arg_IMPORTS)
    target_link_libraries(${name} PRIVATE ${VIOFORGE_IMPORT_${import}})
    add_dependencies(${name} import_${import})
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${VIOFORGE_IMPORT_${import}})
  endforeach()

  set(made ${name}.sys)
  if(VIOFORGE_CLANG)
    target_link_options(${name} PRIVATE /pdb:link/${name}.pdb /pdbaltpath:${name}.pdb)
    list(APPEND made ${name}.pdb)
  endif()
  set(outputs ${made})
  list(TRANSFORM outputs PREPEND ${VIOFORGE_OUT}/)
  list(TRANSFORM made PREPEND link/)
  add_custom_command(OUTPUT ${outputs}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${VIOFORGE_OUT}
    COMMAND ${CMAKE_COMMAND} -E copy ${made} ${VIOFORGE_OUT}
    DEPENDS ${name} WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
    COMMENT "Placing ${name}" VERBATIM)
  add_custom_target(place_${name} ALL DEPENDS ${outputs})
endfunction()
