// The functions of the module.

#include "addon.h"

static napi_value version(napi_env env, napi_callback_info info) {
  (void)info;
  return from_text(env, tlsock_version());
}

static napi_value version_number(napi_env env, napi_callback_info info) {
  (void)info;
  return from_int(env, tlsock_version_number());
}

static napi_value has(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_has(to_int(&c, 0)));
}

static napi_value channel_binding_types(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
  napi_create_array(env, &result);
  const char *const *types = tlsock_channel_binding_types();
  for (uint32_t i = 0; types[i]; i++) napi_set_element(env, result, i, from_text(env, types[i]));
  return result;
}

static napi_value get_protocol_name(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_text(env, tlsock_get_protocol_name(to_int(&c, 0)));
}

static napi_value backend(napi_env env, napi_callback_info info) {
  (void)info;
  return from_text(env, tlsock_backend());
}

static napi_value openssl_version(napi_env env, napi_callback_info info) {
  (void)info;
  return from_text(env, tlsock_openssl_version());
}

static napi_value openssl_version_info(napi_env env, napi_callback_info info) {
  (void)info;
  tlsock_version_info v = tlsock_openssl_version_info();
  int numbers[] = {v.major, v.minor, v.fix, v.patch, v.status};
  napi_value result = NULL;
  napi_create_array_with_length(env, 5, &result);
  for (uint32_t i = 0; i < 5; i++) napi_set_element(env, result, i, from_int(env, numbers[i]));
  return result;
}

static napi_value openssl_version_number(napi_env env, napi_callback_info info) {
  (void)info;
  return from_int(env, (int64_t)tlsock_openssl_version_number());
}

static napi_value handle_count(napi_env env, napi_callback_info info) {
  (void)info;
  return from_int(env, (int64_t)tlsock_handle_count());
}

static napi_value environment_trusted(napi_env env, napi_callback_info info) {
  (void)info;
  return from_bool(env, tlsock_environment_trusted());
}

static napi_value from_asn1_object(napi_env env, tlsock_asn1_object object) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "nid", from_int(env, object.nid));
  set(env, result, "shortname", from_text(env, object.shortname));
  set(env, result, "longname", from_text(env, object.longname));
  set(env, result, "oid", from_text(env, object.oid));
  return result;
}

static napi_value txt2obj(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *text;
  tlsock_asn1_object object = {0};
  tlsock_error *error = NULL;
  tlsock_status status =
      to_text(&c, 0, &text) ? tlsock_txt2obj(text, to_bool(&c, 1), &object, &error) : TLSOCK_NO_MEMORY;
  text_free(text);
  return check(&c, status, &error) ? from_asn1_object(env, object) : NULL;
}

static napi_value nid2obj(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_asn1_object object = {0};
  tlsock_error *error = NULL;
  return check(&c, tlsock_nid2obj(to_int(&c, 0), &object, &error), &error) ? from_asn1_object(env, object) : NULL;
}

static napi_value get_default_verify_paths(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_verify_paths *paths = NULL;
  tlsock_error *error = NULL;
  if (!check(&c, tlsock_get_default_verify_paths(&paths, &error), &error)) return NULL;
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "cafile", from_text(env, tlsock_verify_paths_cafile(paths)));
  set(env, result, "capath", from_text(env, tlsock_verify_paths_capath(paths)));
  set(env, result, "opensslCafileEnv", from_text(env, tlsock_verify_paths_openssl_cafile_env(paths)));
  set(env, result, "opensslCafile", from_text(env, tlsock_verify_paths_openssl_cafile(paths)));
  set(env, result, "opensslCapathEnv", from_text(env, tlsock_verify_paths_openssl_capath_env(paths)));
  set(env, result, "opensslCapath", from_text(env, tlsock_verify_paths_openssl_capath(paths)));
  tlsock_verify_paths_free(paths);
  return result;
}

static napi_value der_cert_to_pem_cert(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_slice der;
  borrow(env, c.argv[0], &der);
  tlsock_bytes pem = {0};
  tlsock_error *error = NULL;
  if (!check(&c, tlsock_der_cert_to_pem_cert(der.data, der.len, &pem, &error), &error)) return NULL;
  napi_value result = from_text(env, (const char *)pem.data);
  tlsock_bytes_free(&pem);
  return result;
}

