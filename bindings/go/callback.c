// Passes the library's callbacks on to the functions that the Go files export. Handles are numbers there, because a Go
// pointer must not hold a value that is not a pointer.
#include "callback.h"

#include "_cgo_export.h"

static void release(void *userdata) { tlsock_go_release((uintptr_t)userdata); }

static uintptr_t owner(const tlsock_connection *connection) { return (uintptr_t)connection->userdata; }

static int sni(void *userdata, const tlsock_connection *connection, const char *server_name, tlsock_context *context,
               tlsock_error **error) {
  (void)context;
  return tlsock_go_sni((uintptr_t)userdata, connection->object, owner(connection), (char *)server_name, error);
}

static int client_hello(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello,
                        int *alert, tlsock_error **error) {
  return tlsock_go_client_hello((uintptr_t)userdata, connection->object, owner(connection),
                                (tlsock_client_hello *)hello, alert, error);
}

static int alpn(void *userdata, const tlsock_connection *connection, const char *server_name,
                const tlsock_slice *protocols, size_t count, size_t *chosen, tlsock_error **error) {
  return tlsock_go_alpn((uintptr_t)userdata, connection->object, owner(connection), (char *)server_name,
                        (tlsock_slice *)protocols, count, chosen, error);
}

static int password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  return tlsock_go_password((uintptr_t)userdata, buffer, size, len, error);
}

static int psk_client(void *userdata, const tlsock_connection *connection, const char *hint, char *identity,
                      size_t identity_size, uint8_t *psk, size_t psk_size, size_t *psk_len, tlsock_error **error) {
  return tlsock_go_psk_client((uintptr_t)userdata, connection->object, owner(connection), (char *)hint, identity,
                              identity_size, psk, psk_size, psk_len, error);
}

static int psk_server(void *userdata, const tlsock_connection *connection, const char *identity, uint8_t *psk,
                      size_t psk_size, size_t *psk_len, tlsock_error **error) {
  return tlsock_go_psk_server((uintptr_t)userdata, connection->object, owner(connection), (char *)identity, psk,
                              psk_size, psk_len, error);
}

static int message(void *userdata, const tlsock_connection *connection, int direction, int version, int content_type,
                   int msg_type, const uint8_t *data, size_t len, tlsock_error **error) {
  return tlsock_go_message((uintptr_t)userdata, connection->object, owner(connection), direction, version, content_type,
                           msg_type, (uint8_t *)data, len, error);
}

static int keylog(void *userdata, const tlsock_connection *connection, const char *line, tlsock_error **error) {
  return tlsock_go_keylog((uintptr_t)userdata, connection->object, owner(connection), (char *)line, error);
}

static int session(void *userdata, const tlsock_connection *connection, tlsock_session *session, tlsock_error **error) {
  return tlsock_go_session((uintptr_t)userdata, connection->object, owner(connection), session, error);
}

static int session_put(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len,
                       const uint8_t *data, size_t data_len, int64_t seconds, tlsock_error **error) {
  return tlsock_go_session_put((uintptr_t)userdata, connection->object, owner(connection), (uint8_t *)id, id_len,
                               (uint8_t *)data, data_len, seconds, error);
}

static int session_get(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len,
                       uint8_t *data, size_t size, size_t *len, tlsock_error **error) {
  return tlsock_go_session_get((uintptr_t)userdata, connection->object, owner(connection), (uint8_t *)id, id_len, data,
                               size, len, error);
}

static int session_remove(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len,
                          tlsock_error **error) {
  return tlsock_go_session_remove((uintptr_t)userdata, connection->object, owner(connection), (uint8_t *)id, id_len,
                                  error);
}

static int identity(void *userdata, const tlsock_connection *connection, tlsock_identity_request *request,
                    tlsock_error **error) {
  return tlsock_go_identity((uintptr_t)userdata, connection->object, owner(connection), request, error);
}

