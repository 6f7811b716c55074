// JavaScript functions as callbacks of a context. The library calls them only during a call that the addon makes, so always
// on the thread of their environment.
//
// lib/callback.js keeps the functions alive, lib/current.js knows which connection is at work; here they are held weakly, or a
// function that refers to its context would keep both for ever.

#include <stdlib.h>
#include <string.h>

#include "addon.h"

struct callback {
  napi_env env;
  napi_ref function;
};

void callback_free(void *userdata) {
  callback *callback = userdata;
  napi_delete_reference(callback->env, callback->function);
  free(callback);
}

bool callback_new(const call *c, size_t index, callback **made) {
  napi_valuetype type = napi_undefined;
  napi_typeof(c->env, c->argv[index], &type);
  *made = NULL;
  if (type != napi_function) return true;
  napi_ref function = NULL;
  if (napi_create_reference(c->env, c->argv[index], 0, &function) == napi_ok) *made = malloc(sizeof **made);
  if (*made) return **made = (callback){c->env, function}, true;
  if (function) napi_delete_reference(c->env, function);
  return check(c, TLSOCK_NO_MEMORY, &(tlsock_error *){NULL});
}

napi_env callback_env(const callback *callback) { return callback->env; }

int callback_failed(napi_env env, tlsock_error **error) {
  napi_value thrown = NULL;
  napi_get_and_clear_last_exception(env, &thrown);
  *error = tlsock_error_new(TLSOCK_VALUE, "the callback threw");
  return TLSOCK_VALUE;
}

bool callback_invoke(const callback *callback, size_t count, const napi_value *arguments, napi_value *answer) {
  napi_env env = callback->env;
  napi_value function = NULL, undefined = NULL;
  *answer = NULL;
  napi_get_reference_value(env, callback->function, &function);
  if (!function) return true;
  napi_get_undefined(env, &undefined);
  return napi_call_function(env, undefined, function, count, arguments, answer) == napi_ok;
}

bool callback_waits(napi_env env, napi_value answer) {
  napi_valuetype type = napi_undefined;
  return answer && napi_typeof(env, answer, &type) == napi_ok && type == napi_symbol;
}

// A function that was collected decides nothing: the peer that it would have been asked about is refused.
static int callback_gone(tlsock_error **error) {
  *error = tlsock_error_new(TLSOCK_VALUE, "the callback is gone");
  return TLSOCK_VALUE;
}

static int on_sni(void *userdata, const tlsock_connection *connection, const char *server_name, tlsock_context *context,
                  tlsock_error **error) {
  (void)connection, (void)context;
  napi_env env = ((callback *)userdata)->env;
  napi_value argument = from_text(env, server_name), answer = NULL;
  if (!callback_invoke(userdata, 1, &argument, &answer)) return callback_failed(env, error), -1;
  if (!answer) return callback_gone(error), -1;
  int32_t alert = 0;
  napi_get_value_int32(env, answer, &alert);
  return alert;
}

// The function answers with the index of the protocol, -1 for none.
static int on_alpn(void *userdata, const tlsock_connection *connection, const char *server_name,
                   const tlsock_slice *protocols, size_t count, size_t *chosen, tlsock_error **error) {
  (void)connection;
  napi_env env = ((callback *)userdata)->env;
  napi_value list = NULL, name = NULL, answer = NULL;
  napi_create_array(env, &list);
  for (uint32_t i = 0; i < count; i++) {
    napi_create_string_latin1(env, (const char *)protocols[i].data, protocols[i].len, &name);
    napi_set_element(env, list, i, name);
  }
  napi_value arguments[] = {from_text(env, server_name), list};
  if (!callback_invoke(userdata, 2, arguments, &answer)) return callback_failed(env, error);
  if (!answer) return callback_gone(error);
  int32_t index = -1;
  napi_get_value_int32(env, answer, &index);
  if (index >= 0) *chosen = (size_t)index;
  return TLSOCK_OK;
}

static int give_key(napi_env env, napi_value answer, uint8_t *psk, size_t psk_size, size_t *psk_len,
                    tlsock_error **error) {
  if (give_secret(env, answer, psk, psk_size, psk_len)) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_VALUE, "the key is too long");
  return TLSOCK_VALUE;
}

