// Identities and certificates that are read while memory is short: whole, or not at all.
#ifndef MEMORY_IDENTITY_H
#define MEMORY_IDENTITY_H

static char *archive, whole_file[] = "/tmp/tlsock-identity-XXXXXX", whole_uri[64];
static size_t archive_len;

// One file with a key, and then its chain.
static void write_identity_file(void) {
  archive = read_file(cert("ecdsa.p12"), &archive_len);
  int file = mkstemp(whole_file);
  CHECK(archive && file >= 0);
  CHECK(write(file, key, key_len) == (ssize_t)key_len && write(file, chain, chain_len) == (ssize_t)chain_len);
  CHECK(close(file) == 0);
  snprintf(whole_uri, sizeof whole_uri, "file:%s", whole_file);
}

static void remove_identity_file(void) { unlink(whole_file); }

// Says TYPE, which memory is no reason for, where an identity has lost its issuer.
static int has_issuer(const tlsock_identity *identity, tlsock_error **error) {
  tlsock_certificate_list *list = NULL;
  int said = tlsock_identity_certificates(identity, &list, error);
  if (said != TLSOCK_OK) return said;
  size_t count = tlsock_certificate_list_count(list);
  tlsock_certificate_list_free(list);
  return count == 2 ? TLSOCK_OK : TLSOCK_TYPE;
}

static void identity_of_archive(void) {
  tlsock_identity *identity = NULL;
  STEP(TLSOCK_OK, tlsock_identity_new_pkcs12(archive, archive_len, "sesame", &identity, &error));
  STEP(TLSOCK_OK, has_issuer(identity, &error));
  tlsock_identity_free(identity);
}

static void identity_of_uri(void) {
  tlsock_identity *identity = NULL;
  STEP(TLSOCK_OK, tlsock_identity_new_uri(whole_uri, NULL, NULL, &identity, &error));
  STEP(TLSOCK_OK, has_issuer(identity, &error));
  tlsock_identity_free(identity);
}

// What a certificate says of itself stays wrong in no field once there is memory again. JSON has them all.
static void fields_of_certificate(void) {
  tlsock_certificate *one = NULL, *other = NULL;
  const char *said = NULL, *right = NULL;
  STEP(TLSOCK_OK, tlsock_certificate_new_data(chain, chain_len, &one, &error));
  if (told->status != TLSOCK_OK) return;
  armed = true;
  (void)tlsock_certificate_json(one, &said, NULL);
  armed = false;
  OK(tlsock_certificate_new_data(chain, chain_len, &other, E));
  OK(tlsock_certificate_json(other, &right, E));
  if (tlsock_certificate_json(one, &said, NULL) != TLSOCK_OK || strcmp(said, right) != 0) told->status = TLSOCK_TYPE;
  tlsock_certificate_free(one), tlsock_certificate_free(other);
}

#endif
