// OCSP responses that come with a server's certificate.
#include "addon.h"

static napi_value ocsp(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_int(env, tlsock_context_ocsp(handle_get(&c, 0)));
}

static napi_value set_ocsp(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_set_ocsp);
}

static napi_value set_ocsp_response(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied response;
  if (!copy_bytes(&c, 1, &response)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_context_set_ocsp_response(handle_get(&c, 0), response.data, response.len, &error);
  copied_free(&response);
  return done(&c, status, &error);
}

void export_ocsp(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"ocsp", ocsp},
      {"setOcsp", set_ocsp},
      {"setOcspResponse", set_ocsp_response},
  };
  EXPORT(functions);
}
