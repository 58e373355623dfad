/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of ECMA-119 (which is ISO 9660) and of its Joliet use, shared by the writer and by the
 * checks made before libiso9660 reads an image. Clause numbers are those of ECMA-119, 4th edition.
 */
#ifndef ISO_ECMA119_H
#define ISO_ECMA119_H

#include <stddef.h>

#define ISO_BLOCK         ((size_t)2048) /* logical sector and logical block, 6.1.2 and 6.2.2 */
#define ISO_SYSTEM_BLOCKS 16             /* the system area that comes first, 6.2.1 */

#define ISO_MAGIC      "CD001" /* standard identifier, 8.1.2 */
#define ISO_MAGIC_SIZE 5

/* volume descriptor types, 8.1.1 */
enum { ISO_TYPE_BOOT = 0, ISO_TYPE_PRIMARY = 1, ISO_TYPE_SUPPLEMENTARY = 2, ISO_TYPE_END = 255 };

/* offsets in a primary (8.4) or supplementary (8.5) volume descriptor */
enum {
    ISO_VD_TYPE = 0,
    ISO_VD_ID = 1,
    ISO_VD_VERSION = 6,
    ISO_VD_SYSTEM = 8,
    ISO_VD_LABEL = 40,
    ISO_VD_SPACE = 80,
    ISO_VD_ESCAPES = 88,
    ISO_VD_SET_SIZE = 120,
    ISO_VD_SEQUENCE = 124,
    ISO_VD_BLOCK_SIZE = 128,
    ISO_VD_PATH_TABLE_SIZE = 132,
    ISO_VD_PATH_TABLE_L = 140,
    ISO_VD_PATH_TABLE_M = 148,
    ISO_VD_ROOT = 156,
    ISO_VD_SET_ID = 190,
    ISO_VD_PUBLISHER = 318,
    ISO_VD_PREPARER = 446,
    ISO_VD_APPLICATION = 574,
    ISO_VD_COPYRIGHT = 702,
    ISO_VD_ABSTRACT = 739,
    ISO_VD_BIBLIOGRAPHIC = 776,
    ISO_VD_CREATED = 813,
    ISO_VD_MODIFIED = 830,
    ISO_VD_EXPIRES = 847,
    ISO_VD_EFFECTIVE = 864,
    ISO_VD_STRUCTURE = 881,
};

/* sizes of identifiers in a volume descriptor, bytes */
enum {
    ISO_SYSTEM_SIZE = 32,
    ISO_LABEL_SIZE = 32,
    ISO_SET_ID_SIZE = 128,
    ISO_PERSON_SIZE = 128, /* publisher, data preparer, application */
    ISO_FILE_ID_SIZE = 37, /* copyright, abstract, bibliographic file */
    ISO_LONG_DATE_SIZE = 17,
};

/* offsets in a directory record, 9.1 */
enum {
    ISO_DR_LENGTH = 0,
    ISO_DR_XATTR = 1,
    ISO_DR_EXTENT = 2,
    ISO_DR_SIZE = 10,
    ISO_DR_DATE = 18,
    ISO_DR_FLAGS = 25,
    ISO_DR_UNIT = 26,
    ISO_DR_GAP = 27,
    ISO_DR_SEQUENCE = 28,
    ISO_DR_ID_SIZE = 32,
    ISO_DR_ID = 33,
};

#define ISO_ROOT_RECORD_SIZE ((size_t)34) /* 8.4.18 */
#define ISO_ID_SELF          0            /* 7.6.2: the directory itself */
#define ISO_ID_PARENT        1

/* file flags, 9.1.6 */
enum {
    ISO_FLAG_DIRECTORY = 0x02,
    ISO_FLAG_ASSOCIATED = 0x04,
    ISO_FLAG_MULTI_EXTENT = 0x80,
};

#define ISO_PATH_RECORD_SIZE 8     /* a path table record without its identifier, 9.4 */
#define ISO_DIRECTORIES_MAX  65535 /* directory numbers have 16 bits, 9.4.4 */
#define ISO_LEVELS_MAX       8     /* levels of directories with the root, 6.8.2.1 */

/* Joliet: escape sequences of UCS-2 levels 1 to 3 are "%/@", "%/C", "%/E" */
#define ISO_JOLIET_ESCAPE     "%/E"
#define ISO_ESCAPE_SIZE       3
#define ISO_JOLIET_LABEL_MAX  16 /* characters: 32 bytes of UCS-2 */
#define ISO_JOLIET_NAME_UNITS 64

#endif
