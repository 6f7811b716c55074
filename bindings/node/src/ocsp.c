// OCSP responses that come with a server's certificate.
#include "addon.h"

static napi_value ocsp(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_int(env, tlsock_context_ocsp(to_context(&c, 0)));
}

static napi_value set_ocsp(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_set_ocsp);
}

static napi_value set_ocsp_response(napi_env env, napi_callback_info info) {
  return with_bytes(env, info, tlsock_context_set_ocsp_response);
}

void export_ocsp(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"ocsp", ocsp},
      {"setOcsp", set_ocsp},
      {"setOcspResponse", set_ocsp_response},
  };
  EXPORT(functions);
}
