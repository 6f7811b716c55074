// What a child of a test does, and how it tells that it was wrong.
#ifndef CHILD_H
#define CHILD_H

#include <sys/wait.h>

#include "../c/fixture.h"

// In a child: ends it with the line of what is wrong.
#define MUST(condition) \
  do { \
    if (!(condition)) child_fails(__LINE__, #condition); \
  } while (0)

static inline void child_fails(int line, const char *what) {
  fprintf(stderr, "%s:%d: %s: in the child: %s: %s\n", __FILE__, line, test_name, what, tlsock_error_message(LAST));
  _exit(1);
}

// Runs in a child and waits for it: it was right.
static inline void in_child(void (*run)(void *), void *argument) {
  int status = 0;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(300);
    run(argument);
    _exit(0);
  }
  CHECK(waitpid(child, &status, 0) == child);
  EQUAL(status, 0);
}

#endif
