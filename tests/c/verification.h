// A callback that judges peers beside OpenSSL: see tests/verify_callback.rs for when it is called and what it can do.
#ifndef VERIFICATION_H
#define VERIFICATION_H

#include "fixture.h"

typedef struct judge {
  int calls, freed;
  bool refuses;
} judge;

static inline int judges(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                         tlsock_error **error) {
  judge *it = userdata;
  it->calls++;
  CHECK(connection->object && !connection->socket);
  EQUAL(tlsock_verification_code(seen), 62);
  SAME_TEXT(tlsock_verification_message(seen), "hostname mismatch");
  EQUAL(tlsock_verification_depth(seen), 0);
  EQUAL(tlsock_certificate_list_count(tlsock_verification_chain(seen)), 3);
  EQUAL(tlsock_certificate_list_count(tlsock_verification_sent_chain(seen)), 2);
  CHECK(!tlsock_certificate_verified(tlsock_verification_certificate(seen)));
  EQUAL(tlsock_verification_expected_name_count(seen), 1);
  SAME_TEXT(tlsock_verification_expected_name_at(seen, 0), "localhost");
  CHECK(!tlsock_verification_expected_name_at(seen, 1));
  EQUAL(tlsock_verification_offered_name_count(seen), 1);
  tlsock_text name = tlsock_verification_offered_name_at(seen, 0);
  SAME_BYTES(name.data, name.len, "other.example", 13);
  CHECK(!tlsock_verification_offered_name_at(seen, 1).data);
  if (!it->refuses) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_OS, "not on the list");
  return TLSOCK_OS;
}

static inline void freed(void *userdata) { ((judge *)userdata)->freed++; }

#endif
