// Identity: a certificate chain with its key, and who chooses one.

#include "addon.h"

static void identity_free(void *pointer) { tlsock_identity_free(pointer); }

static const tlsock_identity *to_identity(const call *c, size_t index) { return handle_get(c, index, KIND_IDENTITY); }

static napi_value settled(const call *c, tlsock_status status, tlsock_identity *identity, tlsock_error **error) {
  return check(c, status, error) ? handle_new(c->env, KIND_IDENTITY, identity, identity_free, 8192) : NULL;
}

// identityNewFiles(certfile, keyfile, password)
static napi_value identity_new_files(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *certfile = NULL, *keyfile = NULL, *text = NULL;
  password asked;
  tlsock_identity *identity = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 0, &certfile) && to_text(&c, 1, &keyfile) && to_text(&c, 2, &text))
    status = asks_password(&c, 2, &asked)
                 ? tlsock_identity_new_files_asking(certfile, keyfile, ask_password, &asked, &identity, &error)
                 : tlsock_identity_new_files(certfile, keyfile, text, &identity, &error);
  text_free(certfile);
  text_free(keyfile);
  text_free(text);
  return settled(&c, status, identity, &error);
}

// identityNewData(cert, key, password)
static napi_value identity_new_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied cert, key;
  if (!copy_bytes(&c, 0, &cert)) return NULL;
  if (!copy_bytes(&c, 1, &key)) return copied_free(&cert), NULL;
  char *text;
  password asked;
  tlsock_identity *identity = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 2, &text))
    status = asks_password(&c, 2, &asked)
                 ? tlsock_identity_new_data_asking(cert.data, cert.len, key.data, key.len, ask_password, &asked,
                                                   &identity, &error)
                 : tlsock_identity_new_data(cert.data, cert.len, key.data, key.len, text, &identity, &error);
  text_free(text);
  copied_free(&cert);
  copied_free(&key);
  return settled(&c, status, identity, &error);
}

// identityNewPkcs12(data, password)
static napi_value identity_new_pkcs12(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied data;
  if (!copy_bytes(&c, 0, &data)) return NULL;
  char *text;
  tlsock_identity *identity = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &text)) status = tlsock_identity_new_pkcs12(data.data, data.len, text, &identity, &error);
  text_free(text);
  copied_free(&data);
  return settled(&c, status, identity, &error);
}

// identityNewUri(certUri, keyUri, password)
static napi_value identity_new_uri(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *cert_uri = NULL, *key_uri = NULL, *text = NULL;
  tlsock_identity *identity = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 0, &cert_uri) && to_text(&c, 1, &key_uri) && to_text(&c, 2, &text))
    status = tlsock_identity_new_uri(cert_uri, key_uri, text, &identity, &error);
  text_free(cert_uri);
  text_free(key_uri);
  text_free(text);
  return settled(&c, status, identity, &error);
}

// The function answers with a Uint8Array, at once or later.
static int on_sign(void *userdata, const char *algorithm, const char *digest, const uint8_t *data, size_t data_len,
                   uint8_t *signature, size_t size, size_t *signature_len, tlsock_error **error) {
  napi_env env = callback_env(userdata);
  napi_value answer = NULL,
             arguments[] = {from_text(env, algorithm), from_text(env, digest), from_bytes(env, data, data_len)};
  if (!callback_invoke(userdata, 3, arguments, &answer)) return callback_failed(env, error);
  if (callback_waits(env, answer)) return TLSOCK_WANT_CALLBACK;
  if (answer && give_secret(env, answer, signature, size, signature_len)) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_VALUE, answer ? "the signature is too long" : "the signer is gone");
  return TLSOCK_VALUE;
}

// identityNewSigner(chain, function)
static napi_value identity_new_signer(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied chain;
  callback *signer = NULL;
  if (!copy_bytes(&c, 0, &chain)) return NULL;
  if (!callback_new(&c, 1, &signer)) return copied_free(&chain), NULL;
  tlsock_identity *identity = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_identity_new_signer(chain.data, chain.len, TLSOCK_SIGNER_MAY_WAIT,
                                                    signer ? on_sign : NULL, signer, callback_free, &identity, &error);
  copied_free(&chain);
  if (status != TLSOCK_OK && signer) callback_free(signer);
  return settled(&c, status, identity, &error);
}

