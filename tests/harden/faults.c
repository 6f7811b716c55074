// Every call of the system that the library makes fails in every way it can, at every place of a conversation, as client
// and as server. What comes of it is what the specification says, in time, and nothing is left behind; a peer that must
// not be trusted is refused whatever fails.
//
// usage: faults CERTS FOLDER short|all
#define _GNU_SOURCE
#include "shim.h"
#include "spread.h"
#include "talk.h"

typedef enum expected {
  SUCCESS,  // as if nothing had been
  SAME,     // OS with the number that was injected
  EITHER,   // one of these two: what failed matters only at times
  LATE,     // TIMEOUT, at the deadline
  REFUSED,  // CERT_VERIFICATION: what would prove the trust cannot be read
  UNSURE,   // as before, or SUCCESS where enough had been read
} expected;

// A machine that is busy with other things is late too, but not each time.
#define TRIES 20
#define ONCE 1
#define SOME 5
#define ALWAYS 0x7fffffff

typedef struct plan {
  site at;
  int error;
  unsigned count;
  expected result;
} plan;

static const plan plans[] = {
    {AT_recv, EINTR, SOME, SUCCESS},         {AT_recv, EAGAIN, ONCE, SUCCESS},
    {AT_recv, EAGAIN, ALWAYS, LATE},         {AT_recv, SHORT, ONCE, SUCCESS},
    {AT_recv, SHORT, ALWAYS, SUCCESS},       {AT_recv, ECONNRESET, ONCE, SAME},
    {AT_recv, ENOMEM, ONCE, SAME},           {AT_recv, ENOBUFS, ONCE, SAME},
    {AT_send, EINTR, SOME, SUCCESS},         {AT_send, EAGAIN, ONCE, SUCCESS},
    {AT_send, EAGAIN, ALWAYS, LATE},         {AT_send, SHORT, ONCE, SUCCESS},
    {AT_send, SHORT, 3000, SUCCESS},         {AT_send, ECONNRESET, ONCE, SAME},
    {AT_send, EPIPE, ONCE, SAME},            {AT_send, ENOMEM, ONCE, SAME},
    {AT_send, ENOBUFS, ONCE, SAME},          {AT_ppoll, EINTR, SOME, SUCCESS},
    {AT_ppoll, ENOMEM, ONCE, SAME},          {AT_connect, ECONNREFUSED, ONCE, SAME},
    {AT_connect, ENOMEM, ONCE, SAME},        {AT_connect, ENOBUFS, ONCE, SAME},
    {AT_connect, EAGAIN, ONCE, SAME},        {AT_accept4, EINTR, SOME, SUCCESS},
    {AT_accept4, EAGAIN, ONCE, SUCCESS},     {AT_accept4, ECONNABORTED, ONCE, SAME},
    {AT_accept4, EMFILE, ONCE, SAME},        {AT_accept4, ENOMEM, ONCE, SAME},
    {AT_accept4, ENOBUFS, ONCE, SAME},       {AT_getsockopt, ENOBUFS, ONCE, EITHER},
    {AT_setsockopt, ENOMEM, ONCE, EITHER},   {AT_fcntl, EINTR, ONCE, SUCCESS},
    {AT_fcntl, ENOMEM, ONCE, SAME},          {AT_getpeername, ENOBUFS, ONCE, EITHER},
    {AT_getsockname, ENOBUFS, ONCE, SAME},   {AT_socket, EMFILE, ONCE, SAME},
    {AT_socket, ENOMEM, ONCE, SAME},         {AT_socket, ENOBUFS, ONCE, SAME},
    {AT_bind, EADDRINUSE, ONCE, SAME},       {AT_bind, ENOMEM, ONCE, SAME},
    {AT_listen, ENOBUFS, ONCE, SAME},        {AT_shutdown, ENOBUFS, ONCE, SAME},
    {AT_open64, EINTR, SOME, SUCCESS},       {AT_open64, EMFILE, ONCE, SAME},
    {AT_open64, ENOMEM, ONCE, SAME},         {AT_open64, ENOENT, ONCE, SAME},
    {AT_read, EINTR, SOME, SUCCESS},         {AT_read, SHORT, ONCE, SUCCESS},
    {AT_read, SHORT, ALWAYS, SUCCESS},       {AT_read, EIO, ONCE, SAME},
    {AT_read, ENOMEM, ONCE, SAME},           {AT_write, EINTR, SOME, SUCCESS},
    {AT_write, SHORT, ONCE, SUCCESS},        {AT_write, SHORT, ALWAYS, SUCCESS},
    {AT_write, ENOSPC, ONCE, SAME},          {AT_write, EIO, ONCE, SAME},
    {AT_lseek64, ESPIPE, ONCE, EITHER},      {AT_fstat64, ENOMEM, ONCE, EITHER},
    {AT_statx, ENOMEM, ONCE, EITHER},        {AT_pread64, EINTR, SOME, SUCCESS},
    {AT_pread64, SHORT, ONCE, SUCCESS},      {AT_pread64, EIO, ONCE, SAME},
    {AT_pread64, ENOMEM, ONCE, SAME},        {AT_mmap64, ENOMEM, ONCE, EITHER},
    {AT_close, EINTR, ALWAYS, SUCCESS},      {AT_close, EIO, ONCE, SUCCESS},
    {AT_fopen64, EMFILE, ALWAYS, REFUSED},   {AT_fopen64, ENOMEM, ALWAYS, REFUSED},
    {AT_fgets, EIO, ALWAYS, UNSURE},
};

