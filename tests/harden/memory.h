// Every allocation of a process counted, and those that shall fail made to fail.
#ifndef MEMORY_H
#define MEMORY_H

#include <execinfo.h>
#include <signal.h>

#include "failing.h"

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
  void *crashed_at;        // the instruction, where it had no right to the memory
} report;

typedef struct fault {
  unsigned long first;  // 0: none
  bool for_good;
} fault;

static report *told;
static fault wanted;
static bool armed;  // of any thread: only one is at work at a time

static code ours = {"libtlsock", 0, 0}, openssls = {"libcrypto", 0, 0}, of_libc = {"/libc.so", 0, 0};

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

// Says where, and then crashes as without this.
static void note_crash(int signal) {
  // This one, what the kernel returns to, the instruction.
  void *frames[3] = {NULL, NULL, NULL};
  if (backtrace(frames, 3) == 3) told->crashed_at = frames[2];
  (void)signal;
}

// backtrace needs memory when it is called first: not later than here.
static void watch_crashes(void) {
  void *frame = NULL;
  struct sigaction action = {.sa_handler = note_crash, .sa_flags = (int)SA_RESETHAND};
  CHECK(backtrace(&frame, 1) == 1);
  CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
}

#endif
