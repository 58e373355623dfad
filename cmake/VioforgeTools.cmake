# SPDX-License-Identifier: GPL-3.0-or-later
# Finding the programs and libraries of the build; a missing one ends the configuration with the
# name of the script that installs it.

find_package(PkgConfig)
if(NOT PkgConfig_FOUND)
  message(FATAL_ERROR "pkg-config is missing: run ./bootstrap.sh, which installs it")
endif()

# vioforge_tool(VARIABLE NAME...): the first of the names found on the path, as a cached variable.
function(vioforge_tool variable)
  find_program(${variable} NAMES ${ARGN})
  if(NOT ${variable})
    list(GET ARGN 0 name)
    message(FATAL_ERROR "${name} is missing: run ./bootstrap.sh, which installs it")
  endif()
endfunction()

# vioforge_library(PREFIX MODULE): an imported target PkgConfig::PREFIX for a pkg-config module.
function(vioforge_library prefix module)
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${prefix}_FOUND)
    message(FATAL_ERROR
      "the library ${module} (its development files) is missing: run ./bootstrap.sh, which installs it")
  endif()
endfunction()
