/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dump_setupapi.exe INF OUTPUT: every section, key and field of an INF as setupapi reads it, in
 * the form that dump_inf prints. Exit status 1 where setupapi refuses the file.
 */
#include <windows.h>

#include <setupapi.h>
#include <stdio.h>

/* exported by setupapi.dll for WinSetup, without a declaration in its header */
typedef BOOL WINAPI enum_sections(HINF inf, UINT index, PWSTR buffer, DWORD size, UINT *need);

#define FIELD_ROOM 65536

static FILE *out;

static void print_text(const WCHAR *text)
{
    static char utf8[4 * FIELD_ROOM];

    WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof(utf8), NULL, NULL);
    for (const char *p = utf8; *p; p++) {
        if (*p == '\t')
            fputs("\\t", out);
        else
            fputc(*p, out);
    }
}

static void print_line(INFCONTEXT *line)
{
    static WCHAR text[FIELD_ROOM];
    DWORD count = SetupGetFieldCount(line);

    if (SetupGetStringFieldW(line, 0, text, FIELD_ROOM, NULL)) {
        fputs("key\t", out);
        print_text(text);
    } else {
        fputs("line", out);
    }
    for (DWORD i = 1; i <= count; i++) {
        fputc('\t', out);
        if (SetupGetStringFieldW(line, i, text, FIELD_ROOM, NULL))
            print_text(text);
        else
            fprintf(out, "(error %lx)", (unsigned long)GetLastError());
    }
    fputc('\n', out);
}

int main(int argc, char **argv)
{
    enum_sections *enumerate = (enum_sections *)(void *)GetProcAddress(
        GetModuleHandleA("setupapi.dll"), "SetupEnumInfSectionsW");
    static WCHAR path[MAX_PATH], name[FIELD_ROOM];
    UINT bad_line = 0;

    if (argc != 3 || !enumerate)
        return 2;
    out = fopen(argv[2], "wb");
    if (!out)
        return 2;
    MultiByteToWideChar(CP_ACP, 0, argv[1], -1, path, MAX_PATH);
    HINF inf = SetupOpenInfFileW(path, NULL, INF_STYLE_WIN4, &bad_line);
    if (inf == INVALID_HANDLE_VALUE) {
        fprintf(out, "refused: %lx on line %u\n", (unsigned long)GetLastError(), bad_line);
        fclose(out);
        return 1;
    }
    for (UINT i = 0; enumerate(inf, i, name, FIELD_ROOM, NULL); i++) {
        INFCONTEXT line;
        fputs("section\t", out);
        print_text(name);
        fputc('\n', out);
        if (SetupFindFirstLineW(inf, name, NULL, &line)) {
            do {
                print_line(&line);
            } while (SetupFindNextLine(&line, &line));
        }
    }
    SetupCloseInfFile(inf);
    return fclose(out) ? 2 : 0;
}
