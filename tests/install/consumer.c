// A user's program: prints what the installed library says of itself, for header and library to be compared.

#include <stdio.h>
#include <tlsock.h>

int main(void) {
  tlsock_error *error = tlsock_error_new(TLSOCK_VALUE, "wrong");
  printf("%s %s %u %s %s\n", TLSOCK_VERSION, tlsock_version(), (unsigned)tlsock_version_number(),
         tlsock_status_name(tlsock_error_status(error)), tlsock_error_message(error));
  tlsock_error_free(error);
  return tlsock_version_number() == TLSOCK_VERSION_NUMBER ? 0 : 1;
}
