// Compiled as C99, C11 and C++17 with every warning an error: the header stands alone, may come twice, and what a
// program can do with its names without linking it works.

#include "tlsock.h"
#include "tlsock.h"

int use_of_names(void);

int use_of_names(void) {
  const tlsock_status status = TLSOCK_CERT_VERIFICATION;
  const tlsock_phase phase = TLSOCK_PHASE_HANDSHAKE;
  const tlsock_fd fd = TLSOCK_INVALID_FD;
  const uint64_t options = TLSOCK_OP_ALL | TLSOCK_OP_NO_RENEGOTIATION;
  const char *(*function)(void) = tlsock_version;
  struct tlsock_bytes tagged = {NULL, 0};
  tlsock_bytes *plain = &tagged;
  return (int)status + (int)phase + (fd < 0) + (options > 0xC0000000u) + (function == NULL) + (plain->len == 0);
}
