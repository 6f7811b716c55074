// OCSP responses: modes, what a server takes, and what a connection tells.
#include "fixture.h"

static void modes(void) {
  tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
  EQUAL(tlsock_context_ocsp(client), TLSOCK_OCSP_IGNORE);
  for (int mode = TLSOCK_OCSP_REQUIRE; mode >= TLSOCK_OCSP_IGNORE; mode--) {
    OK(tlsock_context_set_ocsp(client, mode, E));
    EQUAL(tlsock_context_ocsp(client), mode);
  }
  for (int mode = -1; mode <= 3; mode += 4) FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_ocsp(client, mode, E));
  EQUAL(tlsock_context_ocsp(client), TLSOCK_OCSP_IGNORE);
  FAILS(TLSOCK_VALUE, "OCSP responses are requested by clients*",
        tlsock_context_set_ocsp(server, TLSOCK_OCSP_REQUEST, E));
  FAILS(TLSOCK_VALUE, "OCSP responses are sent by servers*", tlsock_context_set_ocsp_response(client, "1", 1, E));
  FAILS(TLSOCK_VALUE, "response is not an OCSP response in DER", tlsock_context_set_ocsp_response(server, "1", 1, E));
  FAILS(TLSOCK_VALUE, "response must not be NULL", tlsock_context_set_ocsp_response(server, NULL, 1, E));
  OK(tlsock_context_set_ocsp_response(server, NULL, 0, E));
  tlsock_context_free(client);
  tlsock_context_free(server);
}

static void without(void) {
  for (int mode = TLSOCK_OCSP_REQUEST; mode <= TLSOCK_OCSP_REQUIRE; mode++) {
    tlsock_context *client = new_client(0), *server = new_server("ecdsa", 0);
    tlsock_bytes response = {(uint8_t *)"x", 1};
    OK(tlsock_context_set_ocsp(client, mode, E));
    memory pair = memory_new(client, server, "localhost", NULL);
    if (mode == TLSOCK_OCSP_REQUEST) {
      EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
    } else {
      EQUAL(memory_try(&pair, NULL), TLSOCK_CERT_VERIFICATION);
      EQUAL(tlsock_error_verify_code(LAST), 73);
      SAME_TEXT(tlsock_error_verify_message(LAST), "OCSP verification needed: the server sent no OCSP response");
      EQUAL(tlsock_error_alert_sent(LAST), 113);
    }
    OK(tlsock_object_ocsp_response(pair.client, &response, E));
    CHECK(response.data == NULL && response.len == 0);
    EQUAL(tlsock_object_ocsp_status(pair.client).status, TLSOCK_OCSP_STATUS_NONE);
    CHECK(tlsock_object_ocsp_status(pair.client).next_update == 0);
    memory_free(&pair);
    tlsock_context_free(client);
    tlsock_context_free(server);
  }
  EQUAL(tlsock_object_ocsp_status(NULL).status, TLSOCK_OCSP_STATUS_NONE);
  EQUAL(tlsock_socket_ocsp_status(NULL).status, TLSOCK_OCSP_STATUS_NONE);
}

TESTS(CASE(modes), CASE(without))