// The function answers [identity, key], or null to decline.
static int on_psk_client(void *userdata, const tlsock_connection *connection, const char *hint, char *identity,
                         size_t identity_size, uint8_t *psk, size_t psk_size, size_t *psk_len, tlsock_error **error) {
  (void)connection;
  napi_env env = ((callback *)userdata)->env;
  napi_value argument = from_text(env, hint), answer = NULL, name = NULL, key = NULL;
  if (!callback_invoke(userdata, 1, &argument, &answer)) return callback_failed(env, error);
  if (!answer) return callback_gone(error);
  bool pair = false;
  *psk_len = 0;
  if (napi_is_array(env, answer, &pair) != napi_ok || !pair) return TLSOCK_OK;
  napi_get_element(env, answer, 0, &name);
  napi_get_element(env, answer, 1, &key);
  size_t len = 0;
  napi_get_value_string_utf8(env, name, NULL, 0, &len);
  if (len >= identity_size) {
    *error = tlsock_error_new(TLSOCK_VALUE, "the identity is too long");
    return TLSOCK_VALUE;
  }
  napi_get_value_string_utf8(env, name, identity, identity_size, &len);
  return give_key(env, key, psk, psk_size, psk_len, error);
}

static int on_psk_server(void *userdata, const tlsock_connection *connection, const char *identity, uint8_t *psk,
                         size_t psk_size, size_t *psk_len, tlsock_error **error) {
  (void)connection;
  napi_env env = ((callback *)userdata)->env;
  napi_value argument = from_text(env, identity), answer = NULL;
  if (!callback_invoke(userdata, 1, &argument, &answer)) return callback_failed(env, error);
  if (!answer) return callback_gone(error);
  *psk_len = 0;
  return give_key(env, answer, psk, psk_size, psk_len, error);
}

static int on_message(void *userdata, const tlsock_connection *connection, int direction, int version, int content_type,
                      int msg_type, const uint8_t *data, size_t len, tlsock_error **error) {
  (void)connection;
  napi_env env = ((callback *)userdata)->env;
  napi_value answer = NULL;
  napi_value arguments[] = {from_int(env, direction), from_int(env, version), from_int(env, content_type),
                            from_int(env, msg_type), from_bytes(env, len ? (const void *)data : "", len)};
  return callback_invoke(userdata, 5, arguments, &answer) ? TLSOCK_OK : callback_failed(env, error);
}

static int on_keylog(void *userdata, const tlsock_connection *connection, const char *line, tlsock_error **error) {
  (void)connection;
  napi_env env = ((callback *)userdata)->env;
  napi_value argument = from_text(env, line), answer = NULL;
  return callback_invoke(userdata, 1, &argument, &answer) ? TLSOCK_OK : callback_failed(env, error);
}

static int on_session(void *userdata, const tlsock_connection *connection, tlsock_session *session,
                      tlsock_error **error) {
  (void)connection;
  napi_env env = ((callback *)userdata)->env;
  napi_value argument = from_session(env, session), answer = NULL;
  return callback_invoke(userdata, 1, &argument, &answer) ? TLSOCK_OK : callback_failed(env, error);
}

// Only true accepts.
static int on_verify(void *userdata, const tlsock_connection *connection, const tlsock_verification *verification,
                     tlsock_error **error) {
  (void)connection;
  napi_env env = callback_env(userdata);
  napi_value argument = from_verification(env, verification), answer = NULL;
  if (!callback_invoke(userdata, 1, &argument, &answer)) return callback_failed(env, error);
  if (callback_waits(env, answer)) return TLSOCK_WANT_CALLBACK;
  bool accepted = false;
  if (answer && napi_get_value_bool(env, answer, &accepted) == napi_ok && accepted) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_VALUE, "the verify callback refused the peer");
  return TLSOCK_VALUE;
}

// The library has one warning callback for the process, and calls it on the thread that caused the warning: so each environment
// has its own function.
static _Thread_local callback *warning_callback;

static int on_warning(void *userdata, const char *category, const char *message) {
  (void)userdata;
  if (!warning_callback) return TLSOCK_OK;
  napi_env env = warning_callback->env;
  napi_value arguments[] = {from_text(env, category), from_text(env, message)}, answer = NULL;
  if (callback_invoke(warning_callback, 2, arguments, &answer)) return TLSOCK_OK;
  tlsock_error *unused = NULL;
  int status = callback_failed(env, &unused);
  tlsock_error_free(unused);
  return status;
}

