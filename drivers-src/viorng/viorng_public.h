// SPDX-License-Identifier: BSD-3-Clause
//
// viorng for programs: random bytes from the host.
//
// Each device has a device interface of class VIORNG_INTERFACE_GUID. A program finds its path
// (SetupDiGetClassDevs, or CM_Get_Device_Interface_List), opens it with GENERIC_READ, and calls
// ReadFile. Writing and device control requests are not supported.
//
// A read may have any length. It ends
//  - with success and all the bytes asked for; a read of 0 bytes at once;
//  - with success and fewer bytes, or ERROR_SEM_TIMEOUT (STATUS_IO_TIMEOUT) and none, when the host
//    gave this read nothing for VIORNG_TIMEOUT_SECONDS. While the machine sleeps or the device is
//    being moved, time stands still;
//  - with an error when it is cancelled, the handle is closed, or the device removed.
// Several reads, of one handle or many, are served in turns of up to VIORNG_PIECE_BYTES.
//
// Include <initguid.h> before this header in one source file to define the GUID.

#ifndef VIORNG_PUBLIC_H
#define VIORNG_PUBLIC_H

// {9d0d2b8c-5a43-4c6e-8e55-61b7b6f0a3d1}
DEFINE_GUID(VIORNG_INTERFACE_GUID, 0x9d0d2b8c, 0x5a43, 0x4c6e, 0x8e, 0x55, 0x61, 0xb7, 0xb6, 0xf0,
            0xa3, 0xd1);

#define VIORNG_TIMEOUT_SECONDS 5
#define VIORNG_PIECE_BYTES     4096

#endif
