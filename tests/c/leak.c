// Leaks a context on purpose: every tool that is to find leaks has to find this one.
#include <tlsock.h>

static tlsock_context *forget(void) {
  tlsock_context *context = 0;
  return tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &context, 0) == TLSOCK_OK ? context : 0;
}

int main(void) {
  volatile char wiped[4096] = {0};
  bool made = forget() != 0;
  // Nor may a copy of the pointer be left on the stack.
  for (unsigned i = 0; i < sizeof wiped; i++) wiped[i] = (char)i;
  return made ? 0 : 3;
}
