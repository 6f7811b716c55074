// What looks for secrets in the memory of this process.
#ifndef WIPED_H
#define WIPED_H

#define _GNU_SOURCE  // dladdr
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>

#include "fixture.h"

enum { CHUNK = 1 << 20, MASK = 0x5a, OPENSSL_LEAVES = 2 };

// What is searched for is never in memory as it is: each byte is masked.
typedef struct secret {
  unsigned char masked[32];
  size_t len;
} secret;

static inline secret mask(const unsigned char *bytes, size_t len) {
  secret made = {{0}, len};
  CHECK(len >= 6 && len <= sizeof made.masked);
  for (size_t i = 0; i < len; i++) made.masked[i] = bytes[i] ^ MASK;
  return made;
}

// The test's own copy, to be forgotten after the call.
static inline char *unmask(const secret *one, char *text) {
  for (size_t i = 0; i < one->len; i++) text[i] = (char)(one->masked[i] ^ MASK);
  text[one->len] = '\0';
  return text;
}

static inline secret mirrored(const secret *one) {
  secret made = {{0}, one->len};
  for (size_t i = 0; i < one->len; i++) made.masked[i] = one->masked[one->len - 1 - i];
  return made;
}

// A whole file and a NUL, without stdio, whose buffer would keep it.
static inline char *slurp(const char *path, size_t *len) {
  enum { ROOM = 1 << 14 };
  int file = open(path, O_RDONLY);
  char *data = calloc(1, ROOM);
  CHECK(file >= 0 && data);
  ssize_t got = read(file, data, ROOM - 1);
  CHECK(got > 0 && got < ROOM - 1);
  close(file);
  *len = (size_t)got;
  return data;
}

static inline void forget(void *data, size_t len) {
  volatile unsigned char *bytes = data;
  while (len--) bytes[len] = 0;
}

static inline bool is_at(const secret *one, const unsigned char *bytes) {
  for (size_t i = 0; i < one->len; i++) {
    if ((bytes[i] ^ MASK) != one->masked[i]) return false;
  }
  return true;
}

// ---- what is freed as it is ----

// The next owner of a block overwrites it, glibc itself the first 16 bytes: a search afterwards need not find what was left there. So
// each block is looked at when it is freed. Of OpenSSL's own nothing is said.
enum { WATCHED = 16 };
static struct {
  secret what;
  int freed;
} watched[WATCHED];
static size_t watched_count;

#ifdef __GLIBC__
extern void __libc_free(void *data);

static int is_libcrypto(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size, (void)unused;
  return strstr(info->dlpi_name, "libcrypto.so") != NULL;
}

// Where OpenSSL is inside of the library nobody can tell which of the two frees.
static bool is_openssl(void *caller) {
  Dl_info info;
  if (!dladdr(caller, &info)) return false;
  return strstr(info.dli_fname, "libcrypto.so") || strstr(info.dli_fname, "libssl.so") ||
         (strstr(info.dli_fname, "libtlsock.so") && !dl_iterate_phdr(is_libcrypto, NULL));
}

static void look_at(unsigned char *data, void *caller) {
  size_t size = data && watched_count ? malloc_usable_size(data) : 0;
  for (size_t i = 0; i < watched_count; i++) {
    for (size_t at = 0; at + watched[i].what.len <= size; at++) {
      if (is_at(&watched[i].what, data + at) && !is_openssl(caller)) watched[i].freed++;
    }
  }
}

void free(void *data) {
  int error = errno;
  look_at(data, __builtin_return_address(0));
  __libc_free(data);
  errno = error;
}

// It always moves, as it may.
void *realloc(void *data, size_t size) {
  size_t old = data ? malloc_usable_size(data) : 0;
  void *made = malloc(size);
  if (!made) return NULL;
  memcpy(made, data ? data : "", old < size ? old : size);
  look_at(data, __builtin_return_address(0));
  __libc_free(data);
  return made;
}
#endif

// How often a secret was in a block that was freed, since it was asked for first.
static inline int freed(const secret *one) {
  size_t i = 0;
  while (i < watched_count &&
         (watched[i].what.len != one->len || memcmp(watched[i].what.masked, one->masked, one->len) != 0))
    i++;
  CHECK(i < WATCHED);
  if (i == watched_count) watched[i].what = *one, watched_count++;
  return watched[i].freed;
}

// ---- what is in memory ----

static inline int count_in(int memory, const secret *one, unsigned char *chunk, uintptr_t from, uintptr_t to) {
  int found = 0;
  while (from + one->len <= to) {
    ssize_t got = pread(memory, chunk, to - from < CHUNK ? to - from : CHUNK, (off_t)from);
    if (got < (ssize_t)one->len) break;
    for (size_t i = 0; i + one->len <= (size_t)got; i++) found += is_at(one, chunk + i);
    from += (size_t)got - one->len + 1;
  }
  return found;
}

// How often a secret is in memory that this process can write, and was in what it has freed. Not in the stack: OpenSSL leaves passwords in the frames
// of functions that have returned, until others come there.
static inline int copies(const secret *one) {
  static char line[512];
  unsigned char *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int memory = open("/proc/self/mem", O_RDONLY), found = freed(one);
  FILE *maps = fopen("/proc/self/maps", "r");
  CHECK(chunk != MAP_FAILED && memory >= 0 && maps);
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    char rights[5];
    if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || rights[1] != 'w' || strstr(line, "[stack]")) continue;
    // A mapping next to this one may have been joined with it.
    uintptr_t own = (uintptr_t)chunk;
    if (own >= from && own < to) {
      found += count_in(memory, one, chunk, from, own) + count_in(memory, one, chunk, own + CHUNK, to);
    } else {
      found += count_in(memory, one, chunk, from, to);
    }
  }
  fclose(maps);
  close(memory);
  munmap(chunk, CHUNK);
  return found;
}

#endif