// identityWithOcspResponse(identity, response)
static napi_value identity_with_ocsp_response(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied response;
  if (!copy_bytes(&c, 1, &response)) return NULL;
  tlsock_identity *identity = NULL;
  tlsock_error *error = NULL;
  tlsock_status status =
      tlsock_identity_with_ocsp_response(to_identity(&c, 0), response.data, response.len, &identity, &error);
  copied_free(&response);
  return settled(&c, status, identity, &error);
}

// identityWithScts(identity, list)
static napi_value identity_with_scts(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied list;
  if (!copy_bytes(&c, 1, &list)) return NULL;
  tlsock_identity *identity = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_identity_with_scts(to_identity(&c, 0), list.data, list.len, &identity, &error);
  copied_free(&list);
  return settled(&c, status, identity, &error);
}

static napi_value identity_certificates(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_certificate_list *certificates = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_identity_certificates(to_identity(&c, 0), &certificates, &error);
  return check(&c, status, &error) ? from_certificates(env, certificates) : NULL;
}

static napi_value use_identity(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_context_use_identity(to_context(&c, 0), to_identity(&c, 1), &error), &error);
}

static napi_value set_client_ca_names(napi_env env, napi_callback_info info) {
  return with_bytes(env, info, tlsock_context_set_client_ca_names);
}

static napi_value signature_algorithms(napi_env env, const tlsock_identity_request *request) {
  napi_value result = NULL;
  size_t count = tlsock_identity_request_signature_algorithm_count(request);
  napi_create_array_with_length(env, count, &result);
  for (size_t i = 0; i < count; i++)
    napi_set_element(env, result, (uint32_t)i,
                     from_int(env, tlsock_identity_request_signature_algorithm_at(request, i)));
  return result;
}

static napi_value ca_names(napi_env env, const tlsock_identity_request *request) {
  napi_value result = NULL;
  size_t count = tlsock_identity_request_ca_name_count(request);
  napi_create_array_with_length(env, count, &result);
  for (size_t i = 0; i < count; i++) {
    tlsock_slice der = tlsock_identity_request_ca_name_at(request, i);
    napi_value name = NULL;
    napi_create_object(env, &name);
    set(env, name, "der", from_bytes(env, der.data, der.len));
    set(env, name, "text", from_text(env, tlsock_identity_request_ca_name_text_at(request, i)));
    napi_set_element(env, result, (uint32_t)i, name);
  }
  return result;
}

static napi_value from_request(napi_env env, const tlsock_identity_request *request) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "serverSide", from_bool(env, tlsock_identity_request_server_side(request)));
  set(env, result, "serverName", from_text(env, tlsock_identity_request_server_name(request)));
  set(env, result, "signatureAlgorithms", signature_algorithms(env, request));
  set(env, result, "caNames", ca_names(env, request));
  return result;
}

// The function answers with a handle, or null for no certificate.
static int on_identity(void *userdata, const tlsock_connection *connection, tlsock_identity_request *request,
                       tlsock_error **error) {
  (void)connection;
  napi_env env = callback_env(userdata);
  napi_value argument = from_request(env, request), answer = NULL;
  if (!callback_invoke(userdata, 1, &argument, &answer)) return callback_failed(env, error);
  if (!answer) {
    *error = tlsock_error_new(TLSOCK_VALUE, "the identity callback is gone");
    return TLSOCK_VALUE;
  }
  if (callback_waits(env, answer)) return TLSOCK_WANT_CALLBACK;
  call c = {.env = env, .argv = {answer}};
  return tlsock_identity_request_use(request, to_identity(&c, 0), error);
}

static tlsock_status choose_identity(const call *c, callback *made, release free_made, tlsock_error **error) {
  return tlsock_context_set_identity_callback(to_context(c, 0), made ? on_identity : NULL, made, free_made, error);
}

static napi_value set_identity_callback(napi_env env, napi_callback_info info) {
  return with_callback(env, info, choose_identity);
}

void export_identity(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"identityNewFiles", identity_new_files},
      {"identityNewData", identity_new_data},
      {"identityNewPkcs12", identity_new_pkcs12},
      {"identityNewUri", identity_new_uri},
      {"identityNewSigner", identity_new_signer},
      {"identityWithOcspResponse", identity_with_ocsp_response},
      {"identityWithScts", identity_with_scts},
      {"identityCertificates", identity_certificates},
      {"useIdentity", use_identity},
      {"setClientCaNames", set_client_ca_names},
      {"setIdentityCallback", set_identity_callback},
  };
  EXPORT(functions);
}
