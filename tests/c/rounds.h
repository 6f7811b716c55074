// What the process has in use stays what it was, however often something is done.
//
// TLSOCK_TEST_ROUNDS=50 is for runs under tools that find leaks themselves: then no memory is measured.
#ifndef ROUNDS_H
#define ROUNDS_H

#include <malloc.h>

#include "fixture.h"

// What may be in use beyond: small pieces that the allocator keeps for the next call, tables that grow once in a while. The
// smallest leak in each round is more than twice as much.
static const long slack = 64 * 1024;
// AWS-LC's tables shrink again, and more often are large where it is measured: the smallest leak is still more than half as much again.
static const long slack_of_aws_lc = 96 * 1024;
// Pages that the allocator took meanwhile and keeps.
static const long resident_slack = 512 * 1024;

static inline long wanted_rounds(void) {
  const char *told = getenv("TLSOCK_TEST_ROUNDS");
  return told ? atol(told) : 10000;
}

static inline long resident(void) {
  long pages = 0, ignored = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%ld %ld", &ignored, &pages) == 2);
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

static inline long in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return (long)(info.uordblks + info.hblkhd);
}

static inline void flat(long before, long after, long allowed, const char *what) {
  char more[120];
  snprintf(more, sizeof more, "%ld bytes more than the %ld before", after - before, before);
  if (after - before > allowed) test_fail(__FILE__, __LINE__, what, more);
}

// The first half is there to fill every cache and give every table its size, which takes as many rounds as what came before
// in the process makes it; the second half is measured. `part` is for calls that take long.
static inline void rounds_of(long part, void (*once)(void)) {
  long count = wanted_rounds() / part;
  alarm(600);
  for (long i = 0; i < count / 2; i++) once();
  (void)test_error();
  int open = test_descriptors();
  size_t handles = tlsock_handle_count();
  long used = in_use(), held = resident();
  for (long i = count / 2; i < count; i++) once();
  (void)test_error();
  EQUAL(test_descriptors(), open);
  EQUAL(tlsock_handle_count(), handles);
  if (getenv("TLSOCK_TEST_ROUNDS")) return;
  flat(used, in_use(), (is_aws_lc() ? slack_of_aws_lc : slack) / part, "memory in use");
  flat(held, resident(), resident_slack, "resident memory");
}

static inline void rounds(void (*once)(void)) { rounds_of(1, once); }

#endif
