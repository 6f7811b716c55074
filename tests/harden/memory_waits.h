// What memory.c tries of handshakes that wait: in each version, with a verdict and a signature that must not be accepted too.
// The thread of a handshake that waits for its signer lacks memory as the others do.
#ifndef MEMORY_WAITS_H
#define MEMORY_WAITS_H

#include "waits.h"

static bool was_armed;

static void waits_enter(void) { was_armed = armed, armed = false; }
static void waits_leave(void) { armed = was_armed; }

// A conversation in which `about` is answered by this in the end. OK if it comes to what that answer has to lead to.
static void waits_of(int version, question about, int answer, int expected) {
  tlsock_context *client = NULL, *server = NULL;
  tlsock_bio *up = NULL, *down = NULL;
  tlsock_object *from = NULL, *to = NULL;
  waits own = {.enter = waits_enter, .leave = waits_leave};
  char byte;
  size_t len = 0;
  own.answers[about] = answer;
  waiting = &own;
  own.server_key = waits_key("ecdsa.key"), own.client_key = waits_key("client.key");
  STEP(TLSOCK_OK, waits_identity_new("ecdsa.pem", false, &own.of_server, &error));
  STEP(TLSOCK_OK, waits_identity_new("client.pem", true, &own.of_client, &error));
  STEP(TLSOCK_OK, tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, authority, authority_len, &client, &error));
  STEP(TLSOCK_OK, tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, authority, authority_len, &server, &error));
  STEP(TLSOCK_OK, tlsock_context_set_maximum_version(client, version, &error));
  STEP(TLSOCK_OK, tlsock_context_set_verify_mode(server, TLSOCK_CERT_REQUIRED, &error));
  STEP(TLSOCK_OK, tlsock_context_use_identity(server, own.of_server, &error));
  STEP(TLSOCK_OK, waits_callbacks(client, true, &error));
  STEP(TLSOCK_OK, waits_callbacks(server, false, &error));
  STEP(TLSOCK_OK, tlsock_bio_new(&up, &error));
  STEP(TLSOCK_OK, tlsock_bio_new(&down, &error));
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(client, down, up, 0, "localhost", NULL, &from, &error));
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(server, up, down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &to, &error));
  shake(from, to);
  STEP(TLSOCK_OK, tlsock_object_write(from, "!", 1, NULL, &error));
  STEP(TLSOCK_OK, tlsock_object_read(to, &byte, 1, &len, &error));
  // A peer that has to be refused was let in, or it was refused as it has to be.
  if (expected != TLSOCK_OK && told->status == TLSOCK_OK) told->status = TLSOCK_TYPE;
  else if (told->status == expected) told->status = TLSOCK_OK;
  tlsock_object_free(from), tlsock_object_free(to);
  tlsock_bio_free(up), tlsock_bio_free(down);
  tlsock_context_free(client), tlsock_context_free(server);
  tlsock_identity_free(own.of_server), tlsock_identity_free(own.of_client);
  EVP_PKEY_free(own.server_key), EVP_PKEY_free(own.client_key);
  waiting = NULL;
}

static void waits_1_2(void) { waits_of(TLSOCK_TLS_VERSION_TLSV1_2, OF_HELLO, TLSOCK_OK, TLSOCK_OK); }
static void waits_1_3(void) { waits_of(TLSOCK_TLS_VERSION_TLSV1_3, OF_HELLO, TLSOCK_OK, TLSOCK_OK); }

static void bad_client_1_2(void) {
  waits_of(TLSOCK_TLS_VERSION_TLSV1_2, VERDICT_ON_CLIENT, TLSOCK_VALUE, TLSOCK_CERT_VERIFICATION);
}

static void bad_client_1_3(void) {
  waits_of(TLSOCK_TLS_VERSION_TLSV1_3, VERDICT_ON_CLIENT, TLSOCK_VALUE, TLSOCK_CERT_VERIFICATION);
}

static void bad_server(void) {
  waits_of(TLSOCK_TLS_VERSION_TLSV1_3, VERDICT_ON_SERVER, TLSOCK_VALUE, TLSOCK_CERT_VERIFICATION);
}

