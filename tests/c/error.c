// tlsock_error and tlsock_status: every field, and what each kind of failure puts there.
#include "fixture.h"

static void status_names(void) {
  static const struct {
    int status;
    const char *name;
  } names[] = {{TLSOCK_OK, "OK"},
               {TLSOCK_WANT_READ, "SSLWantReadError"},
               {TLSOCK_WANT_WRITE, "SSLWantWriteError"},
               {TLSOCK_SSL, "SSLError"},
               {TLSOCK_ZERO_RETURN, "SSLZeroReturnError"},
               {TLSOCK_EOF, "SSLEOFError"},
               {TLSOCK_SYSCALL, "SSLSyscallError"},
               {TLSOCK_CERT_VERIFICATION, "SSLCertVerificationError"},
               {TLSOCK_OS, "OSError"},
               {TLSOCK_TIMEOUT, "TimeoutError"},
               {TLSOCK_INTERRUPTED, "InterruptedError"},
               {TLSOCK_VALUE, "ValueError"},
               {TLSOCK_TYPE, "TypeError"},
               {TLSOCK_NOT_IMPLEMENTED, "NotImplementedError"},
               {TLSOCK_NO_MEMORY, "MemoryError"},
               // Numbers of a later version get the class of their range.
               {19, "SSLError"},
               {29, "OSError"},
               {39, "ValueError"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    SAME_TEXT(tlsock_status_name(names[i].status), names[i].name);
  CHECK(tlsock_status_name(-1) && tlsock_status_name(1000) && tlsock_status_name(TLSOCK_PANIC));
}

static void new_error(void) {
  tlsock_error *error = tlsock_error_new(TLSOCK_OS, "as I said");
  CHECK(error);
  EQUAL(tlsock_error_status(error), TLSOCK_OS);
  SAME_TEXT(tlsock_error_message(error), "as I said");
  CHECK(!tlsock_error_library(error) && !tlsock_error_reason(error) && !tlsock_error_verify_message(error));
  CHECK(!tlsock_error_filename(error) && !tlsock_error_certificate(error) && !tlsock_error_expected_name(error));
  CHECK(!tlsock_error_cause(error) && !tlsock_error_offered_name_at(error, 0).data);
  EQUAL(tlsock_error_code(error), 0);
  EQUAL(tlsock_error_verify_code(error), 0);
  EQUAL(tlsock_error_phase(error), TLSOCK_PHASE_NONE);
  EQUAL(tlsock_error_alert_sent(error), -1);
  EQUAL(tlsock_error_alert_received(error), -1);
  EQUAL(tlsock_error_depth(error), -1);
  EQUAL(tlsock_error_offered_name_count(error), 0);
  EQUAL(tlsock_error_verify_flag(error), 0);
  tlsock_error_free(error);
  CHECK(!tlsock_error_new(TLSOCK_OK, "fine"));
  CHECK(!tlsock_error_new(9999, "unknown"));
  CHECK(!tlsock_error_new(TLSOCK_SSL, NULL));
  CHECK(!tlsock_error_new(TLSOCK_SSL, "\xff"));
}

static void null_error(void) {
  tlsock_error_free(NULL);
  EQUAL(tlsock_error_status(NULL), TLSOCK_OK);
  SAME_TEXT(tlsock_error_message(NULL), "");
  EQUAL(tlsock_error_alert_sent(NULL), -1);
  EQUAL(tlsock_error_alert_received(NULL), -1);
  CHECK(tlsock_error_ech_retry_configs(NULL).data == NULL);
  EQUAL(tlsock_error_depth(NULL), -1);
}

// A call works with NULL for its error.
static void no_slot(void) {
  EQUAL(tlsock_context_new(99, NULL, NULL), TLSOCK_VALUE);
  tlsock_context *context = NULL;
  EQUAL(tlsock_context_new(99, &context, NULL), TLSOCK_VALUE);
  CHECK(!context);
}

static void caller(void) {
  tlsock_context *context = NULL;
  FAILS(TLSOCK_VALUE, "invalid or unsupported protocol version 99", tlsock_context_new(99, &context, E));
  CHECK(!context && !tlsock_error_library(LAST) && !tlsock_error_reason(LAST));
  EQUAL(tlsock_error_code(LAST), 0);
  FAILS(TLSOCK_VALUE, "context must not be NULL", tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, NULL, E));
}

// A failure of the system: the number and the system's text.
static void system_error(void) {
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  FAILS(TLSOCK_OS, NULL, tlsock_context_load_cert_chain(context, cert("missing.pem"), NULL, NULL, E));
  EQUAL(tlsock_error_os_errno(LAST), 2);
  CHECK(strstr(tlsock_error_message(LAST), "No such file or directory"));
  CHECK(tlsock_error_filename(LAST));  // Python names the file for DH files and key logs only
  tlsock_context_free(context);
}

// A failure of OpenSSL outside of I/O: library, reason and the number of the reason.
static void openssl_error(void) {
  tlsock_context *context = NULL;
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &context, E));
  FAILS(TLSOCK_SSL, "[X509: KEY_VALUES_MISMATCH] key values mismatch: the key in keyfile *",
        tlsock_context_load_cert_chain(context, cert("ecdsa.pem"), cert("expired.key"), NULL, E));
  SAME_TEXT(tlsock_error_library(LAST), "X509");
  SAME_TEXT(tlsock_error_reason(LAST), "KEY_VALUES_MISMATCH");
  EQUAL(tlsock_error_code(LAST), 116);
  EQUAL(tlsock_error_os_errno(LAST), 0);
  FAILS(TLSOCK_SSL, "[SSL] PEM lib: certfile *",
        tlsock_context_load_cert_chain(context, cert("ecdsa.key"), NULL, NULL, E));
  SAME_TEXT(tlsock_error_library(LAST), "SSL");
  CHECK(!tlsock_error_reason(LAST));
  EQUAL(tlsock_error_code(LAST), 524297);
  tlsock_context_free(context);
}

