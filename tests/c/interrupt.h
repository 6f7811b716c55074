// Signals that come again and again, and the callback that is asked what becomes of the calls they meet.
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <poll.h>
#include <signal.h>

#include "fixture.h"

typedef struct asked {
  int count, freed;
  bool ends;
  tlsock_socket *socket;  // that the callback uses, if any
  void (*uses)(tlsock_socket *socket);
} asked;

static inline int on_interrupt(void *userdata, tlsock_error **error) {
  asked *one = userdata;
  __atomic_add_fetch(&one->count, 1, __ATOMIC_SEQ_CST);
  if (one->uses) one->uses(one->socket);
  if (!one->ends) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_TYPE, "what the handler raised");
  return TLSOCK_TYPE;
}

static inline void count_free(void *userdata) { ((asked *)userdata)->freed++; }

static pthread_t victim;
static int stop, handled;

static inline void on_signal(int number) {
  (void)number;
  __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

// The next signal is sent when the one before was handled: two would count as one.
static inline void *pesters(void *unused) {
  (void)unused;
  int sent = 0;
  while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
    if (__atomic_load_n(&handled, __ATOMIC_SEQ_CST) == sent && pthread_kill(victim, SIGUSR1) == 0) sent++;
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  return NULL;
}

// Signals come again and again: one of them meets each call.
static inline pthread_t signals_begin(asked *one) {
  pthread_t thread;
  struct sigaction action = {0};
  action.sa_handler = on_signal;
  sigaction(SIGUSR1, &action, NULL);
  OK(tlsock_set_interrupt_callback(on_interrupt, one, count_free, E));
  victim = pthread_self();
  __atomic_store_n(&stop, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&handled, 0, __ATOMIC_SEQ_CST);
  CHECK(pthread_create(&thread, NULL, pesters, NULL) == 0);
  return thread;
}

static inline void signals_end(pthread_t thread, asked *one) {
  __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
  pthread_join(thread, NULL);
  OK(tlsock_set_interrupt_callback(NULL, NULL, NULL, E));
  EQUAL(one->freed, 1);
}

// The error of a call that was ended.
#define ENDS(phase, call) \
  do { \
    tlsock_error *error = NULL, **slot = &error; \
    EQUAL(call, TLSOCK_INTERRUPTED); \
    EQUAL(tlsock_error_status(error), TLSOCK_INTERRUPTED); \
    EQUAL(tlsock_error_phase(error), phase); \
    EQUAL(tlsock_error_status(tlsock_error_cause(error)), TLSOCK_TYPE); \
    SAME_TEXT(tlsock_error_message(tlsock_error_cause(error)), "what the handler raised"); \
    tlsock_error_free(error); \
  } while (0)

// Waits until a call that goes on was asked more than once.
static inline void await_signals(asked *one) {
  __atomic_store_n(&one->count, 0, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&one->count, __ATOMIC_SEQ_CST) < 3) poll(NULL, 0, 1);
}

static const int versions[] = {TLSOCK_TLS_VERSION_TLSV1_2, TLSOCK_TLS_VERSION_TLSV1_3};
static const double timeouts[] = {-1, 60};

static inline unsigned char byte_at(size_t position) { return (unsigned char)(position * 131 + position / 251); }

#endif