static const char *const expectations[] = {"success", "the same error", "success or the same error", "a timeout",
                                           "a refused certificate", "a refused certificate or success"};

// What a child tells.
typedef struct report {
  outcome result;
  calls made;
  long handles, descriptors;  // left over
  bool done;
} report;

static report *told;
static const char *folder;
static fault active;
static int data_file;
static void *volatile planted;
static bool plants;

static void arm(void) { shim_arm(active.count ? &active : NULL); }

// Runs a conversation in a process of its own: nothing of one fault reaches the next.
static report run(role subject, bool trusted, fault which, double seconds) {
  memset(told, 0, sizeof *told);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(300);
    active = which;
    talk one = {.subject = subject, .trusted = trusted, .work = folder, .arm = arm, .disarm = shim_disarm};
    one.file = data_file, one.seconds = seconds;
    if (setjmp(test_end) != 0) _exit(1);
    size_t handles = tlsock_handle_count();
    int descriptors = test_descriptors();
    if (plants) planted = malloc(77), planted = NULL;
    told->result = talk_runs(&one);
    test_free_slot(NULL);
    told->made = *shim_calls();
    told->handles = (long)(tlsock_handle_count() - handles);
    told->descriptors = test_descriptors() - descriptors;
    told->done = true;
    exit(0);  // so that a sanitizer looks for leaks
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  if (status != 0) told->done = false;
  if (WIFSIGNALED(status))
    snprintf(told->result.message, sizeof told->result.message, "signal %d", WTERMSIG(status));
  return *told;
}

static bool fits(const report *got, expected result, int error) {
  int status = got->result.status;
  bool same = status == TLSOCK_OS && got->result.os_errno == error;
  switch (result) {
    case SUCCESS: return status == TLSOCK_OK;
    case SAME: return same;
    case EITHER: return same || status == TLSOCK_OK;
    case LATE: return status == TLSOCK_TIMEOUT;
    case REFUSED: return status == TLSOCK_CERT_VERIFICATION;
    case UNSURE: return status == TLSOCK_CERT_VERIFICATION || status == TLSOCK_OK;
  }
  return false;
}

// Only a deadline that has to come may be short: a call that moves bytes one by one takes its time.
static double seconds_for(const plan *planned) { return planned->result == LATE ? TALK_SECONDS : TALK_LIMIT; }

static bool too_late(const report *got, const plan *planned) { return got->result.longest > seconds_for(planned) + 0.05; }

// What is wrong with what was told; NULL if nothing.
static const char *mistake(const report *got, const plan *planned) {
  if (!got->done) return "it crashed or did not end";
  if (!fits(got, planned->result, planned->error)) return "not the result that was expected";
  if (too_late(got, planned)) return "beyond the deadline";
  if (planned->result == LATE && got->result.longest < TALK_SECONDS - 0.001) return "before the deadline";
  if (got->handles != 0) return "handles were not freed";
  if (got->descriptors != 0) return "descriptors were left open";
  return NULL;
}

static const char *words(const fault *which) {
  static char text[120];
  const char *error = which->error == SHORT ? "one byte only" : strerrorname_np(which->error);
  snprintf(text, sizeof text, "%s %u%s: %s", site_names[which->at], which->first,
           which->count == ONCE ? "" : which->count == ALWAYS ? " and all later ones" : " and some more", error);
  return text;
}

