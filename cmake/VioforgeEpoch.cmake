# SPDX-License-Identifier: GPL-3.0-or-later
# VIOFORGE_EPOCH: the time that everything made carries, in seconds since 1970. It is
# SOURCE_DATE_EPOCH if that is set when configuring, else the time of the commit.
find_package(Git QUIET)
set(VIOFORGE_EPOCH "$ENV{SOURCE_DATE_EPOCH}")
if(VIOFORGE_EPOCH STREQUAL "" AND Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} log -1 --format=%ct
    OUTPUT_VARIABLE VIOFORGE_EPOCH OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  # A new commit is a new time: configure again when one is made.
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} rev-parse
      --path-format=absolute --git-path logs/HEAD
    OUTPUT_VARIABLE log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(log AND EXISTS ${log})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${log})
  endif()
endif()
if(VIOFORGE_EPOCH STREQUAL "")
  message(STATUS "Neither SOURCE_DATE_EPOCH, nor a commit to take the time from: using 0")
  set(VIOFORGE_EPOCH 0)
elseif(NOT VIOFORGE_EPOCH MATCHES "^[0-9]+$")
  message(FATAL_ERROR
    "SOURCE_DATE_EPOCH is \"${VIOFORGE_EPOCH}\"; it must be a number of seconds since 1970")
endif()