static int verify(void *userdata, const tlsock_connection *connection, const tlsock_verification *verification,
                  tlsock_error **error) {
  return tlsock_go_verify((uintptr_t)userdata, connection->object, owner(connection),
                          (tlsock_verification *)verification, error);
}

// The record of the connection for which this thread is in the library.
static _Thread_local uintptr_t working;

uintptr_t tlsock_go_work_for(uintptr_t owner) {
  uintptr_t outer = working;
  working = owner;
  return outer;
}

static int sign(void *userdata, const char *algorithm, const char *digest, const uint8_t *data, size_t data_len,
                uint8_t *signature, size_t size, size_t *signature_len, tlsock_error **error) {
  return tlsock_go_sign((uintptr_t)userdata, working, (char *)algorithm, (char *)digest, (uint8_t *)data, data_len,
                        signature, size, signature_len, error);
}

static int warning(void *userdata, const char *category, const char *text) {
  return tlsock_go_warning((uintptr_t)userdata, (char *)category, (char *)text);
}

tlsock_status tlsock_go_set_sni(tlsock_context *context, uintptr_t handle, bool strict, tlsock_error **error) {
  if (strict)
    return tlsock_context_set_servername_callback(context, handle ? sni : NULL, (void *)handle, release, error);
  return tlsock_context_set_sni_callback(context, handle ? sni : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_client_hello(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_client_hello_callback(context, handle ? client_hello : NULL, (void *)handle, release,
                                                  error);
}

tlsock_status tlsock_go_set_alpn(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_alpn_callback(context, handle ? alpn : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_password(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_password_callback(context, handle ? password : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_load_cert_chain(tlsock_context *context, const char *certfile, const char *keyfile,
                                        uintptr_t handle, tlsock_error **error) {
  return tlsock_context_load_cert_chain_asking(context, certfile, keyfile, password, (void *)handle, error);
}

tlsock_status tlsock_go_load_cert_chain_data(tlsock_context *context, const uint8_t *cert, size_t cert_len,
                                             const uint8_t *key, size_t key_len, uintptr_t handle,
                                             tlsock_error **error) {
  return tlsock_context_load_cert_chain_data_asking(context, cert, cert_len, key, key_len, password, (void *)handle,
                                                    error);
}

tlsock_status tlsock_go_set_psk_client(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_psk_client_callback(context, handle ? psk_client : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_psk_server(tlsock_context *context, uintptr_t handle, const char *identity_hint,
                                       tlsock_error **error) {
  return tlsock_context_set_psk_server_callback(context, handle ? psk_server : NULL, identity_hint, (void *)handle,
                                                release, error);
}

tlsock_status tlsock_go_set_message(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_message_callback(context, handle ? message : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_keylog(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_keylog_callback(context, handle ? keylog : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_session(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_session_callback(context, handle ? session : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_session_cache(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_session_cache(context, handle ? session_put : NULL, handle ? session_get : NULL,
                                          handle ? session_remove : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_identity(tlsock_context *context, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_identity_callback(context, handle ? identity : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_set_verify(tlsock_context *context, uint32_t flags, uintptr_t handle, tlsock_error **error) {
  return tlsock_context_set_verify_callback(context, flags, handle ? verify : NULL, (void *)handle, release, error);
}

tlsock_status tlsock_go_new_signer(const uint8_t *chain, size_t chain_len, uintptr_t handle, tlsock_identity **identity,
                                   tlsock_error **error) {
  return tlsock_identity_new_signer(chain, chain_len, 0, sign, (void *)handle, release, identity, error);
}

tlsock_status tlsock_go_set_warning(uintptr_t handle, tlsock_error **error) {
  return tlsock_set_warning_callback(handle ? warning : NULL, (void *)handle, release, error);
}

void tlsock_go_set_userdata(tlsock_object *object, uintptr_t handle) {
  tlsock_object_set_userdata(object, (void *)handle);
}
