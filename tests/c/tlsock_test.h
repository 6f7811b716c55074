// A small test harness. A test is a void function without arguments; a program ends with
//
//     TESTS(CASE(first), CASE(second))
//
// and prints one line for each failure (file:line) and "N passed, N failed" at its end.
//
// E stands for the last argument of a call, the error: OK(tlsock_bio_new(&bio, E)). FAILS, and LAST after it,
// look at what was stored there.
#ifndef TLSOCK_TEST_H
#define TLSOCK_TEST_H

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tlsock.h>

typedef struct test_case {
  const char *name;
  void (*run)(void);
} test_case;

static jmp_buf test_end;
static pthread_t test_thread;
static int test_failures;
static const char *test_name = "";
static const char *test_only;
static __thread tlsock_error *test_slot;
static pthread_key_t test_slot_key;

static void test_free_slot(void *ignored) {
  (void)ignored;
  tlsock_error_free(test_slot);
  test_slot = NULL;
}

// An empty place for the error of one call.
static inline tlsock_error **test_error(void) {
  test_free_slot(NULL);
  pthread_setspecific(test_slot_key, &test_slot);
  return &test_slot;
}

#define E (test_error())
#define LAST ((const tlsock_error *)test_slot)

// Ends the test that runs; in a thread of its own, ends that thread.
static inline void test_fail(const char *file, int line, const char *what, const char *more) {
  fprintf(stderr, "%s:%d: %s: %s%s%s\n", file, line, test_name, what, *more ? ": " : "", more);
  __atomic_add_fetch(&test_failures, 1, __ATOMIC_SEQ_CST);
  if (pthread_equal(pthread_self(), test_thread)) longjmp(test_end, 1);
  pthread_exit(NULL);
}

#define CHECK(condition) \
  do { \
    if (!(condition)) test_fail(__FILE__, __LINE__, #condition, ""); \
  } while (0)

#define EQUAL(left, right) test_equal((long long)(left), (long long)(right), __FILE__, __LINE__, #left " == " #right)
#define SAME_TEXT(left, right) test_text((left), (right), __FILE__, __LINE__, #left)
#define SAME_BYTES(left, left_len, right, right_len) \
  CHECK((left_len) == (size_t)(right_len) && memcmp((left), (right), (right_len)) == 0)

// The call succeeds.
#define OK(call) test_status((int)(call), TLSOCK_OK, NULL, __FILE__, __LINE__, #call)
// The call fails with this status and this message (NULL: any; "...*": one that begins so).
#define FAILS(status, message, call) test_status((int)(call), (status), (message), __FILE__, __LINE__, #call)
// The call fails in TLS, for OpenSSL's reason of this name.
#define FAILS_FOR(status, reason, call) \
  do { \
    FAILS(status, NULL, call); \
    SAME_TEXT(tlsock_error_reason(LAST), reason); \
  } while (0)

static inline void test_equal(long long left, long long right, const char *file, int line, const char *what) {
  char more[80];
  if (left == right) return;
  snprintf(more, sizeof more, "%lld, %lld", left, right);
  test_fail(file, line, what, more);
}

static inline void test_text(const char *left, const char *right, const char *file, int line, const char *what) {
  char more[700];
  if (left == right || (left && right && strcmp(left, right) == 0)) return;
  snprintf(more, sizeof more, "\"%s\", expected \"%s\"", left ? left : "(NULL)", right ? right : "(NULL)");
  test_fail(file, line, what, more);
}

static inline int test_matches(const char *text, const char *pattern) {
  size_t len = strlen(pattern);
  if (len > 0 && pattern[len - 1] == '*') return strncmp(text, pattern, len - 1) == 0;
  return strcmp(text, pattern) == 0;
}

static inline void test_status(int got, int expected, const char *message, const char *file, int line,
                               const char *call) {
  char more[900];
  const char *said = tlsock_error_message(test_slot);
  snprintf(more, sizeof more, "%s (%d) \"%s\", expected %s (%d) \"%s\"", tlsock_status_name(got), got, said,
           tlsock_status_name(expected), expected, message ? message : "");
  if (got != expected || (message && !test_matches(said, message))) test_fail(file, line, call, more);
  if (expected < 10) {
    if (test_slot) test_fail(file, line, call, "this status must leave *error alone");
  } else if ((int)tlsock_error_status(test_slot) != expected || !*said) {
    test_fail(file, line, call, "the error does not tell the status that was returned, or has no message");
  }
}

static inline bool test_one(const test_case *one) {
  const char *limit = getenv("TLSOCK_TEST_SECONDS");
  int before = __atomic_load_n(&test_failures, __ATOMIC_SEQ_CST);
  test_name = one->name;
  alarm(limit ? (unsigned)atoi(limit) : 300);  // a test that hangs ends the program
  if (setjmp(test_end) == 0) one->run();
  return __atomic_load_n(&test_failures, __ATOMIC_SEQ_CST) == before;
}

// How many descriptors are open; 0 where the system does not tell.
static inline int test_descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  if (!folder) return 0;
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

// In which order the tests run: as they stand, or drawn by TLSOCK_TEST_SEED.
static inline void test_order(size_t *order, size_t count) {
  const char *text = getenv("TLSOCK_TEST_SEED");
  unsigned seed = text ? (unsigned)strtoul(text, NULL, 10) : 0;
  for (size_t i = 0; i < count; i++) {
    size_t place = text ? (size_t)rand_r(&seed) % (i + 1) : i;
    order[i] = order[place];
    order[place] = i;
  }
}

static inline int test_run(const test_case *cases, size_t count) {
  int passed = 0, run = 0, open_before = test_descriptors();
  size_t handles_before = tlsock_handle_count();
  test_thread = pthread_self();
  pthread_key_create(&test_slot_key, test_free_slot);
  size_t order[count];
  test_order(order, count);
  for (size_t i = 0; i < count; i++) {
    const test_case *one = &cases[order[i]];
    if (test_only && strcmp(test_only, one->name) != 0) continue;
    run++;
    passed += test_one(one);
  }
  test_free_slot(NULL);
  if (passed == run && test_descriptors() != open_before) {
    fprintf(stderr, "descriptors were left open: %d, now %d\n", open_before, test_descriptors());
    passed--;
  }
  if (passed == run && tlsock_handle_count() != handles_before) {
    fprintf(stderr, "handles were not freed: %zu, now %zu\n", handles_before, tlsock_handle_count());
    passed--;
  }
  printf("%d passed, %d failed\n", passed, run - passed);
  return run > 0 && passed == run ? 0 : 1;
}

#define CASE(name) \
  { #name, name }
#define TESTS(...) \
  int main(int argc, char **argv) { \
    static const test_case cases[] = {__VA_ARGS__}; \
    test_set_up(argc, argv); \
    return test_run(cases, sizeof cases / sizeof *cases); \
  }

// The arguments of every program: the directory of certificates that tests/certs/make.sh made, and perhaps one test.
static const char *test_certs = ".";

static inline void test_set_up(int argc, char **argv) {
  if (argc > 1) test_certs = argv[1];
  if (argc > 2) test_only = argv[2];
}

#endif
