# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DOUTPUT=FILE.c -DHEADER=NAME.h -DTEXTS=SYMBOL=PATH;... -P EmbedText.cmake
# Writes C source that holds each text as a string constant.
set(source "/* Made by EmbedText.cmake. */\n#include \"${HEADER}\"\n")
foreach(text ${TEXTS})
  string(REGEX MATCH "^([^=]+)=(.*)$" _ ${text})
  set(symbol ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND source "const char ${symbol}[] = {${bytes}0};\n")
endforeach()
file(WRITE ${OUTPUT} "${source}")
