// Certificate.

#include "addon.h"

static void certificate_free(void *pointer) { tlsock_certificate_free(pointer); }

handle *certificate_handle(napi_env env, tlsock_certificate *certificate) {
  return handle_make(env, KIND_CERTIFICATE, certificate, certificate_free, 4096);
}

napi_value from_certificate(napi_env env, tlsock_certificate *certificate) {
  return certificate ? handle_give(env, certificate_handle(env, certificate)) : null_value(env);
}

static void list_free(void *pointer) { tlsock_certificate_list_free(pointer); }

handle *list_handle(napi_env env, tlsock_certificate_list *certificates) {
  return handle_make(env, KIND_CERTIFICATE_LIST, certificates, list_free, 1024);
}

napi_value from_list(napi_env env, tlsock_certificate_list *certificates) {
  return certificates ? handle_give(env, list_handle(env, certificates)) : null_value(env);
}

napi_value from_lent_certificates(napi_env env, const tlsock_certificate_list *certificates) {
  size_t count = tlsock_certificate_list_count(certificates);
  napi_value result = NULL;
  napi_create_array_with_length(env, count, &result);
  for (size_t i = 0; i < count; i++) {
    tlsock_slice der = tlsock_certificate_der(tlsock_certificate_list_at(certificates, i));
    napi_set_element(env, result, (uint32_t)i, from_bytes(env, der.data, der.len));
  }
  return result;
}

napi_value from_certificates(napi_env env, tlsock_certificate_list *certificates) {
  napi_value result = from_lent_certificates(env, certificates);
  tlsock_certificate_list_free(certificates);
  return result;
}

// certificatesOf(list): their DER bytes.
static napi_value certificates_of(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_lent_certificates(env, handle_get(&c, 0, KIND_CERTIFICATE_LIST));
}

static napi_value certificate_new(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied data;
  if (!copy_bytes(&c, 0, &data)) return NULL;
  tlsock_certificate *certificate = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_certificate_new_data(data.data, data.len, &certificate, &error);
  copied_free(&data);
  return check(&c, status, &error) ? from_certificate(env, certificate) : NULL;
}

static napi_value certificate_facts(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  const tlsock_certificate *certificate = handle_get(&c, 0, KIND_CERTIFICATE);
  tlsock_slice der = tlsock_certificate_der(certificate);
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "der", from_bytes(env, der.data, der.len));
  set(env, result, "pem", from_text(env, tlsock_certificate_pem(certificate)));
  set(env, result, "verified", from_bool(env, tlsock_certificate_verified(certificate)));
  set(env, result, "subjectText", from_text(env, tlsock_certificate_subject_text(certificate)));
  set(env, result, "issuerText", from_text(env, tlsock_certificate_issuer_text(certificate)));
  set(env, result, "notBeforeTime", from_int(env, tlsock_certificate_not_before_time(certificate)));
  set(env, result, "notAfterTime", from_int(env, tlsock_certificate_not_after_time(certificate)));
  return result;
}

static napi_value certificate_json(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  const char *json = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_certificate_json(handle_get(&c, 0, KIND_CERTIFICATE), &json, &error);
  return check(&c, status, &error) ? from_text(env, json) : NULL;
}

static napi_value certificate_fingerprint(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *digest;
  tlsock_bytes fingerprint = {0};
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &digest))
    status = tlsock_certificate_fingerprint(handle_get(&c, 0, KIND_CERTIFICATE), digest, &fingerprint, &error);
  text_free(digest);
  return check(&c, status, &error) ? from_owned(env, &fingerprint) : NULL;
}

void export_certificate(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"certificatesOf", certificates_of},
      {"certificateNew", certificate_new},
      {"certificateFacts", certificate_facts},
      {"certificateJson", certificate_json},
      {"certificateFingerprint", certificate_fingerprint},
  };
  EXPORT(functions);
}
