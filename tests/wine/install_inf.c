/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * install_inf.exe INF HARDWARE_ID SERVICE FILE OUTPUT: make a device node with that hardware id,
 * have newdev and setupapi install the INF on it, and list what that left: the service, registry
 * values of service, event log and device, and where the file went; then remove all of it. Exit
 * status 1 where the installation failed.
 */
#include <windows.h>

#include <newdev.h>
#include <setupapi.h>
#include <stdio.h>

#define TEXT_ROOM 4096

static FILE *out;

static void print_wide(const WCHAR *text)
{
    static char utf8[4 * TEXT_ROOM];

    WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof(utf8), NULL, NULL);
    fputs(utf8, out);
}

static void print_data(DWORD type, const BYTE *data, DWORD size)
{
    if (type == REG_DWORD && size == sizeof(DWORD)) {
        fprintf(out, "dword %lu\n", *(const DWORD *)(const void *)data);
    } else if (type == REG_SZ || type == REG_EXPAND_SZ) {
        fputs(type == REG_SZ ? "text " : "expand ", out);
        print_wide((const WCHAR *)(const void *)data);
        fputc('\n', out);
    } else {
        fprintf(out, "type %lu, %lu bytes\n", type, size);
    }
}

/* Values of a key and of those below it, as "OWNER PATH\NAME: DATA". */
static void print_values(const char *owner, HKEY key, const WCHAR *path, int depth)
{
    static BYTE data[2 * TEXT_ROOM + 2];
    WCHAR name[256], below[TEXT_ROOM];
    DWORD type;

    for (DWORD i = 0;; i++) {
        DWORD count = 256, size = 2 * TEXT_ROOM;
        memset(data, 0, sizeof(data));
        if (RegEnumValueW(key, i, name, &count, NULL, &type, data, &size))
            break;
        fprintf(out, "%s ", owner);
        print_wide(path);
        print_wide(name);
        fputs(": ", out);
        print_data(type, data, size);
    }
    for (DWORD i = 0; depth < 8; i++) {
        DWORD count = 256;
        HKEY child;
        if (RegEnumKeyExW(key, i, name, &count, NULL, NULL, NULL, NULL))
            break;
        if (RegOpenKeyExW(key, name, 0, KEY_READ, &child))
            continue;
        _snwprintf(below, TEXT_ROOM, L"%ls%ls\\", path, name);
        print_values(owner, child, below, depth + 1);
        RegCloseKey(child);
    }
}

static void print_key(const char *owner, const WCHAR *format, const WCHAR *name)
{
    WCHAR path[TEXT_ROOM];
    HKEY key;

    _snwprintf(path, TEXT_ROOM, format, name);
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key))
        return;
    print_values(owner, key, L"", 0);
    RegCloseKey(key);
}

/* List every place below a folder where a file of that name lies, and delete the file. */
static void take_places(const WCHAR *folder, const WCHAR *name, int depth)
{
    WIN32_FIND_DATAW found;
    WCHAR path[TEXT_ROOM];

    _snwprintf(path, TEXT_ROOM, L"%ls\\*", folder);
    HANDLE find = FindFirstFileW(path, &found);
    if (find == INVALID_HANDLE_VALUE)
        return;
    do {
        if (found.cFileName[0] == '.')
            continue;
        _snwprintf(path, TEXT_ROOM, L"%ls\\%ls", folder, found.cFileName);
        if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) && depth < 8) {
            take_places(path, name, depth + 1);
        } else if (lstrcmpiW(found.cFileName, name) == 0) {
            fputs("file ", out);
            print_wide(path);
            fputc('\n', out);
            DeleteFileW(path);
        }
    } while (FindNextFileW(find, &found));
    FindClose(find);
}

static BOOL make_device(HDEVINFO *set, SP_DEVINFO_DATA *device, const WCHAR *inf, const WCHAR *id)
{
    WCHAR class_name[64], ids[TEXT_ROOM] = L"";
    GUID class_guid;

    if (!SetupDiGetINFClassW(inf, &class_guid, class_name, 64, NULL))
        return FALSE;
    lstrcpynW(ids, id, TEXT_ROOM - 2);
    *set = SetupDiCreateDeviceInfoList(&class_guid, NULL);
    device->cbSize = sizeof(*device);
    return *set != INVALID_HANDLE_VALUE &&
           SetupDiCreateDeviceInfoW(*set, class_name, &class_guid, NULL, NULL, DICD_GENERATE_ID,
                                    device) &&
           SetupDiSetDeviceRegistryPropertyW(*set, device, SPDRP_HARDWAREID, (BYTE *)ids,
                                             (lstrlenW(ids) + 2) * sizeof(WCHAR)) &&
           SetupDiCallClassInstaller(DIF_REGISTERDEVICE, *set, device);
}

static void delete_service(const WCHAR *name)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = manager ? OpenServiceW(manager, name, DELETE) : NULL;

    if (service) {
        DeleteService(service);
        CloseServiceHandle(service);
    }
    if (manager)
        CloseServiceHandle(manager);
}

int main(void)
{
    int count;
    WCHAR **args = CommandLineToArgvW(GetCommandLineW(), &count);
    HDEVINFO set = INVALID_HANDLE_VALUE;
    SP_DEVINFO_DATA device;
    BOOL reboot = FALSE;

    if (count != 6 || !(out = _wfopen(args[5], L"wb")))
        return 2;
    if (!make_device(&set, &device, args[1], args[2])) {
        fprintf(out, "no device: error %lx\n", GetLastError());
        return 1;
    }
    if (!UpdateDriverForPlugAndPlayDevicesW(NULL, args[2], args[1], INSTALLFLAG_FORCE, &reboot)) {
        fprintf(out, "not installed: error %lx\n", GetLastError());
        return 1;
    }
    print_key("service", L"System\\CurrentControlSet\\Services\\%ls", args[3]);
    print_key("log", L"System\\CurrentControlSet\\Services\\EventLog\\System\\%ls", args[3]);
    HKEY key = SetupDiOpenDevRegKey(set, &device, DICS_FLAG_GLOBAL, 0, DIREG_DEV, KEY_READ);
    if (key != INVALID_HANDLE_VALUE) {
        print_values("device", key, L"", 0);
        RegCloseKey(key);
    }
    take_places(L"C:\\windows", args[4], 0);
    SetupDiCallClassInstaller(DIF_REMOVE, set, &device);
    SetupDiDestroyDeviceInfoList(set);
    delete_service(args[3]);
    return fclose(out) ? 2 : 0;
}
