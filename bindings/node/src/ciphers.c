// Ciphers, those of a context and those of a connection, and key exchange.

#include "addon.h"

static void ciphers_free(void *pointer) { tlsock_cipher_list_free(pointer); }

handle *ciphers_handle(napi_env env, tlsock_cipher_list *ciphers) {
  return handle_make(env, KIND_CIPHER_LIST, ciphers, ciphers_free, 1024);
}

napi_value from_cipher(napi_env env, const tlsock_cipher *cipher) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "name", from_text(env, cipher->name));
  set(env, result, "protocol", from_text(env, cipher->protocol));
  set(env, result, "secretBits", from_int(env, cipher->secret_bits));
  return result;
}

// ciphersOf(list)
static napi_value ciphers_of(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  const tlsock_cipher_list *ciphers = handle_get(&c, 0, KIND_CIPHER_LIST);
  napi_value result = NULL;
  napi_create_array(env, &result);
  tlsock_cipher cipher;
  for (uint32_t i = 0; tlsock_cipher_list_at(ciphers, i, &cipher); i++)
    napi_set_element(env, result, i, from_cipher(env, &cipher));
  return result;
}

static napi_value from_cipher_info(napi_env env, const tlsock_cipher_info *info) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "id", from_int(env, info->id));
  set(env, result, "name", from_text(env, info->name));
  set(env, result, "protocol", from_text(env, info->protocol));
  set(env, result, "description", from_text(env, info->description));
  set(env, result, "strengthBits", from_int(env, info->strength_bits));
  set(env, result, "algBits", from_int(env, info->alg_bits));
  set(env, result, "aead", from_bool(env, info->aead));
  set(env, result, "symmetric", from_text(env, info->symmetric));
  set(env, result, "digest", from_text(env, info->digest));
  set(env, result, "kea", from_text(env, info->kea));
  set(env, result, "auth", from_text(env, info->auth));
  return result;
}

static napi_value get_ciphers(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_cipher_list *ciphers = NULL;
  tlsock_error *error = NULL;
  if (!check(&c, tlsock_context_get_ciphers(to_context(&c, 0), &ciphers, &error), &error)) return NULL;
  napi_value result = NULL;
  napi_create_array(env, &result);
  tlsock_cipher_info cipher;
  for (uint32_t i = 0; tlsock_cipher_list_info_at(ciphers, i, &cipher); i++)
    napi_set_element(env, result, i, from_cipher_info(env, &cipher));
  tlsock_cipher_list_free(ciphers);
  return result;
}

static napi_value set_ciphers(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_ciphers);
}

static napi_value set_ciphersuites(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_ciphersuites);
}

static napi_value set_groups(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_groups);
}

// getGroups(context, includeAliases)
static napi_value get_groups(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bytes groups = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_context_get_groups(to_context(&c, 0), to_bool(&c, 1), &groups, &error);
  return check(&c, status, &error) ? from_names(env, &groups) : NULL;
}

static napi_value set_ecdh_curve(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_ecdh_curve);
}

static napi_value load_dh_params(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_load_dh_params);
}

void export_ciphers(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"setCiphers", set_ciphers},      {"getCiphers", get_ciphers}, {"setCiphersuites", set_ciphersuites},
      {"setGroups", set_groups},        {"getGroups", get_groups},   {"setEcdhCurve", set_ecdh_curve},
      {"loadDhParams", load_dh_params}, {"ciphersOf", ciphers_of},
  };
  EXPORT(functions);
}
