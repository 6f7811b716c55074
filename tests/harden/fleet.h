// Callbacks of servers that share what they have, and of handshakes whose answers come late.
#ifndef FLEET_H
#define FLEET_H

#include <stdbool.h>
#include <string.h>
#include <tlsock.h>

typedef struct place {
  uint8_t id[32], data[8192];
  size_t len;
} place;

static int put(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len, const uint8_t *data,
               size_t data_len, int64_t seconds, tlsock_error **error) {
  place *place = userdata;
  (void)connection, (void)seconds, (void)error;
  if (id_len != sizeof place->id || data_len > sizeof place->data) return TLSOCK_OK;
  memcpy(place->id, id, id_len), memcpy(place->data, data, data_len);
  place->len = data_len;
  return TLSOCK_OK;
}

static int get(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len, uint8_t *data,
               size_t data_size, size_t *data_len, tlsock_error **error) {
  place *place = userdata;
  (void)connection, (void)data_size, (void)error;
  if (id_len != sizeof place->id || memcmp(id, place->id, id_len) != 0) return TLSOCK_OK;
  memcpy(data, place->data, place->len);
  *data_len = place->len;
  return TLSOCK_OK;
}

// Every other answer comes late.
static bool comes_late(void) {
  static bool late;
  return late = !late;
}

static int see_hello(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello, int *alert,
                     tlsock_error **error) {
  (void)userdata, (void)connection, (void)alert, (void)error;
  // Without memory there are none.
  (void)tlsock_client_hello_ja3(hello), (void)tlsock_client_hello_ja4(hello);
  return comes_late() ? TLSOCK_WANT_CALLBACK : TLSOCK_OK;
}

static int accept_peer(void *userdata, const tlsock_connection *connection, const tlsock_verification *verification,
                       tlsock_error **error) {
  (void)userdata, (void)connection, (void)error;
  if (comes_late()) return TLSOCK_WANT_CALLBACK;
  return tlsock_verification_certificate(verification) ? TLSOCK_OK : TLSOCK_TYPE;
}

#endif