static void judge(const char *wrong, role subject, const char *peer, const fault *which, const report *got,
                  const plan *planned) {
  spread_add(&spread_sum->injected);
  if (!wrong) {
    spread_add(&spread_sum->right);
    return;
  }
  printf("%s, %s peer, %s: %s; expected %s, got %s (%d, errno %d, %.3f s, step %d) \"%s\"\n",
         subject == CLIENT ? "client" : "server", peer, words(which), wrong, expectations[planned->result],
         tlsock_status_name(got->result.status), got->result.status, got->result.os_errno, got->result.longest,
         got->result.reached, got->result.message);
}

// A bad peer is refused: with its certificate's error, or before it came to that.
static const char *mistake_of_bad(const report *got, const plan *planned, int handshake_steps) {
  if (!got->done) return "it crashed or did not end";
  if (got->result.status == TLSOCK_OK || got->result.reached >= handshake_steps) return "IT WAS ACCEPTED";
  if (planned->result == SUCCESS && got->result.status != TLSOCK_CERT_VERIFICATION) return "not refused for what it is";
  if (got->handles != 0 || got->descriptors != 0) return "something was left over";
  return NULL;
}

// A server's second send are its tickets: a peer that is gone does not need them, and its handshake is over.
static plan of_place(role subject, const plan *planned, unsigned place) {
  plan here = *planned;
  bool gone = planned->error == ECONNRESET || planned->error == EPIPE;
  if (subject == SERVER && planned->at == AT_send && gone && place == 2) here.result = SUCCESS;
  // AWS-LC tries to open the next file of a name to learn whether there is one.
  if (is_aws_lc() && planned->at == AT_fopen64) here.result = UNSURE;
  return here;
}

static void at_place(role subject, const plan *general, unsigned place, int good_steps) {
  plan here = of_place(subject, general, place);
  const plan *planned = &here;
  fault which = {planned->at, planned->error, place, planned->count};
  double seconds = seconds_for(planned);
  report got = run(subject, true, which, seconds);
  // Threads may share the work otherwise than in the rehearsal: what was not hit proves nothing.
  if (got.done && got.made.failed == 0) return;
  for (int again = 0; again < TRIES && got.done && too_late(&got, planned); again++)
    got = run(subject, true, which, seconds);
  judge(mistake(&got, planned), subject, "good", &which, &got, planned);
  got = run(subject, false, which, seconds);
  if (got.done && got.made.failed == 0) return;
  judge(mistake_of_bad(&got, planned, good_steps), subject, "bad", &which, &got, planned);
}

// Which calls fail: the first `most`, and the last one.
static void at_all_places(role subject, const plan *planned, const calls *rehearsed, int good_steps, unsigned most) {
  unsigned last = rehearsed->of[planned->at];
  for (unsigned place = 1; place <= last; place++)
    if ((place <= most || place == last) && spread_is_mine()) at_place(subject, planned, place, good_steps);
}

// The judge must be able to condemn: with an expectation that is wrong, and with a reading without any fault.
static void try_the_judge(void) {
  plan wrong = {AT_recv, ECONNRESET, ONCE, SUCCESS};
  report got = run(CLIENT, true, (fault){AT_recv, ECONNRESET, 1, ONCE}, TALK_SECONDS);
  CHECK(mistake(&got, &wrong) != NULL);
  got.result.status = TLSOCK_OK;
  CHECK(mistake(&got, &wrong) == NULL);
  got.handles = 1;
  CHECK(mistake(&got, &wrong) != NULL);
  got.handles = 0, got.result.longest = TALK_LIMIT + 1;
  CHECK(mistake(&got, &wrong) != NULL);
  CHECK(mistake_of_bad(&got, &wrong, 4) != NULL);
  wrong.result = LATE, got.result.status = TLSOCK_TIMEOUT, got.result.longest = TALK_SECONDS + 0.1;
  CHECK(mistake(&got, &wrong) != NULL);
  got.result.longest = TALK_SECONDS;
  CHECK(mistake(&got, &wrong) == NULL);
#ifdef __SANITIZE_ADDRESS__
  plants = true;
  got = run(CLIENT, true, (fault){0}, TALK_LIMIT);
  CHECK(!got.done);
  plants = false;
#endif
}

