// SSLContext: its own certificate chain and key.

#include "addon.h"

// A password function of JavaScript, for the time of one loading call.
typedef struct password {
  call *call;
  napi_value function;
} password;

// lib/context.js has noted what the function threw.
static int failed(napi_env env, tlsock_error **error) {
  napi_value thrown = NULL;
  napi_get_and_clear_last_exception(env, &thrown);
  *error = tlsock_error_new(TLSOCK_VALUE, "the password function threw");
  return TLSOCK_VALUE;
}

// lib/context.js has the function give text or bytes.
static int ask_password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  password *asked = userdata;
  napi_env env = asked->call->env;
  napi_value undefined = NULL, answer = NULL;
  napi_get_undefined(env, &undefined);
  if (napi_call_function(env, undefined, asked->function, 0, NULL, &answer) != napi_ok) return failed(env, error);
  if (give_secret(env, answer, buffer, size, len)) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_VALUE, "the password is too long");
  return TLSOCK_VALUE;
}

// True if the argument at index is a function. A string or null else.
static bool is_function(call *c, size_t index, password *asked) {
  napi_valuetype type = napi_undefined;
  napi_typeof(c->env, c->argv[index], &type);
  *asked = (password){c, c->argv[index]};
  return type == napi_function;
}

// loadCertChain(context, certfile, keyfile, password)
static napi_value load_cert_chain(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *certfile = to_text(&c, 1), *keyfile = to_text(&c, 2), *text = to_text(&c, 3);
  password asked;
  tlsock_error *error = NULL;
  tlsock_status status =
      is_function(&c, 3, &asked)
          ? tlsock_context_load_cert_chain_asking(to_context(&c, 0), certfile, keyfile, ask_password, &asked, &error)
          : tlsock_context_load_cert_chain(to_context(&c, 0), certfile, keyfile, text, &error);
  text_free(certfile);
  text_free(keyfile);
  text_free(text);
  return done(&c, status, &error);
}

// loadCertChainData(context, cert, key, password)
static napi_value load_cert_chain_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied cert, key;
  if (!copy_bytes(&c, 1, &cert)) return NULL;
  if (!copy_bytes(&c, 2, &key)) return copied_free(&cert), NULL;
  char *text = to_text(&c, 3);
  password asked;
  tlsock_error *error = NULL;
  tlsock_status status =
      is_function(&c, 3, &asked)
          ? tlsock_context_load_cert_chain_data_asking(to_context(&c, 0), cert.data, cert.len, key.data, key.len,
                                                       ask_password, &asked, &error)
          : tlsock_context_load_cert_chain_data(to_context(&c, 0), cert.data, cert.len, key.data, key.len, text,
                                                &error);
  text_free(text);
  copied_free(&cert);
  copied_free(&key);
  return done(&c, status, &error);
}

void export_chain(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"loadCertChain", load_cert_chain},
      {"loadCertChainData", load_cert_chain_data},
  };
  EXPORT(functions);
}
