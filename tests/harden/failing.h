// Makes allocations of the process fail: the program that includes this says which, by `fails`.
#ifndef FAILING_H
#define FAILING_H

#include <errno.h>
#include <link.h>

#include "../c/fixture.h"

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// Tells whether an allocation fails, of code at this place. Sets errno then.
static bool fails(size_t size, const void *caller);

#define CALLER __builtin_return_address(0)

void *malloc(size_t size) { return fails(size, CALLER) ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails(count * size, CALLER) ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return fails(size, CALLER) ? NULL : __libc_realloc(old, size); }
void *aligned_alloc(size_t align, size_t size) { return fails(size, CALLER) ? NULL : __libc_memalign(align, size); }
int posix_memalign(void **place, size_t align, size_t size) {
  void *made = fails(size, CALLER) ? NULL : __libc_memalign(align, size);
  if (made) *place = made;
  return made ? 0 : ENOMEM;
}

// Where the code of a library is.
typedef struct code {
  const char *name;
  uintptr_t start, end;
} code;

static inline bool is_of(const code *library, const void *caller) {
  return (uintptr_t)caller >= library->start && (uintptr_t)caller < library->end;
}

static inline int find_library(struct dl_phdr_info *info, size_t size, void *wanted_code) {
  code *library = wanted_code;
  (void)size;
  if (!strstr(info->dlpi_name, library->name)) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD) continue;
    uintptr_t start = info->dlpi_addr + part->p_vaddr, end = start + part->p_memsz;
    if (!library->start || start < library->start) library->start = start;
    if (end > library->end) library->end = end;
  }
  return 1;
}

#endif
