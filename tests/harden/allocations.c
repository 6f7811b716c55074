// OpenSSL's n-th allocation of a conversation fails, for one n after the other: every call ends with a status and in time,
// nothing is left behind, and a peer that must not be trusted is refused. Failures of our own allocations are the
// language's: they end the process.
//
// usage: allocations CERTS FOLDER EVERY-HOW-MANY
#include <openssl/crypto.h>

#include "spread.h"
#include "talk.h"

// A machine that is busy with other things is late too, but not each time.
#define TRIES 20

typedef struct report {
  outcome result;
  unsigned long made, failed;
  long handles, descriptors;
  bool done;
} report;

static __thread bool armed;
static unsigned long made, failed, first;
static unsigned long lasting;  // so many allocations fail
static report *told;
static const char *folder;
static int data_file;

static bool fails(void) {
  if (!armed) return false;
  unsigned long number = ++made;
  if (first == 0 || number < first || number - first >= lasting) return false;
  failed++;
  return true;
}

static void *allocate(size_t size, const char *file, int line) {
  (void)file, (void)line;
  return fails() ? NULL : malloc(size);
}

static void *allocate_again(void *old, size_t size, const char *file, int line) {
  (void)file, (void)line;
  return fails() ? NULL : realloc(old, size);
}

static void let_go(void *old, const char *file, int line) {
  (void)file, (void)line;
  free(old);
}

static void arm(void) { armed = true; }
static void disarm(void) { armed = false; }

static report run(role subject, bool trusted, unsigned long from, unsigned long count) {
  memset(told, 0, sizeof *told);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(60);
    if (setjmp(test_end) != 0) _exit(1);
    talk one = {.subject = subject, .trusted = trusted, .work = folder, .arm = arm, .disarm = disarm};
    one.file = data_file, one.seconds = TALK_SECONDS;
    first = from, lasting = count, made = failed = 0;
    size_t handles = tlsock_handle_count();
    int descriptors = test_descriptors();
    told->result = talk_runs(&one);
    test_free_slot(NULL);
    told->made = made, told->failed = failed;
    told->handles = (long)(tlsock_handle_count() - handles);
    told->descriptors = test_descriptors() - descriptors;
    told->done = true;
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (status != 0) told->done = false;
  if (WIFSIGNALED(status)) snprintf(told->result.message, sizeof told->result.message, "signal %d", WTERMSIG(status));
  return *told;
}

static const char *mistake(const report *got, bool trusted) {
  int status = got->result.status;
  if (!got->done) return "it crashed or did not end";
  if (!trusted && status == TLSOCK_OK) return "A BAD PEER WAS ACCEPTED";
  if (status == TLSOCK_PANIC || status == TLSOCK_TYPE || status == TLSOCK_NOT_IMPLEMENTED || status == TLSOCK_VALUE)
    return "no status for this";
  if (status != TLSOCK_OK && !got->result.message[0]) return "no message";
  if (got->handles != 0) return "handles were not freed";
  if (got->descriptors != 0) return "descriptors were left open";
  if (got->result.longest > TALK_SECONDS + 0.05) return "beyond the deadline";
  return NULL;
}

static void judge(role subject, bool trusted, unsigned long from, unsigned long count) {
  report got = run(subject, trusted, from, count);
  for (int again = 0; again < TRIES && got.done && got.result.longest > TALK_SECONDS + 0.05; again++)
    got = run(subject, trusted, from, count);
  if (got.done && got.failed == 0) return;
  const char *wrong = mistake(&got, trusted);
  spread_add(&spread_sum->injected);
  if (!wrong) {
    spread_add(&spread_sum->right);
    if (got.result.status == TLSOCK_OK) spread_add(&spread_sum->survived);
    return;
  }
  printf("%s, %s peer, allocation %lu%s: %s: %s \"%s\" (%.3f s, step %d, %ld handles, %ld descriptors)\n",
         subject == CLIENT ? "client" : "server", trusted ? "good" : "bad", from, count > 1 ? " and later" : "", wrong,
         tlsock_status_name(got.result.status), got.result.message, got.result.longest, got.result.reached, got.handles,
         got.descriptors);
}

// The judge must be able to condemn.
static void try_the_judge(const report *good) {
  report got = *good;
  CHECK(mistake(&got, true) == NULL && mistake(&got, false) != NULL);
  got.handles = 1;
  CHECK(mistake(&got, true) != NULL);
  got.handles = 0, got.done = false;
  CHECK(mistake(&got, true) != NULL);
}

static unsigned long every = 97;
static unsigned long made_by[2];  // subject, without any fault

// What each process needs for itself.
static void prepare(void) {
  unsigned char bytes[20000];
  talk_fill(bytes, sizeof bytes);
  FILE *file = tmpfile();
  CHECK(fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes && fflush(file) == 0);
  data_file = fileno(file);
  told = spread_shared(sizeof *told);
}

static void rehearse(void) {
  prepare();
  for (role subject = CLIENT; subject <= SERVER; subject++) {
    report good = run(subject, true, 0, 0), bad = run(subject, false, 0, 0);
    CHECK(good.done && good.result.status == TLSOCK_OK && bad.result.status == TLSOCK_CERT_VERIFICATION);
    try_the_judge(&good);
    printf("%s: %lu allocations\n", subject == CLIENT ? "client" : "server", good.made);
    made_by[subject] = good.made;
  }
}

static bool all_places(void) {
  prepare();
  for (role subject = CLIENT; subject <= SERVER; subject++) {
    for (unsigned long from = 1; from <= made_by[subject]; from += every) {
      if (!spread_is_mine()) continue;
      judge(subject, true, from, 1);
      judge(subject, true, from, ~0UL);
      judge(subject, false, from, 1);
    }
  }
  return true;
}

int main(int argc, char **argv) {
  if (CRYPTO_set_mem_functions(allocate, allocate_again, let_go) != 1) {
    printf("OpenSSL's allocations cannot be replaced\n");
    return 1;
  }
  test_set_up(argc, argv);
  folder = argv[2];
  if (argc > 3) every = strtoul(argv[3], NULL, 10);
  test_thread = pthread_self();
  pthread_key_create(&test_slot_key, test_free_slot);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (setjmp(test_end) != 0) return 1;
  rehearse();
  bool whole = spread(all_places);
  int injected = spread_sum->injected, right = spread_sum->right;
  printf("%d allocations failed, %d as specified (%d did not matter)%s\n", injected, right, spread_sum->survived,
         whole ? "" : "; not all were tried");
  return whole && injected > 20 && injected == right ? 0 : 1;
}