static napi_value pem_cert_to_der_cert(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *pem;
  tlsock_bytes der = {0};
  tlsock_error *error = NULL;
  tlsock_status status = to_text(&c, 0, &pem) ? tlsock_pem_cert_to_der_cert(pem, &der, &error) : TLSOCK_NO_MEMORY;
  text_free(pem);
  return check(&c, status, &error) ? from_owned(env, &der) : NULL;
}

// randBytes(buffer) fills it.
static napi_value rand_bytes(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_slice out;
  borrow(env, c.argv[0], &out);
  tlsock_error *error = NULL;
  return done(&c, tlsock_rand_bytes((void *)out.data, out.len, &error), &error);
}

static napi_value rand_status(napi_env env, napi_callback_info info) {
  (void)info;
  return from_bool(env, tlsock_rand_status());
}

static napi_value rand_add(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_slice in;
  borrow(env, c.argv[0], &in);
  tlsock_error *error = NULL;
  return done(&c, tlsock_rand_add(in.data, in.len, to_double(&c, 1), &error), &error);
}

static napi_value cert_time_to_seconds(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *text;
  int64_t seconds = 0;
  tlsock_error *error = NULL;
  tlsock_status status = to_text(&c, 0, &text) ? tlsock_cert_time_to_seconds(text, &seconds, &error) : TLSOCK_NO_MEMORY;
  text_free(text);
  return check(&c, status, &error) ? from_int(env, seconds) : NULL;
}

static napi_value from_trust(napi_env env, const tlsock_store_list *entries, size_t index,
                             const tlsock_store_entry *entry) {
  if (entry->trusted_for_all) return from_bool(env, true);
  napi_value result = NULL;
  napi_create_array(env, &result);
  for (uint32_t i = 0; i < entry->trust_count; i++)
    napi_set_element(env, result, i, from_text(env, tlsock_store_list_trust_at(entries, index, i)));
  return result;
}

static napi_value from_store_list(napi_env env, tlsock_store_list *entries) {
  napi_value result = NULL;
  napi_create_array(env, &result);
  tlsock_store_entry entry;
  for (uint32_t i = 0; tlsock_store_list_at(entries, i, &entry); i++) {
    napi_value item = NULL;
    napi_create_object(env, &item);
    set(env, item, "data", from_bytes(env, entry.data.data, entry.data.len));
    set(env, item, "encoding", from_text(env, entry.encoding));
    set(env, item, "trust", from_trust(env, entries, i, &entry));
    napi_set_element(env, result, i, item);
  }
  tlsock_store_list_free(entries);
  return result;
}

typedef tlsock_status (*store_getter)(const char *store_name, tlsock_store_list **entries, tlsock_error **error);

static napi_value store_of(napi_env env, napi_callback_info info, store_getter get) {
  call c = begin(env, info);
  char *store_name;
  tlsock_store_list *entries = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = to_text(&c, 0, &store_name) ? get(store_name, &entries, &error) : TLSOCK_NO_MEMORY;
  text_free(store_name);
  return check(&c, status, &error) ? from_store_list(env, entries) : NULL;
}

static napi_value enum_certificates(napi_env env, napi_callback_info info) {
  return store_of(env, info, tlsock_enum_certificates);
}

static napi_value enum_crls(napi_env env, napi_callback_info info) { return store_of(env, info, tlsock_enum_crls); }

void export_module(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"libraryVersion", version},
      {"libraryVersionNumber", version_number},
      {"has", has},
      {"channelBindingTypes", channel_binding_types},
      {"getProtocolName", get_protocol_name},
      {"backend", backend},
      {"opensslVersion", openssl_version},
      {"opensslVersionInfo", openssl_version_info},
      {"opensslVersionNumber", openssl_version_number},
      {"handleCount", handle_count},
      {"environmentTrusted", environment_trusted},
      {"txt2obj", txt2obj},
      {"nid2obj", nid2obj},
      {"getDefaultVerifyPaths", get_default_verify_paths},
      {"derCertToPemCert", der_cert_to_pem_cert},
      {"pemCertToDerCert", pem_cert_to_der_cert},
      {"randBytes", rand_bytes},
      {"randStatus", rand_status},
      {"randAdd", rand_add},
      {"certTimeToSeconds", cert_time_to_seconds},
      {"enumCertificates", enum_certificates},
      {"enumCrls", enum_crls},
  };
  EXPORT(functions);
}
