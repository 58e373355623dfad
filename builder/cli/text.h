/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that come from files: names, values of INFs and catalogs, certificates' subjects. They may
 * hold any bytes, and neither JSON nor a terminal takes any.
 */
#ifndef BUILDER_CLI_TEXT_H
#define BUILDER_CLI_TEXT_H

#include <jansson.h>

#include "builder/cli/cli.h"

/* A text as JSON, with U+FFFD for each byte that is not UTF-8; NULL where memory is short. */
json_t *cli_text_json(const char *text);

/* Sequences that begin a tone, by enum cli_tone; CLI_PLAIN's ends the others. */
#define CLI_COLORS (CLI_DIM + 1)
extern const char *const cli_colors[CLI_COLORS];

/*
 * Where stdout or stderr is a terminal, show '?' for the control characters written there, so that
 * no file's content gives the terminal orders. Line ends, tabs and the colors pass, on stderr also
 * the carriage return that a progress line begins with. What goes into a file or pipe stays as it
 * is.
 */
void cli_guard_terminals(void);

#endif
