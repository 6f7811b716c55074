// Where a server keeps its sessions outside of the process. One function of JavaScript, (what, id, data, seconds), is called for all
// three.
#include "addon.h"

// The numbers are known to lib/session-cache.js.
enum what { PUT, GET, REMOVE };

static bool ask(void *userdata, enum what what, const uint8_t *id, size_t id_len, napi_value data, int64_t seconds,
                napi_value *answer) {
  napi_env env = callback_env(userdata);
  napi_value arguments[] = {from_int(env, what), from_bytes(env, id, id_len), data, from_int(env, seconds)};
  return callback_invoke(userdata, 4, arguments, answer);
}

static int on_put(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len,
                  const uint8_t *data, size_t data_len, int64_t seconds, tlsock_error **error) {
  (void)connection;
  napi_env env = callback_env(userdata);
  napi_value answer = NULL, bytes = fresh_buffer(env, data, data_len);
  // Without memory the session is not kept.
  if (!bytes) return TLSOCK_OK;
  return ask(userdata, PUT, id, id_len, bytes, seconds, &answer) ? TLSOCK_OK : callback_failed(env, error);
}

static int on_get(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len, uint8_t *data,
                  size_t data_size, size_t *data_len, tlsock_error **error) {
  (void)connection;
  napi_env env = callback_env(userdata);
  napi_value answer = NULL;
  tlsock_slice found;
  if (!ask(userdata, GET, id, id_len, null_value(env), 0, &answer)) return callback_failed(env, error);
  // What is too long is no session of this library's.
  if (answer && borrow(env, answer, &found) && found.len <= data_size)
    give_secret(env, answer, data, data_size, data_len);
  return TLSOCK_OK;
}

static int on_remove(void *userdata, const tlsock_connection *connection, const uint8_t *id, size_t id_len,
                     tlsock_error **error) {
  (void)connection;
  napi_env env = callback_env(userdata);
  napi_value answer = NULL;
  return ask(userdata, REMOVE, id, id_len, null_value(env), 0, &answer) ? TLSOCK_OK : callback_failed(env, error);
}

static tlsock_status use_session_cache(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_session_cache(to_context(c, 0), made ? on_put : NULL, made ? on_get : NULL,
                                          made ? on_remove : NULL, made, free_made, error);
}

static napi_value set_session_cache(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_session_cache);
}

void export_session_cache(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"setSessionCache", set_session_cache},
  };
  EXPORT(functions);
}
