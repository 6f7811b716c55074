// The header stands alone: first in the file, twice, without any other. Compiled as C99, C11 and C++17 with all warnings.
#include <tlsock.h>
#include <tlsock.h>

#if !defined(TLSOCK_VERSION) || TLSOCK_VERSION_NUMBER < 256
#error "the version is missing"
#endif

int main(void) {
  tlsock_error *error = 0;
  tlsock_context *context = 0;
  tlsock_status status = tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &context, &error);
  tlsock_context_free(context);
  tlsock_error_free(error);
  return status != TLSOCK_OK || tlsock_version_number() != TLSOCK_VERSION_NUMBER;
}
