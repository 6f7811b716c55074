// SSLContext: the CAs that it trusts.

#include "addon.h"

// loadVerifyLocations(context, cafile, capath, cadata)
static napi_value load_verify_locations(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied cadata;
  if (!copy_bytes(&c, 3, &cadata)) return NULL;
  char *cafile = NULL, *capath = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &cafile) && to_text(&c, 2, &capath))
    status = tlsock_context_load_verify_locations(to_context(&c, 0), cafile, capath, cadata.data, cadata.len, &error);
  text_free(cafile);
  text_free(capath);
  copied_free(&cadata);
  return done(&c, status, &error);
}

static napi_value load_crl_data(napi_env env, napi_callback_info info) {
  return with_bytes(env, info, tlsock_context_load_crl_data);
}

static napi_value set_crl_data(napi_env env, napi_callback_info info) {
  return with_bytes(env, info, tlsock_context_set_crl_data);
}

static napi_value load_default_certs(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_load_default_certs);
}

static napi_value set_default_verify_paths(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_context_set_default_verify_paths(to_context(&c, 0), &error), &error);
}

static napi_value cert_store_stats(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_cert_store_stats stats = {0};
  tlsock_error *error = NULL;
  if (!check(&c, tlsock_context_cert_store_stats(to_context(&c, 0), &stats, &error), &error)) return NULL;
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "x509", from_int(env, (int64_t)stats.x509));
  set(env, result, "crl", from_int(env, (int64_t)stats.crl));
  set(env, result, "x509Ca", from_int(env, (int64_t)stats.x509_ca));
  return result;
}

static napi_value get_ca_certs(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_certificate_list *certificates = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_context_get_ca_certs(to_context(&c, 0), &certificates, &error);
  return check(&c, status, &error) ? from_certificates(env, certificates) : NULL;
}

void export_trust(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"loadVerifyLocations", load_verify_locations},
      {"loadCrlData", load_crl_data},
      {"setCrlData", set_crl_data},
      {"loadDefaultCerts", load_default_certs},
      {"setDefaultVerifyPaths", set_default_verify_paths},
      {"certStoreStats", cert_store_stats},
      {"getCaCerts", get_ca_certs},
  };
  EXPORT(functions);
}
