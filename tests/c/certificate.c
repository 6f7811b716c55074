// tlsock_certificate: one certificate, its fields and forms, and lists of them.
#include "fixture.h"

static tlsock_certificate *load(const char *name) {
  size_t len;
  char *pem = read_file(cert(name), &len);
  tlsock_certificate *certificate = NULL;
  OK(tlsock_certificate_new_data(pem, len, &certificate, E));
  CHECK(certificate);
  free(pem);
  return certificate;
}

static void forms(void) {
  tlsock_certificate *one = load("ecdsa.pem"), *again = NULL, *other = load("rsa.pem");
  tlsock_slice der = tlsock_certificate_der(one);
  CHECK(der.data && der.len > 100 && der.data[0] == 0x30);
  OK(tlsock_certificate_new_data(der.data, der.len, &again, E));
  CHECK(tlsock_certificate_equal(one, again) && tlsock_certificate_equal(one, one));
  CHECK(!tlsock_certificate_equal(one, other) && !tlsock_certificate_equal(one, NULL));
  CHECK(!tlsock_certificate_verified(one));

  tlsock_bytes pem = {NULL, 0}, back = {NULL, 0};
  OK(tlsock_der_cert_to_pem_cert(der.data, der.len, &pem, E));
  SAME_TEXT(tlsock_certificate_pem(one), (const char *)pem.data);
  OK(tlsock_pem_cert_to_der_cert(tlsock_certificate_pem(one), &back, E));
  SAME_BYTES(back.data, back.len, der.data, der.len);
  tlsock_bytes_free(&pem);
  tlsock_bytes_free(&back);
  tlsock_certificate_free(one);
  tlsock_certificate_free(other);
  SAME_TEXT(tlsock_certificate_subject_text(again), "CN=localhost,O=tlsock");
  tlsock_certificate_free(again);
  tlsock_certificate_free(NULL);
}

static void no_certificate(void) {
  tlsock_certificate *certificate = NULL;
  FAILS(TLSOCK_SSL, NULL, tlsock_certificate_new_data("junk", 4, &certificate, E));
  FAILS(TLSOCK_SSL, NULL, tlsock_certificate_new_data("", 0, &certificate, E));
  size_t len;
  char *key = read_file(cert("rsa.key"), &len);
  FAILS(TLSOCK_SSL, NULL, tlsock_certificate_new_data(key, len, &certificate, E));
  free(key);
  CHECK(!certificate);
}

static void pair_is(const tlsock_name_pair *pair, const char *name, const char *value, size_t rdn) {
  SAME_TEXT(pair->name, name);
  SAME_BYTES(pair->value.data, pair->value.len, value, strlen(value));
  EQUAL(pair->rdn, rdn);
  CHECK(!pair->binary);
}

static void names(void) {
  tlsock_certificate *one = load("ecdsa.pem");
  tlsock_name_pair pair = {0};
  EQUAL(tlsock_certificate_subject_count(one), 2);
  CHECK(tlsock_certificate_subject_at(one, 0, &pair));
  pair_is(&pair, "organizationName", "tlsock", 0);
  CHECK(tlsock_certificate_subject_at(one, 1, &pair));
  pair_is(&pair, "commonName", "localhost", 1);
  CHECK(!tlsock_certificate_subject_at(one, 2, &pair));
  pair_is(&pair, "commonName", "localhost", 1);
  EQUAL(tlsock_certificate_issuer_count(one), 1);
  CHECK(tlsock_certificate_issuer_at(one, 0, &pair));
  pair_is(&pair, "commonName", "tlsock test intermediate", 0);
  CHECK(!tlsock_certificate_issuer_at(one, (size_t)-1, &pair));
  SAME_TEXT(tlsock_certificate_subject_text(one), "CN=localhost,O=tlsock");
  SAME_TEXT(tlsock_certificate_issuer_text(one), "CN=tlsock test intermediate");
  tlsock_certificate_free(one);
}

static void alternative_names(void) {
  static const char *const expected[][2] = {
      {"DNS", "localhost"}, {"IP Address", "127.0.0.1"}, {"IP Address", "0:0:0:0:0:0:0:1"}};
  tlsock_certificate *one = load("rsa.pem"), *client = load("client.pem"), *ca = load("ca.pem");
  tlsock_alt_name name = {0};
  EQUAL(tlsock_certificate_subject_alt_name_count(one), 3);
  for (size_t i = 0; i < 3; i++) {
    CHECK(tlsock_certificate_subject_alt_name_at(one, i, &name));
    SAME_TEXT(name.type, expected[i][0]);
    SAME_BYTES(name.value.data, name.value.len, expected[i][1], strlen(expected[i][1]));
  }
  CHECK(!tlsock_certificate_subject_alt_name_at(one, 3, &name));
  CHECK(tlsock_certificate_subject_alt_name_at(client, 0, &name));
  SAME_TEXT(name.type, "email");
  SAME_TEXT(name.value.data, "client@tlsock.example");
  EQUAL(tlsock_certificate_subject_alt_name_count(ca), 0);
  tlsock_certificate_free(one);
  tlsock_certificate_free(client);
  tlsock_certificate_free(ca);
}

