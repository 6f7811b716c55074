// Linked into an addon by no-memory.test.js, with -Wl,--wrap=malloc: makes one allocation fail, the one after it has allocated the number
// of bytes that nothing else asks for.

#include <stdbool.h>
#include <stdlib.h>

// A text of one byte less: see arm() of no-memory.js.
enum { SIGNAL = 4243 };

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size) {
  static bool fails_next;
  bool fails = fails_next;
  fails_next = size == SIGNAL;
  return fails ? NULL : __real_malloc(size);
}
