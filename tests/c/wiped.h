// What looks for secrets in the memory of this process.
#ifndef WIPED_H
#define WIPED_H

#include <fcntl.h>
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

// How often a secret is in memory that this process can write. Not in the stack: OpenSSL leaves passwords in the frames
// of functions that have returned, until others come there.
static inline int copies(const secret *one) {
  static char line[512];
  unsigned char *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int memory = open("/proc/self/mem", O_RDONLY), found = 0;
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
