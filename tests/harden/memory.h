// Every allocation of a process counted, and those that shall fail made to fail.
#ifndef MEMORY_H
#define MEMORY_H

#include <errno.h>
#include <link.h>

#include "../c/fixture.h"

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

typedef struct report {
  unsigned long made, of_openssl, failed;
  size_t size;          // of the last one that failed
  bool fatal;           // it was Rust's or the C library's own, and has ended the process
  bool openssls_first;  // the first one that failed was OpenSSL's first
  int status, step;
  bool done, told, again;  // to its end; an error said so; works with memory there
  bool threadless;         // the error was that there is no thread
  long handles;            // left over
  unsigned long begun;     // of a peer that is judged: made before libssl began to verify
  int code;                // and what it came to
} report;

typedef struct fault {
  unsigned long first;  // 0: none
  bool for_good;
} fault;

static report *told;
static fault wanted;
static bool armed;  // of any thread: only one is at work at a time

typedef struct code {
  const char *name;
  uintptr_t start, end;
} code;

static code ours = {"libtlsock", 0, 0}, openssls = {"libcrypto", 0, 0}, of_libc = {"/libc.so", 0, 0};

static bool is_of(const code *library, const void *caller) {
  return (uintptr_t)caller >= library->start && (uintptr_t)caller < library->end;
}

static bool fails(size_t size, const void *caller) {
  if (!armed) return false;
  unsigned long number = ++told->made;
  if (is_of(&openssls, caller)) told->of_openssl++;
  if (wanted.first == 0 || number < wanted.first || (number > wanted.first && !wanted.for_good)) return false;
  told->failed++;
  told->size = size;
  told->fatal = is_of(&ours, caller) || is_of(&of_libc, caller);
  if (told->failed == 1) told->openssls_first = is_of(&openssls, caller) && told->of_openssl == 1;
  errno = ENOMEM;
  return true;
}

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

static int find_library(struct dl_phdr_info *info, size_t size, void *wanted_code) {
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