// Bytes that the system does not accept for lack of memory are kept: the next send continues with them, and the peer gets a
// stream without a gap.
static void no_byte_is_skipped(void) {
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++)
    for (unsigned refused = 1; refused <= 2; refused++) {
      wire pair = wire_new(local_pair, version, 0);
      fault which = {AT_send, ENOBUFS, 1, refused};
      char got[100];
      size_t len = 0, all = 0;
      tlsock_error *error = NULL;
      OK(tlsock_socket_settimeout(pair.server, TALK_LIMIT, E));
      shim_reset();
      shim_arm(&which);
      EQUAL(tlsock_socket_send(pair.client, "first ", 6, NULL, &error), TLSOCK_OS);
      shim_disarm();
      EQUAL(tlsock_error_os_errno(error), ENOBUFS);
      tlsock_error_free(error);
      OK(tlsock_socket_send(pair.client, "second", 6, NULL, E));
      OK(tlsock_socket_close_write(pair.client, E));
      do {
        OK(tlsock_socket_recv(pair.server, got + all, sizeof got - all, &len, E));
        all += len;
      } while (len > 0);
      CHECK(!tlsock_socket_ragged_eof(pair.server));
      SAME_BYTES(got, all, "first second", 12);
      wire_free(&pair);
    }
  shim_reset();
}

// What libssl has taken of a file counts as sent, also where the system refuses it at first: a send that goes on behind it repeats
// nothing.
static void no_byte_of_a_file_is_repeated(void) {
  static unsigned char bytes[20000], got[2 * sizeof bytes];
  FILE *file = tmpfile();
  talk_fill(bytes, sizeof bytes);
  CHECK(file && fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes && fflush(file) == 0);
  for (int version = TLSOCK_TLS_VERSION_TLSV1_2; version <= TLSOCK_TLS_VERSION_TLSV1_3; version++)
    for (unsigned refused = 1; refused <= 2; refused++) {
      wire pair = wire_new(local_pair, version, 0);
      fault which = {AT_send, ENOBUFS, 1, refused};
      uint64_t sent = 0, rest = 0;
      size_t len = 0, all = 0;
      tlsock_error *error = NULL;
      shim_reset();
      shim_arm(&which);
      EQUAL(tlsock_socket_sendfile(pair.client, fileno(file), 0, sizeof bytes, &sent, &error), TLSOCK_OS);
      shim_disarm();
      EQUAL(tlsock_error_os_errno(error), ENOBUFS);
      tlsock_error_free(error);
      OK(tlsock_socket_sendfile(pair.client, fileno(file), sent, sizeof bytes - sent, &rest, E));
      EQUAL(sent + rest, sizeof bytes);
      OK(tlsock_socket_close_write(pair.client, E));
      do {
        OK(tlsock_socket_recv(pair.server, got + all, sizeof got - all, &len, E));
        all += len;
      } while (len > 0);
      SAME_BYTES(got, all, bytes, sizeof bytes);
      wire_free(&pair);
    }
  fclose(file);
  shim_reset();
}

static unsigned most = ~0U;
static report rehearsed[2];  // with a good peer
static int good_steps[2];

// What each process needs for itself.
static void prepare(void) {
  unsigned char bytes[20000];
  talk_fill(bytes, sizeof bytes);
  FILE *file = tmpfile();
  CHECK(fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes && fflush(file) == 0);
  data_file = fileno(file);
  told = spread_shared(sizeof *told);
}

static bool rehearse(void) {
  prepare();
  try_the_judge();
  for (role subject = CLIENT; subject <= SERVER; subject++) {
    report good = run(subject, true, (fault){0}, TALK_LIMIT);
    report bad = run(subject, false, (fault){0}, TALK_LIMIT);
    if (!good.done || good.result.status != TLSOCK_OK || !bad.done || bad.result.status != TLSOCK_CERT_VERIFICATION) {
      printf("without any fault: %s \"%s\", %s \"%s\"\n", tlsock_status_name(good.result.status), good.result.message,
             tlsock_status_name(bad.result.status), bad.result.message);
      return false;
    }
    rehearsed[subject] = good;
    good_steps[subject] = bad.result.reached + 1;
  }
  return true;
}

static bool all_plans(void) {
  prepare();
  for (role subject = CLIENT; subject <= SERVER; subject++)
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
      at_all_places(subject, &plans[i], &rehearsed[subject].made, good_steps[subject], most);
  return true;
}

int main(int argc, char **argv) {
  test_set_up(argc, argv);
  folder = argv[2];
  if (argc > 3 && strcmp(argv[3], "short") == 0) most = 3;
  test_thread = pthread_self();
  pthread_key_create(&test_slot_key, test_free_slot);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (setjmp(test_end) != 0) return 1;
  no_byte_is_skipped();
  no_byte_of_a_file_is_repeated();
  bool whole = rehearse() && spread(all_plans);
  if (!spread_sum) return 1;
  int injected = spread_sum->injected, right = spread_sum->right;
  printf("%d injected, %d as specified%s\n", injected, right, whole ? "" : "; not all were tried");
  return whole && injected > 100 && injected == right ? 0 : 1;
}
