// Passwords of keys that a function of JavaScript gives.

#include "addon.h"

// lib/password.js has noted what the function threw.
static int failed(napi_env env, tlsock_error **error) {
  napi_value thrown = NULL;
  napi_get_and_clear_last_exception(env, &thrown);
  *error = tlsock_error_new(TLSOCK_VALUE, "the password function threw");
  return TLSOCK_VALUE;
}

// lib/password.js has the function give text or bytes.
int ask_password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  const password *asked = userdata;
  napi_env env = asked->call->env;
  napi_value undefined = NULL, answer = NULL;
  napi_get_undefined(env, &undefined);
  if (napi_call_function(env, undefined, asked->function, 0, NULL, &answer) != napi_ok) return failed(env, error);
  if (give_secret(env, answer, buffer, size, len)) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_VALUE, "the password is too long");
  return TLSOCK_VALUE;
}

bool asks_password(const call *c, size_t index, password *asked) {
  napi_valuetype type = napi_undefined;
  napi_typeof(c->env, c->argv[index], &type);
  *asked = (password){c, c->argv[index]};
  return type == napi_function;
}
