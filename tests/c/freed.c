// free_userdata may call the library, wherever the library frees a callback.
#include "fixture.h"

// What a free_userdata that is called at the end of each of these asks for: the very thing it was taken from.
typedef struct freed {
  tlsock_context *context;
  tlsock_object *object;
  tlsock_socket *socket;
  int frees;
} freed;

static int no_message(void *userdata, const tlsock_connection *connection, int direction, int version, int content_type,
                      int msg_type, const uint8_t *data, size_t len, tlsock_error **error) {
  (void)userdata, (void)connection, (void)direction, (void)version, (void)content_type, (void)msg_type, (void)data;
  (void)len, (void)error;
  return TLSOCK_OK;
}

static int no_password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  (void)userdata, (void)buffer, (void)size, (void)error;
  *len = 0;
  return TLSOCK_OK;
}

static int no_warning(void *userdata, const char *category, const char *message) {
  (void)userdata, (void)category, (void)message;
  return TLSOCK_OK;
}

static int no_session(void *userdata, const tlsock_connection *connection, tlsock_session *session,
                      tlsock_error **error) {
  (void)userdata, (void)connection, (void)error;
  tlsock_session_free(session);
  return TLSOCK_OK;
}

static int no_name(void *userdata, const tlsock_connection *connection, const char *name, tlsock_context *context,
                   tlsock_error **error) {
  (void)userdata, (void)connection, (void)name, (void)context, (void)error;
  return TLSOCK_OK;
}

static void ask_again(void *userdata) {
  freed *freed = userdata;
  tlsock_context *found = NULL;
  tlsock_bytes name = {NULL, 0};
  freed->frees++;
  if (freed->object) OK(tlsock_object_context(freed->object, &found, NULL));
  tlsock_context_free(found);
  found = NULL;
  if (freed->socket) {
    OK(tlsock_socket_context(freed->socket, &found, NULL));
    OK(tlsock_socket_close(freed->socket, NULL));
    tlsock_socket_ragged_eof(freed->socket);
  }
  tlsock_context_free(found);
  if (freed->context) {
    OK(tlsock_context_set_password_callback(freed->context, no_password, NULL, NULL, NULL));
    OK(tlsock_context_set_message_callback(freed->context, NULL, NULL, NULL, NULL));
    OK(tlsock_context_set_session_callback(freed->context, NULL, NULL, NULL, NULL));
    OK(tlsock_context_set_sni_callback(freed->context, NULL, NULL, NULL, NULL));
    OK(tlsock_context_keylog_filename(freed->context, &name, NULL));
    OK(tlsock_context_load_cert_chain(freed->context, cert("ecdsa.pem"), cert("ecdsa.key"), NULL, NULL));
    EQUAL(tlsock_context_load_cert_chain(freed->context, cert("rsa.pem"), cert("rsa-encrypted.key"), NULL, NULL),
          TLSOCK_SSL);
  }
  OK(tlsock_set_warning_callback(NULL, NULL, NULL, NULL));
}

static tlsock_context *with_freed(freed *freed) {
  tlsock_context *context = new_server("ecdsa", 0);
  OK(tlsock_context_set_message_callback(context, no_message, freed, ask_again, E));
  return context;
}

// Each would wait for itself if the library freed under a lock of its own.
static void replaced(void) {
  freed freed = {.context = new_server("ecdsa", 0)};
  for (int i = 0; i < 2; i++) {
    void *unset = NULL;
    OK(tlsock_context_set_password_callback(freed.context, no_password, &freed, ask_again, E));
    OK(tlsock_context_set_password_callback(freed.context, NULL, unset, NULL, E));
    OK(tlsock_context_set_message_callback(freed.context, no_message, &freed, ask_again, E));
    OK(tlsock_context_set_message_callback(freed.context, NULL, unset, NULL, E));
    OK(tlsock_context_set_session_callback(freed.context, no_session, &freed, ask_again, E));
    OK(tlsock_context_set_session_callback(freed.context, NULL, unset, NULL, E));
    OK(tlsock_context_set_sni_callback(freed.context, no_name, &freed, ask_again, E));
    OK(tlsock_context_set_sni_callback(freed.context, NULL, unset, NULL, E));
    OK(tlsock_set_warning_callback(no_warning, &freed, ask_again, E));
    OK(tlsock_set_warning_callback(NULL, unset, NULL, E));
    EQUAL(freed.frees, 5 * (i + 1));
  }
  tlsock_context_free(freed.context);
}

// The last of a context goes as its connection gets another one, or ends.
static void contexts(void) {
  tlsock_context *plain = new_server("ecdsa", 0), *watched = NULL, *client = new_client(0);
  freed freed = {.frees = 0};
  OK(tlsock_context_wrap_bio(plain, NULL, NULL, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &freed.object, E));
  OK(tlsock_object_set_context(freed.object, watched = with_freed(&freed), E));
  tlsock_context_free(watched);
  OK(tlsock_object_set_context(freed.object, plain, E));
  EQUAL(freed.frees, 1);
  tlsock_object_free(freed.object);
  freed.object = NULL;

  int fds[2];
  local_pair(fds);
  OK(tlsock_context_wrap_socket(plain, fds[0], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL,
                                &freed.socket, E));
  OK(tlsock_socket_set_context(freed.socket, watched = with_freed(&freed), E));
  tlsock_context_free(watched);
  OK(tlsock_socket_set_context(freed.socket, plain, E));
  EQUAL(freed.frees, 2);
  tlsock_socket_free(freed.socket);
  close(fds[1]);

  local_pair(fds);
  watched = with_freed(&freed);
  OK(tlsock_context_wrap_socket(watched, fds[0], TLSOCK_WRAP_SERVER_SIDE | TLSOCK_WRAP_NO_HANDSHAKE, NULL, NULL,
                                &freed.socket, E));
  tlsock_context_free(watched);
  OK(tlsock_socket_set_context(freed.socket, plain, E));
  OK(tlsock_socket_close(freed.socket, E));
  EQUAL(freed.frees, 3);
  tlsock_socket_free(freed.socket);
  close(fds[1]);
  tlsock_context_free(plain);
  tlsock_context_free(client);
}

TESTS(CASE(replaced), CASE(contexts))
