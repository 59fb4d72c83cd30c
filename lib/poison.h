/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells AddressSanitizer which memory of an allocator of ours nobody may touch; nothing without it.
 */
#ifndef FERRO_LIB_POISON_H
#define FERRO_LIB_POISON_H

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define POISON(addr, size) ASAN_POISON_MEMORY_REGION(addr, size)
#define UNPOISON(addr, size) ASAN_UNPOISON_MEMORY_REGION(addr, size)
#else
#define POISON(addr, size) ((void)(addr), (void)(size))
#define UNPOISON(addr, size) ((void)(addr), (void)(size))
#endif

#endif
