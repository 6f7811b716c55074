// Python's module-level functions.
#include "fixture.h"

static void random_bytes(void) {
  unsigned char one[32] = {0}, other[32] = {0};
  OK(tlsock_rand_bytes(one, sizeof one, E));
  OK(tlsock_rand_bytes(other, sizeof other, E));
  CHECK(memcmp(one, other, sizeof one) != 0);
  OK(tlsock_rand_bytes(NULL, 0, E));
  FAILS(TLSOCK_VALUE, NULL, tlsock_rand_bytes(NULL, 1, E));
  CHECK(tlsock_rand_status());
  OK(tlsock_rand_add("seed", 4, 0.0, E));
  OK(tlsock_rand_add(NULL, 0, -1.0, E));
}

static void times(void) {
  static const struct {
    const char *text;
    int64_t seconds;
  } good[] = {{"Jan  5 09:34:43 2018 GMT", 1515144883}, {"jAn 5 9:4:3 2018 gmt", 1515143043},
              {"Jan  1 00:00:00 1969 GMT", -31536000},  {"Dec 31 23:59:59 9999 GMT", 253402300799},
              {"Dec 31 23:59:60 2008 GMT", 1230768000}, {"Feb 30 00:00:00 2024 GMT", 1709251200}};
  static const char *const bad[] = {"",
                                    "Jan  5 09:34:43 2018",
                                    "Jan  5 09:34:43 2018 UTC",
                                    "Jan  5 24:00:00 2018 GMT",
                                    "Jan  5 00:60:00 2018 GMT",
                                    "Jan  5 00:00:62 2018 GMT",
                                    "Jan  5 00:00:00 18 GMT",
                                    " Jan  5 00:00:00 2018 GMT",
                                    "Jan5 00:00:00 2018 GMT",
                                    "January 5 00:00:00 2018 GMT"};
  int64_t seconds = 7;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    OK(tlsock_cert_time_to_seconds(good[i].text, &seconds, E));
    EQUAL(seconds, good[i].seconds);
  }
  seconds = 7;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    FAILS(TLSOCK_VALUE, NULL, tlsock_cert_time_to_seconds(bad[i], &seconds, E));
  FAILS(TLSOCK_VALUE, "time data 'Foo 1' does not match format \"%b %d %H:%M:%S %Y GMT\"",
        tlsock_cert_time_to_seconds("Foo 1", &seconds, E));
  FAILS(TLSOCK_VALUE, "time data ' 5' does not match format ' %d %H:%M:%S %Y GMT'",
        tlsock_cert_time_to_seconds("Jan 5", &seconds, E));
  FAILS(TLSOCK_VALUE, "year 0 is out of range", tlsock_cert_time_to_seconds("Jan  5 00:00:00 0000 GMT", &seconds, E));
  EQUAL(seconds, 7);
}