// Called when the environment ends or another function replaces this one.
static void forget_warning_callback(void *unused) {
  (void)unused;
  if (warning_callback) callback_free(warning_callback);
  warning_callback = NULL;
}

// setWarningCallback(null, function)
static napi_value set_warning_callback(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  callback *made = NULL;
  if (!callback_new(&c, 1, &made)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_set_warning_callback(on_warning, NULL, NULL, &error);
  if (status != TLSOCK_OK) {
    if (made) callback_free(made);
    return done(&c, status, &error);
  }
  // A hook may be added only once.
  napi_remove_env_cleanup_hook(env, forget_warning_callback, NULL);
  napi_add_env_cleanup_hook(env, forget_warning_callback, NULL);
  forget_warning_callback(NULL);
  warning_callback = made;
  return NULL;
}

napi_value with_callback(napi_env env, napi_callback_info info, callback_setter setter) {
  call c = begin(env, info);
  callback *made = NULL;
  if (!callback_new(&c, 1, &made)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = setter(&c, made, made ? callback_free : NULL, &error);
  if (status != TLSOCK_OK && made) callback_free(made);
  return done(&c, status, &error);
}

static tlsock_status use_sni(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_sni_callback(to_context(c, 0), made ? on_sni : NULL, made, free_made, error);
}

static napi_value set_sni_callback(napi_env env, napi_callback_info info) { return with_callback(env, info, use_sni); }

static tlsock_status use_alpn(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_alpn_callback(to_context(c, 0), made ? on_alpn : NULL, made, free_made, error);
}

static napi_value set_alpn_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_alpn);
}

static tlsock_status use_servername(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_servername_callback(to_context(c, 0), made ? on_sni : NULL, made, free_made, error);
}

static napi_value set_servername_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_servername);
}

static tlsock_status use_psk_client(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_psk_client_callback(to_context(c, 0), made ? on_psk_client : NULL, made, free_made, error);
}

static napi_value set_psk_client_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_psk_client);
}

static tlsock_status use_psk_server(const call *c, callback *made, release free_made, tlsock_error **error) {
  char *hint;
  if (!to_text(c, 2, &hint)) return TLSOCK_NO_MEMORY;
  tlsock_status status = tlsock_context_set_psk_server_callback(to_context(c, 0), made ? on_psk_server : NULL, hint,
                                                                made, free_made, error);
  text_free(hint);
  return status;
}

// setPskServerCallback(context, function, identityHint)
static napi_value set_psk_server_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_psk_server);
}

static napi_value psk_required(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_context_psk_required(to_context(&c, 0)));
}

static napi_value set_psk_required(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_psk_required);
}

static tlsock_status use_message(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_message_callback(to_context(c, 0), made ? on_message : NULL, made, free_made, error);
}

static napi_value set_message_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_message);
}

static tlsock_status use_keylog(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_keylog_callback(to_context(c, 0), made ? on_keylog : NULL, made, free_made, error);
}

static napi_value set_keylog_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_keylog);
}

static tlsock_status use_session(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_session_callback(to_context(c, 0), made ? on_session : NULL, made, free_made, error);
}

static napi_value set_session_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_session);
}

static tlsock_status use_verify(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_verify_callback(to_context(c, 0), (uint32_t)to_int(c, 2), made ? on_verify : NULL, made,
                                            free_made, error);
}

// setVerifyCallback(context, function, flags)
static napi_value set_verify_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_verify);
}

void export_callback(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"setSniCallback", set_sni_callback},
      {"setAlpnCallback", set_alpn_callback},
      {"setServernameCallback", set_servername_callback},
      {"setPskClientCallback", set_psk_client_callback},
      {"setPskServerCallback", set_psk_server_callback},
      {"pskRequired", psk_required},
      {"setPskRequired", set_psk_required},
      {"setMessageCallback", set_message_callback},
      {"setKeylogCallback", set_keylog_callback},
      {"setSessionCallback", set_session_callback},
      {"setVerifyCallback", set_verify_callback},
      {"setWarningCallback", set_warning_callback},
  };
  EXPORT(functions);
}
