// Ciphers, key exchange, key log file and counters of a context; facts about connections and sessions that are not in object.c.

#include "addon.h"

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
  if (!check(&c, tlsock_context_get_ciphers(handle_get(&c, 0), &ciphers, &error), &error)) return NULL;
  napi_value result = NULL;
  napi_create_array(env, &result);
  tlsock_cipher_info cipher;
  for (uint32_t i = 0; tlsock_cipher_list_info_at(ciphers, i, &cipher); i++)
    napi_set_element(env, result, i, from_cipher_info(env, &cipher));
  tlsock_cipher_list_free(ciphers);
  return result;
}

static void ciphers_free(void *pointer) { tlsock_cipher_list_free(pointer); }

// A handle, or null: see ciphersOf.
static napi_value shared_ciphers(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_cipher_list *ciphers = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_shared_ciphers(handle_get(&c, 0), &ciphers, &error);
  return check(&c, status, &error) ? handle_new(env, ciphers, ciphers_free, 1024) : NULL;
}

// ciphersOf(list)
static napi_value ciphers_of(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  const tlsock_cipher_list *ciphers = handle_get(&c, 0);
  napi_value result = NULL;
  napi_create_array(env, &result);
  tlsock_cipher cipher;
  for (uint32_t i = 0; tlsock_cipher_list_at(ciphers, i, &cipher); i++)
    napi_set_element(env, result, i, from_cipher(env, &cipher));
  return result;
}

static napi_value session_stats(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_session_stats s = tlsock_context_session_stats(handle_get(&c, 0));
  const struct {
    const char *name;
    int64_t value;
  } counters[] = {
      {"number", s.number},          {"connect", s.connect},
      {"connectGood", s.connect_good}, {"connectRenegotiate", s.connect_renegotiate},
      {"accept", s.accept},          {"acceptGood", s.accept_good},
      {"acceptRenegotiate", s.accept_renegotiate}, {"hits", s.hits},
      {"misses", s.misses},          {"timeouts", s.timeouts},
      {"cacheFull", s.cache_full},
  };
  napi_value result = NULL;
  napi_create_object(env, &result);
  for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
    set(env, result, counters[i].name, from_int(env, counters[i].value));
  return result;
}

static napi_value set_ecdh_curve(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_ecdh_curve);
}

static napi_value set_ciphersuites(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_ciphersuites);
}

static napi_value set_groups(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_groups);
}

static napi_value load_dh_params(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_load_dh_params);
}

static napi_value keylog_filename(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bytes name = {0};
  tlsock_error *error = NULL;
  if (!check(&c, tlsock_context_keylog_filename(handle_get(&c, 0), &name, &error), &error)) return NULL;
  napi_value result = from_text(env, (const char *)name.data);
  tlsock_bytes_free(&name);
  return result;
}

static napi_value set_keylog_filename(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_keylog_filename);
}

static napi_value get_channel_binding(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *type = to_text(&c, 1);
  tlsock_bytes binding = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_get_channel_binding(handle_get(&c, 0), type, &binding, &error);
  text_free(type);
  return check(&c, status, &error) ? from_owned(env, &binding) : NULL;
}

static napi_value session_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bytes data = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_session_data(handle_get(&c, 0), &data, &error);
  return check(&c, status, &error) ? from_owned(env, &data) : NULL;
}

// sessionNewData(context, data)
static napi_value session_new_data(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied data;
  if (!copy_bytes(&c, 1, &data)) return NULL;
  tlsock_session *session = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_session_new_data(handle_get(&c, 0), data.data, data.len, &session, &error);
  copied_free(&data);
  return check(&c, status, &error) ? from_session(env, session) : NULL;
}

void export_cipher(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"getCiphers", get_ciphers},
      {"sharedCiphers", shared_ciphers},
      {"ciphersOf", ciphers_of},
      {"sessionStats", session_stats},
      {"setCiphersuites", set_ciphersuites},
      {"setGroups", set_groups},
      {"setEcdhCurve", set_ecdh_curve},
      {"loadDhParams", load_dh_params},
      {"keylogFilename", keylog_filename},
      {"setKeylogFilename", set_keylog_filename},
      {"getChannelBinding", get_channel_binding},
      {"sessionData", session_data},
      {"sessionNewData", session_new_data},
  };
  EXPORT(functions);
}
