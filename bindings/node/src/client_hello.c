// The first message of a client, as a client hello callback sees it, and who sees it.

#include "addon.h"

typedef size_t (*counter)(const tlsock_client_hello *hello);
typedef int (*number_at)(const tlsock_client_hello *hello, size_t index);

static napi_value from_numbers(napi_env env, const tlsock_client_hello *hello, counter count_of, number_at at) {
  napi_value result = NULL;
  size_t count = count_of(hello);
  napi_create_array_with_length(env, count, &result);
  for (size_t i = 0; i < count; i++) napi_set_element(env, result, (uint32_t)i, from_int(env, at(hello, i)));
  return result;
}

// One character for each byte: a client may offer any bytes.
static napi_value from_alpn(napi_env env, const tlsock_client_hello *hello) {
  napi_value result = NULL;
  size_t count = tlsock_client_hello_alpn_count(hello);
  napi_create_array_with_length(env, count, &result);
  for (size_t i = 0; i < count; i++) {
    tlsock_slice protocol = tlsock_client_hello_alpn_at(hello, i);
    napi_value text = NULL;
    napi_create_string_latin1(env, (const char *)protocol.data, protocol.len, &text);
    napi_set_element(env, result, (uint32_t)i, text);
  }
  return result;
}

static napi_value from_extensions(napi_env env, const tlsock_client_hello *hello) {
  napi_value result = NULL;
  size_t count = tlsock_client_hello_extension_count(hello);
  napi_create_array_with_length(env, count, &result);
  for (size_t i = 0; i < count; i++) {
    tlsock_slice data = tlsock_client_hello_extension_data_at(hello, i);
    napi_value extension = NULL;
    napi_create_object(env, &extension);
    set(env, extension, "type", from_int(env, tlsock_client_hello_extension_type_at(hello, i)));
    set(env, extension, "data", from_bytes(env, data.data, data.len));
    napi_set_element(env, result, (uint32_t)i, extension);
  }
  return result;
}

// A copy of all facts: the message is lent.
static napi_value from_client_hello(napi_env env, const tlsock_client_hello *hello) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "isSecond", from_bool(env, tlsock_client_hello_is_second(hello)));
  set(env, result, "serverName", from_text(env, tlsock_client_hello_server_name(hello)));
  set(env, result, "alpn", from_alpn(env, hello));
  set(env, result, "legacyVersion", from_int(env, tlsock_client_hello_legacy_version(hello)));
  tlsock_slice session_id = tlsock_client_hello_session_id(hello);
  set(env, result, "sessionId", from_bytes(env, session_id.len ? (const void *)session_id.data : "", session_id.len));
  set(env, result, "versions",
      from_numbers(env, hello, tlsock_client_hello_version_count, tlsock_client_hello_version_at));
  set(env, result, "ciphers",
      from_numbers(env, hello, tlsock_client_hello_cipher_count, tlsock_client_hello_cipher_at));
  set(env, result, "groups", from_numbers(env, hello, tlsock_client_hello_group_count, tlsock_client_hello_group_at));
  set(env, result, "signatureAlgorithms",
      from_numbers(env, hello, tlsock_client_hello_signature_algorithm_count,
                   tlsock_client_hello_signature_algorithm_at));
  set(env, result, "extensions", from_extensions(env, hello));
  set(env, result, "ja3", from_text(env, tlsock_client_hello_ja3(hello)));
  set(env, result, "ja3String", from_text(env, tlsock_client_hello_ja3_string(hello)));
  set(env, result, "ja4", from_text(env, tlsock_client_hello_ja4(hello)));
  return result;
}

// The function answers with the number of an alert, and 0 to go on.
static int on_client_hello(void *userdata, const tlsock_connection *connection, const tlsock_client_hello *hello,
                           int *alert, tlsock_error **error) {
  (void)connection;
  napi_env env = callback_env(userdata);
  napi_value argument = from_client_hello(env, hello), answer = NULL;
  if (!callback_invoke(userdata, 1, &argument, &answer)) return callback_failed(env, error);
  if (callback_waits(env, answer)) return TLSOCK_WANT_CALLBACK;
  int32_t number = -1;
  if (answer) napi_get_value_int32(env, answer, &number);
  if (number == 0) return TLSOCK_OK;
  if (number > 0) *alert = number;
  *error = tlsock_error_new(
      TLSOCK_VALUE, number > 0 ? "the client hello callback refused the client" : "the client hello callback is gone");
  return TLSOCK_VALUE;
}

static tlsock_status use_client_hello(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_client_hello_callback(to_context(c, 0), made ? on_client_hello : NULL, made, free_made,
                                                  error);
}

static napi_value set_client_hello_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, use_client_hello);
}

void export_client_hello(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {{"setClientHelloCallback", set_client_hello_callback}};
  EXPORT(functions);
}
