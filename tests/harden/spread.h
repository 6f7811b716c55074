// Work in pieces that need nothing of each other, spread over several processes.
#ifndef SPREAD_H
#define SPREAD_H

#include <sys/mman.h>
#include <sys/wait.h>

#include "../c/fixture.h"

typedef struct spread_sums {
  int injected, right, survived;
} spread_sums;

static spread_sums *spread_sum;  // of all processes
static unsigned spread_count = 1, spread_own, spread_piece;

// Memory that this process and those it makes see alike.
static inline void *spread_shared(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  return memory;
}

static inline void spread_add(int *sum) { __atomic_add_fetch(sum, 1, __ATOMIC_SEQ_CST); }

// Whether the next piece is for this process.
static inline bool spread_is_mine(void) { return spread_piece++ % spread_count == spread_own; }

// Two processes for each processor, as much of the time is waiting; each calls `work`, which asks `spread_is_mine` before
// each piece. False if one of them says so or ends in another way.
static inline bool spread(bool (*work)(void)) {
  const char *jobs = getenv("TLSOCK_TEST_JOBS");
  pid_t children[64];
  bool good = true;
  spread_sum = spread_shared(sizeof *spread_sum);
  spread_count = jobs ? (unsigned)atoi(jobs) : 2 * (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
  if (spread_count < 1 || spread_count > 64) spread_count = 4;
  for (spread_own = 0; spread_own < spread_count; spread_own++) {
    fflush(stdout);
    pid_t child = children[spread_own] = fork();
    CHECK(child >= 0);
    if (child > 0) continue;
    bool done = setjmp(test_end) == 0 && work();
    fflush(stdout);
    _exit(done ? 0 : 1);
  }
  for (unsigned i = 0; i < spread_count; i++) {
    int status = 0;
    good = waitpid(children[i], &status, 0) == children[i] && status == 0 && good;
  }
  return good;
}

#endif