// WANT_READ tells nothing and leaves the slot alone, whatever is in it.
static void not_done_yet(void) {
  tlsock_context *context = new_client(0);
  tlsock_object *object = NULL;
  tlsock_bio *in = NULL, *out = NULL;
  tlsock_error *slot = (tlsock_error *)&slot;
  OK(tlsock_bio_new(&in, E));
  OK(tlsock_bio_new(&out, E));
  OK(tlsock_context_wrap_bio(context, in, out, 0, "localhost", NULL, &object, E));
  EQUAL(tlsock_object_do_handshake(object, &slot), TLSOCK_WANT_READ);
  CHECK(slot == (tlsock_error *)&slot);
  tlsock_object_free(object);
  tlsock_bio_free(in);
  tlsock_bio_free(out);
  tlsock_context_free(context);
}

// A refused certificate: every field, on both sides.
static void refused_certificate(void) {
  tlsock_context *client = new_client(0), *server = new_server("expired", 0);
  tlsock_object *at = NULL;
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, &at), TLSOCK_CERT_VERIFICATION);
  CHECK(at == pair.client);
  SAME_TEXT(tlsock_error_message(LAST),
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired");
  SAME_TEXT(tlsock_error_library(LAST), "SSL");
  SAME_TEXT(tlsock_error_reason(LAST), "CERTIFICATE_VERIFY_FAILED");
  SAME_TEXT(tlsock_error_verify_message(LAST), "certificate has expired");
  EQUAL(tlsock_error_code(LAST), TLSOCK_SSL_ERROR_SSL);
  EQUAL(tlsock_error_verify_code(LAST), 10);
  EQUAL(tlsock_error_phase(LAST), TLSOCK_PHASE_HANDSHAKE);
  EQUAL(tlsock_error_alert_sent(LAST), TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_EXPIRED);
  EQUAL(tlsock_error_alert_received(LAST), -1);
  EQUAL(tlsock_error_depth(LAST), 0);
  SAME_TEXT(tlsock_certificate_not_after(tlsock_error_certificate(LAST)), "Feb  1 00:00:00 2020 GMT");
  CHECK(!tlsock_certificate_verified(tlsock_error_certificate(LAST)));

  EQUAL(memory_try(&pair, &at), TLSOCK_EOF);  // the client again: it is dead
  FAILS_FOR(TLSOCK_SSL, "SSLV3_ALERT_CERTIFICATE_EXPIRED", tlsock_object_do_handshake(pair.server, E));
  EQUAL(tlsock_error_alert_received(LAST), TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_EXPIRED);
  EQUAL(tlsock_error_alert_sent(LAST), -1);
  CHECK(!tlsock_error_certificate(LAST) && !tlsock_error_verify_message(LAST));
  EQUAL(tlsock_error_verify_code(LAST), 0);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
}

// A wrong name: what was expected and what was offered. The error outlives everything else.
static void wrong_name(void) {
  tlsock_context *client = new_client(0), *server = new_server("wrong-name", 0);
  tlsock_error *error = NULL;
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(tlsock_object_do_handshake(pair.client, E), TLSOCK_WANT_READ);
  EQUAL(tlsock_object_do_handshake(pair.server, E), TLSOCK_WANT_READ);
  EQUAL(tlsock_object_do_handshake(pair.client, &error), TLSOCK_CERT_VERIFICATION);
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);

  EQUAL(tlsock_error_verify_code(error), 62);
  SAME_TEXT(tlsock_error_verify_message(error), "Hostname mismatch, certificate is not valid for 'localhost'.");
  SAME_TEXT(tlsock_error_message(error),
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
            "Hostname mismatch, certificate is not valid for 'localhost'.");
  EQUAL(tlsock_error_alert_sent(error), TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE);
  EQUAL(tlsock_error_depth(error), 0);
  SAME_TEXT(tlsock_error_expected_name(error), "localhost");
  EQUAL(tlsock_error_offered_name_count(error), 1);
  tlsock_text offered = tlsock_error_offered_name_at(error, 0);
  SAME_BYTES(offered.data, offered.len, "other.example", 13);
  CHECK(!tlsock_error_offered_name_at(error, 1).data);
  tlsock_error_free(error);
}

TESTS(CASE(status_names), CASE(new_error), CASE(null_error), CASE(no_slot), CASE(caller), CASE(system_error),
      CASE(openssl_error), CASE(not_done_yet), CASE(refused_certificate), CASE(wrong_name))
