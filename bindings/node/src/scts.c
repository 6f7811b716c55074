// Certificate timestamps that come with a server's certificate.
#include "addon.h"

static napi_value scts_requested(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_context_scts_requested(to_context(&c, 0)));
}

static napi_value set_scts_requested(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_scts_requested);
}

void export_scts(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"sctsRequested", scts_requested},
      {"setSctsRequested", set_scts_requested},
  };
  EXPORT(functions);
}