static void pem(void) {
  tlsock_bytes bytes = {NULL, 0};
  FAILS(TLSOCK_VALUE, "Invalid PEM encoding; must start with -----BEGIN CERTIFICATE-----",
        tlsock_pem_cert_to_der_cert("x", &bytes, E));
  FAILS(TLSOCK_VALUE, "Invalid PEM encoding; must end with -----END CERTIFICATE-----",
        tlsock_pem_cert_to_der_cert("-----BEGIN CERTIFICATE-----\nYWJj\n", &bytes, E));
  FAILS(TLSOCK_VALUE, NULL,
        tlsock_pem_cert_to_der_cert("-----BEGIN CERTIFICATE-----\nYWJjZ\n-----END CERTIFICATE-----", &bytes, E));
  CHECK(!bytes.data);
  OK(tlsock_pem_cert_to_der_cert("-----BEGIN CERTIFICATE-----YW Jj-----END CERTIFICATE-----  \n", &bytes, E));
  SAME_BYTES(bytes.data, bytes.len, "abc", 3);
  tlsock_bytes_free(&bytes);
  char der[48] = {0};
  OK(tlsock_der_cert_to_pem_cert(der, sizeof der, &bytes, E));
  EQUAL(bytes.len, 28 + 65 + 26);
  tlsock_bytes_free(&bytes);
  OK(tlsock_der_cert_to_pem_cert(NULL, 0, &bytes, E));
  SAME_TEXT((const char *)bytes.data, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
  tlsock_bytes_free(&bytes);
}

static void objects(void) {
  tlsock_asn1_object object = {0};
  OK(tlsock_txt2obj("1.3.6.1.5.5.7.3.1", false, &object, E));
  EQUAL(object.nid, TLSOCK_PURPOSE_SERVER_AUTH);
  SAME_TEXT(object.shortname, "serverAuth");
  SAME_TEXT(object.longname, "TLS Web Server Authentication");
  SAME_TEXT(object.oid, "1.3.6.1.5.5.7.3.1");
  OK(tlsock_txt2obj("clientAuth", true, &object, E));
  EQUAL(object.nid, TLSOCK_PURPOSE_CLIENT_AUTH);
  OK(tlsock_nid2obj(TLSOCK_PURPOSE_CLIENT_AUTH, &object, E));
  SAME_TEXT(object.oid, "1.3.6.1.5.5.7.3.2");
  object.nid = 7;
  FAILS(TLSOCK_VALUE, "unknown object 'serverAuth'", tlsock_txt2obj("serverAuth", false, &object, E));
  FAILS(TLSOCK_VALUE, "unknown object 'serverauth'", tlsock_txt2obj("serverauth", true, &object, E));
  FAILS(TLSOCK_VALUE, "Unknown object", tlsock_txt2obj("1.2.3.4.5.6.7", false, &object, E));
  FAILS(TLSOCK_VALUE, "Unknown object", tlsock_nid2obj(0, &object, E));
  FAILS(TLSOCK_VALUE, "NID must be positive.", tlsock_nid2obj(-1, &object, E));
  FAILS(TLSOCK_VALUE, "unknown NID 1000000", tlsock_nid2obj(1000000, &object, E));
  EQUAL(object.nid, 7);
}

static void backend(void) {
  bool is_openssl = strcmp(tlsock_backend(), "openssl") == 0;
  CHECK(is_openssl || strcmp(tlsock_backend(), "aws-lc") == 0);
  const char *name = is_openssl ? "OpenSSL " : "AWS-LC ";
  CHECK(strncmp(tlsock_openssl_version(), name, strlen(name)) == 0);
}

static void versions(void) {
  uint64_t number = tlsock_openssl_version_number();
  tlsock_version_info info = tlsock_openssl_version_info();
  EQUAL(info.major, number >> 28);
  CHECK(number >= 0x30000000 && info.major >= 3);
  CHECK(tlsock_has(TLSOCK_HAS_ALPN) && tlsock_has(TLSOCK_HAS_SNI) && tlsock_has(TLSOCK_HAS_ECDH));
  CHECK(tlsock_has(TLSOCK_HAS_TLSV1_2) && tlsock_has(TLSOCK_HAS_TLSV1_3));
  CHECK(tlsock_has(TLSOCK_HAS_NEVER_CHECK_COMMON_NAME));
  CHECK(!tlsock_has(TLSOCK_HAS_NPN) && !tlsock_has(TLSOCK_HAS_SSLV2) && !tlsock_has(0) && !tlsock_has(-5));
  SAME_TEXT(tlsock_channel_binding_types()[0], "tls-unique");
  CHECK(tlsock_channel_binding_types()[3] == NULL);
  SAME_TEXT(tlsock_get_protocol_name(TLSOCK_PROTOCOL_TLS_CLIENT), "PROTOCOL_TLS_CLIENT");
  SAME_TEXT(tlsock_get_protocol_name(TLSOCK_PROTOCOL_TLS), "PROTOCOL_TLS");
  SAME_TEXT(tlsock_get_protocol_name(99), "<unknown>");
}

static void verify_paths(void) {
  tlsock_verify_paths *paths = NULL;
  setenv("SSL_CERT_FILE", cert("ca.pem"), 1);
  setenv("SSL_CERT_DIR", cert("missing"), 1);
  OK(tlsock_get_default_verify_paths(&paths, E));
  SAME_TEXT(tlsock_verify_paths_cafile(paths), cert("ca.pem"));
  CHECK(!tlsock_verify_paths_capath(paths));
  SAME_TEXT(tlsock_verify_paths_openssl_cafile_env(paths), "SSL_CERT_FILE");
  SAME_TEXT(tlsock_verify_paths_openssl_capath_env(paths), "SSL_CERT_DIR");
  CHECK(*tlsock_verify_paths_openssl_cafile(paths) && *tlsock_verify_paths_openssl_capath(paths));
  tlsock_verify_paths_free(paths);
  tlsock_verify_paths_free(NULL);
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
}

// What ignores the environment of somebody else is tests/environment.rs.
static void environment(void) {
  tlsock_verify_paths *paths = NULL;
  CHECK(tlsock_environment_trusted());
  setenv("SSL_CERT_FILE", cert("ca.pem"), 1);
  for (int on = 0; on < 2; on++) {
    OK(tlsock_set_environment_trusted(on, E));
    EQUAL(tlsock_environment_trusted(), on);
    OK(tlsock_get_default_verify_paths(&paths, E));
    const char *file = tlsock_verify_paths_cafile(paths);
    EQUAL(file && strcmp(file, cert("ca.pem")) == 0, on);
    tlsock_verify_paths_free(paths);
  }
  unsetenv("SSL_CERT_FILE");
}

static void windows_stores(void) {
#ifndef _WIN32
  tlsock_store_list *list = NULL;
  FAILS(TLSOCK_NOT_IMPLEMENTED, NULL, tlsock_enum_certificates("ROOT", &list, E));
  FAILS(TLSOCK_NOT_IMPLEMENTED, NULL, tlsock_enum_crls("CA", &list, E));
  CHECK(!list && !tlsock_store_list_trust_at(list, 0, 0));
  CHECK(!list);
#endif
}

static int warned;
static int count_warnings(void *userdata, const char *category, const char *message) {
  CHECK(strcmp(category, "DeprecationWarning") == 0 && *message);
  warned++;
  return *(int *)userdata;
}

static void warnings(void) {
  tlsock_context *context = NULL;
  int answer = TLSOCK_OK;
  OK(tlsock_set_warning_callback(count_warnings, &answer, NULL, E));
  OK(tlsock_context_new(TLSOCK_PROTOCOL_TLS, &context, E));
  EQUAL(warned, 1);
  uint64_t options = tlsock_context_options(context);
  OK(tlsock_context_set_options(context, options | TLSOCK_OP_NO_TLSV1_2, E));
  EQUAL(warned, 2);
  OK(tlsock_context_set_options(context, options, E));  // clearing is silent
  EQUAL(warned, 2);
  answer = TLSOCK_VALUE;
  FAILS(TLSOCK_VALUE, NULL, tlsock_context_set_options(context, options | TLSOCK_OP_NO_TLSV1_3, E));
  EQUAL(tlsock_context_options(context), options);
  OK(tlsock_set_warning_callback(NULL, NULL, NULL, E));
  OK(tlsock_context_set_options(context, options | TLSOCK_OP_NO_TLSV1_3, E));
  EQUAL(warned, 3);
  tlsock_context_free(context);
}

static void own_version(void) {
  SAME_TEXT(tlsock_version(), TLSOCK_VERSION);
  EQUAL(tlsock_version_number(), TLSOCK_VERSION_NUMBER);
  EQUAL(TLSOCK_VERSION_NUMBER, (TLSOCK_VERSION_MAJOR << 16) | (TLSOCK_VERSION_MINOR << 8) | TLSOCK_VERSION_PATCH);
}

// Everything that has a _free counts until it is freed.
static void handles_are_counted(void) {
  test_free_slot(NULL);
  size_t before = tlsock_handle_count();
  tlsock_context *context = NULL, *again = NULL;
  tlsock_object *object = NULL;
  tlsock_bytes pem = {NULL, 0}, none = {NULL, 0};
  tlsock_error *error = NULL;
  EQUAL(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &context, NULL), TLSOCK_OK);
  EQUAL(tlsock_handle_count(), before + 1);
  EQUAL(tlsock_context_wrap_bio(context, NULL, NULL, 0, "localhost", NULL, &object, NULL), TLSOCK_OK);
  EQUAL(tlsock_object_context(object, &again, NULL), TLSOCK_OK);
  EQUAL(tlsock_handle_count(), before + 3);
  EQUAL(tlsock_der_cert_to_pem_cert("x", 1, &pem, NULL), TLSOCK_OK);
  EQUAL(tlsock_context_new(99, &context, &error), TLSOCK_VALUE);
  EQUAL(tlsock_handle_count(), before + 5);
  // A call that fails without a place for its error, or is only not done yet, makes nothing.
  EQUAL(tlsock_context_new(99, &context, NULL), TLSOCK_VALUE);
  EQUAL(tlsock_object_do_handshake(object, E), TLSOCK_WANT_READ);
  EQUAL(tlsock_handle_count(), before + 5);
  tlsock_error_free(error);
  tlsock_bytes_free(&pem);
  tlsock_bytes_free(&pem);
  tlsock_bytes_free(&none);
  tlsock_error_free(NULL);
  EQUAL(tlsock_handle_count(), before + 3);
  tlsock_context_free(again);
  tlsock_context_free(context);
  EQUAL(tlsock_handle_count(), before + 1);
  tlsock_object_free(object);
  EQUAL(tlsock_handle_count(), before);
}