static void bad_signature(void) { waits_of(TLSOCK_TLS_VERSION_TLSV1_2, SERVERS_SIGNATURE, JUNK, TLSOCK_SSL); }

// ---- keys of tickets, from files ----

static const char *ticket_files[3];

static void write_file(const char *path, const void *data, size_t len) {
  FILE *file = fopen(path, "w");
  CHECK(file && fwrite(data, 1, len, file) == len && fclose(file) == 0);
}

// Two keys as nginx has them, and three as HAProxy has.
static void write_ticket_files(void) {
  static char folder[] = "/tmp/tlsock-tickets-XXXXXX", paths[3][64];
  static const char lines[] =
      "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n"
      "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\n"
      "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD\n";
  uint8_t key[80];
  CHECK(mkdtemp(folder) != NULL);
  for (int i = 0; i < 3; i++) {
    snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
    ticket_files[i] = paths[i];
    memset(key, 'a' + i, sizeof key), key[40] = 0;
    if (i < 2) write_file(paths[i], key, sizeof key);
    else write_file(paths[i], lines, sizeof lines - 1);
  }
}

static void remove_ticket_files(void) {
  char folder[64];
  for (int i = 0; i < 3; i++) unlink(ticket_files[i]);
  snprintf(folder, sizeof folder, "%s", ticket_files[0]);
  *strrchr(folder, '/') = '\0';
  rmdir(folder);
}

static void ticket_keys(void) {
  tlsock_context *server = NULL;
  const char *missing = "/tmp/tlsock-tickets-of-nobody";
  STEP(TLSOCK_OK, tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, &error));
  STEP(TLSOCK_OK, tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, ticket_files, 2, &error));
  STEP(TLSOCK_OK, tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_HAPROXY, ticket_files + 2, 1, &error));
  STEP(TLSOCK_VALUE, tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_HAPROXY, ticket_files, 1, &error));
  STEP(TLSOCK_OS, tlsock_context_load_ticket_keys(server, TLSOCK_TICKET_KEYS_NGINX, &missing, 1, &error));
  tlsock_context_free(server);
}

// A server that is not verified, and has another key than the pinned one: refused however short memory is.
static void bad_pin_of(int version) {
  const char *pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  tlsock_context *client = NULL, *server = NULL;
  tlsock_bio *up = NULL, *down = NULL;
  tlsock_object *from = NULL, *to = NULL;
  STEP(TLSOCK_OK, tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &client, &error));
  STEP(TLSOCK_OK, tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server, &error));
  STEP(TLSOCK_OK, tlsock_context_set_maximum_version(client, version, &error));
  STEP(TLSOCK_OK, tlsock_context_set_check_hostname(client, false, &error));
  STEP(TLSOCK_OK, tlsock_context_set_verify_mode(client, TLSOCK_CERT_NONE, &error));
  STEP(TLSOCK_OK, tlsock_context_set_pins(client, &pin, 1, &error));
  STEP(TLSOCK_OK, tlsock_context_load_cert_chain_data(server, chain, chain_len, key, key_len, NULL, &error));
  STEP(TLSOCK_OK, tlsock_bio_new(&up, &error));
  STEP(TLSOCK_OK, tlsock_bio_new(&down, &error));
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(client, down, up, 0, NULL, NULL, &from, &error));
  STEP(TLSOCK_OK, tlsock_context_wrap_bio(server, up, down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &to, &error));
  shake(from, to);
  if (told->status == TLSOCK_OK) told->status = TLSOCK_TYPE;
  else if (told->status == TLSOCK_CERT_VERIFICATION) told->status = TLSOCK_OK;
  tlsock_object_free(from), tlsock_object_free(to);
  tlsock_bio_free(up), tlsock_bio_free(down);
  tlsock_context_free(client), tlsock_context_free(server);
}

static void bad_pin_1_2(void) { bad_pin_of(TLSOCK_TLS_VERSION_TLSV1_2); }
static void bad_pin_1_3(void) { bad_pin_of(TLSOCK_TLS_VERSION_TLSV1_3); }

#endif
