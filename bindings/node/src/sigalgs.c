// Signature algorithms by name.

#include "addon.h"

static napi_value get_sigalgs(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bytes sigalgs = {0};
  tlsock_error *error = NULL;
  return check(&c, tlsock_get_sigalgs(&sigalgs, &error), &error) ? from_names(env, &sigalgs) : NULL;
}

static napi_value set_server_sigalgs(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_server_sigalgs);
}

static napi_value set_client_sigalgs(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_client_sigalgs);
}

void export_sigalgs(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"getSigalgs", get_sigalgs},
      {"setServerSigalgs", set_server_sigalgs},
      {"setClientSigalgs", set_client_sigalgs},
  };
  EXPORT(functions);
}
