/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of folders on a virtio-win style disc. */
#include "iso/layout/layout_private.h"

const struct iso_layout_os iso_layout_oses[] = {
    {"w11", "Windows 11", true},
    {"w10", "Windows 10", true},
    {"2k25", "Windows Server 2025", true},
    {"2k22", "Windows Server 2022", true},
    {"2k19", "Windows Server 2019", true},
    {"2k16", "Windows Server 2016", true},
    {"w8.1", "Windows 8.1", false},
    {"2k12R2", "Windows Server 2012 R2", false},
    {"w8", "Windows 8", false},
    {"2k12", "Windows Server 2012", false},
    {"w7", "Windows 7", false},
    {"2k8R2", "Windows Server 2008 R2", false},
    {"2k8", "Windows Server 2008", false},
    {"2k3", "Windows Server 2003", false},
    {"xp", "Windows XP", false},
    {NULL, NULL, false},
};

const struct iso_layout_arch iso_layout_arches[] = {
    {"amd64", "amd64"},
    {"x86", "i386"},
    {"ARM64", "ARM64"},
    {NULL, NULL},
};

const char *const iso_layout_storage[] = {"viostor", "vioscsi", NULL};