static void *serve_once(void *listener) {
  tlsock_socket *accepted = NULL;
  tlsock_status status = tlsock_socket_accept(listener, &accepted, NULL, E);
  // The client leaves once it has seen the certificate.
  if (status == TLSOCK_OK) tlsock_socket_abort(accepted, NULL);
  tlsock_socket_free(accepted);
  return NULL;
}

static void server_certificate(void) {
  tlsock_context *server = new_server("rsa", 0);
  tlsock_socket *listener = NULL;
  tlsock_address here;
  tlsock_bytes pem = {NULL, 0};
  pthread_t thread;
  OK(tlsock_context_create_server(server, "127.0.0.1", 0, 0, 0, &listener, E));
  OK(tlsock_socket_getsockname(listener, &here, E));
  CHECK(pthread_create(&thread, NULL, serve_once, listener) == 0);
  OK(tlsock_get_server_certificate("127.0.0.1", here.port, TLSOCK_PROTOCOL_TLS_CLIENT, NULL, -1, &pem, E));
  pthread_join(thread, NULL);
  CHECK(strstr((const char *)pem.data, "-----BEGIN CERTIFICATE-----"));
  tlsock_bytes_free(&pem);
  tlsock_socket_free(listener);
  tlsock_context_free(server);
}

TESTS(CASE(random_bytes), CASE(times), CASE(pem), CASE(objects), CASE(backend), CASE(versions), CASE(verify_paths),
      CASE(environment), CASE(windows_stores), CASE(warnings), CASE(own_version), CASE(handles_are_counted),
      CASE(server_certificate))