static void validity(void) {
  tlsock_certificate *old = load("expired.pem"), *fresh = load("rsa.pem");
  int64_t seconds = 0, clock = (int64_t)time(NULL);
  SAME_TEXT(tlsock_certificate_not_before(old), "Jan  1 00:00:00 2020 GMT");
  SAME_TEXT(tlsock_certificate_not_after(old), "Feb  1 00:00:00 2020 GMT");
  EQUAL(tlsock_certificate_not_before_time(old), 1577836800);
  EQUAL(tlsock_certificate_not_after_time(old), 1580515200);
  OK(tlsock_cert_time_to_seconds(tlsock_certificate_not_after(fresh), &seconds, E));
  EQUAL(tlsock_certificate_not_after_time(fresh), seconds);
  CHECK(tlsock_certificate_not_before_time(fresh) <= clock + 1 && seconds > clock);
  tlsock_certificate_free(old);
  tlsock_certificate_free(fresh);
}

static void other_fields(void) {
  tlsock_certificate *one = load("rsa.pem");
  tlsock_bytes print = {NULL, 0};
  const char *serial = tlsock_certificate_serial_number(one), *json = NULL;
  EQUAL(tlsock_certificate_version(one), 3);
  CHECK(strlen(serial) >= 2 && strlen(serial) % 2 == 0);
  EQUAL(strspn(serial, "0123456789ABCDEF"), strlen(serial));
  EQUAL(tlsock_certificate_ocsp_count(one), 0);
  EQUAL(tlsock_certificate_ca_issuers_count(one), 0);
  EQUAL(tlsock_certificate_crl_distribution_points_count(one), 0);
  CHECK(!tlsock_certificate_ocsp_at(one, 0).data && !tlsock_certificate_ca_issuers_at(one, 0).data);
  CHECK(!tlsock_certificate_crl_distribution_points_at(one, 0).data);
  OK(tlsock_certificate_fingerprint(one, NULL, &print, E));
  EQUAL(print.len, 32);
  tlsock_bytes_free(&print);
  OK(tlsock_certificate_fingerprint(one, "sha1", &print, E));
  EQUAL(print.len, 20);
  tlsock_bytes_free(&print);
  FAILS(TLSOCK_VALUE, NULL, tlsock_certificate_fingerprint(one, "no-digest", &print, E));
  OK(tlsock_certificate_json(one, &json, E));
  static const char *const in_order[] = {"{\"subject\"",  "\"issuer\"",   "\"version\"",       "\"serialNumber\"",
                                         "\"notBefore\"", "\"notAfter\"", "\"subjectAltName\""};
  const char *at = json;
  for (int i = 0; i < 7; i++) CHECK((at = strstr(at, in_order[i])) != NULL);
  CHECK(strstr(json, "[[\"organizationName\",\"tlsock\"]]") || strstr(json, "[[\"organizationName\", \"tlsock\"]]"));
  tlsock_certificate_free(one);
}

// The certificates of a connection: leaf, chain as sent, chain as verified.
static void of_a_connection(void) {
  tlsock_context *client = new_client(0), *server = new_server("rsa", 0);
  tlsock_certificate *leaf = load("rsa.pem"), *root = load("ca.pem"), *peer = NULL, *none = (void *)&client;
  tlsock_certificate_list *sent = NULL, *verified = NULL;
  memory pair = memory_new(client, server, "localhost", NULL);
  EQUAL(memory_try(&pair, NULL), TLSOCK_OK);
  OK(tlsock_object_getpeercert(pair.client, &peer, E));
  CHECK(tlsock_certificate_equal(peer, leaf) && tlsock_certificate_verified(peer));
  OK(tlsock_object_getpeercert(pair.server, &none, E));
  CHECK(!none);
  OK(tlsock_object_get_unverified_chain(pair.client, &sent, E));
  OK(tlsock_object_get_verified_chain(pair.client, &verified, E));
  memory_free(&pair);
  tlsock_context_free(client);
  tlsock_context_free(server);
  EQUAL(tlsock_certificate_list_count(sent), 2);
  CHECK(tlsock_certificate_equal(tlsock_certificate_list_at(sent, 0), leaf));
  EQUAL(tlsock_certificate_list_count(verified), 3);
  CHECK(tlsock_certificate_equal(tlsock_certificate_list_at(verified, 0), leaf));
  CHECK(tlsock_certificate_equal(tlsock_certificate_list_at(verified, 2), root));
  CHECK(!tlsock_certificate_list_at(verified, 3));
  tlsock_certificate_list_free(sent);
  tlsock_certificate_list_free(verified);
  tlsock_certificate_free(peer);
  tlsock_certificate_free(leaf);
  tlsock_certificate_free(root);
}

TESTS(CASE(forms), CASE(no_certificate), CASE(names), CASE(alternative_names), CASE(validity), CASE(other_fields),
      CASE(of_a_connection))
