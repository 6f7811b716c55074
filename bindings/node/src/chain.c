// SSLContext: its own certificate and key, and the CAs that it trusts.

#include "addon.h"

// A JavaScript password function, during one loading call.
typedef struct password {
  call *call;
  napi_value function;
} password;

// lib/context.js has recorded what the function threw.
static int failed(napi_env env, tlsock_error **error) {
  napi_value thrown = NULL;
  napi_get_and_clear_last_exception(env, &thrown);
  *error = tlsock_error_new(TLSOCK_VALUE, "the password function threw");
  return TLSOCK_VALUE;
}

// lib/context.js makes sure that the function returns text or bytes.
static int ask_password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error) {
  password *asked = userdata;
  napi_env env = asked->call->env;
  napi_value undefined = NULL, answer = NULL;
  napi_get_undefined(env, &undefined);
  if (napi_call_function(env, undefined, asked->function, 0, NULL, &answer) != napi_ok)
    return failed(env, error);
  if (give_secret(env, answer, buffer, size, len)) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_VALUE, "the password is too long");
  return TLSOCK_VALUE;
}

// True if the argument at index is a function. Otherwise it is a string, bytes or null.
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
          ? tlsock_context_load_cert_chain_asking(handle_get(&c, 0), certfile, keyfile, ask_password, &asked, &error)
          : tlsock_context_load_cert_chain(handle_get(&c, 0), certfile, keyfile, text, &error);
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
  tlsock_status status = is_function(&c, 3, &asked)
                             ? tlsock_context_load_cert_chain_data_asking(handle_get(&c, 0), cert.data, cert.len, key.data,
                                                                          key.len, ask_password, &asked, &error)
                             : tlsock_context_load_cert_chain_data(handle_get(&c, 0), cert.data, cert.len, key.data,
                                                                   key.len, text, &error);
  text_free(text);
  copied_free(&cert);
  copied_free(&key);
  return done(&c, status, &error);
}

// loadVerifyLocations(context, cafile, capath, cadata)
static napi_value load_verify_locations(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied cadata;
  if (!copy_bytes(&c, 3, &cadata)) return NULL;
  char *cafile = to_text(&c, 1), *capath = to_text(&c, 2);
  tlsock_error *error = NULL;
  tlsock_status status =
      tlsock_context_load_verify_locations(handle_get(&c, 0), cafile, capath, cadata.data, cadata.len, &error);
  text_free(cafile);
  text_free(capath);
  copied_free(&cadata);
  return done(&c, status, &error);
}

static napi_value load_crl_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied crl;
  if (!copy_bytes(&c, 1, &crl)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_context_load_crl_data(handle_get(&c, 0), crl.data, crl.len, &error);
  copied_free(&crl);
  return done(&c, status, &error);
}

static napi_value load_default_certs(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_load_default_certs);
}

static napi_value set_default_verify_paths(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_context_set_default_verify_paths(handle_get(&c, 0), &error), &error);
}

static napi_value cert_store_stats(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_cert_store_stats stats = {0};
  tlsock_error *error = NULL;
  if (!check(&c, tlsock_context_cert_store_stats(handle_get(&c, 0), &stats, &error), &error)) return NULL;
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
  tlsock_status status = tlsock_context_get_ca_certs(handle_get(&c, 0), &certificates, &error);
  return check(&c, status, &error) ? from_certificates(env, certificates) : NULL;
}

void export_chain(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"loadCertChain", load_cert_chain},
      {"loadCertChainData", load_cert_chain_data},
      {"loadVerifyLocations", load_verify_locations},
      {"loadCrlData", load_crl_data},
      {"loadDefaultCerts", load_default_certs},
      {"setDefaultVerifyPaths", set_default_verify_paths},
      {"certStoreStats", cert_store_stats},
      {"getCaCerts", get_ca_certs},
  };
  EXPORT(functions);
}
