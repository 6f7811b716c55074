// Encrypted ClientHello.
#include "addon.h"

// (context, configurations or null)
static napi_value set_ech_configs(napi_env env, napi_callback_info info) {
  return with_bytes(env, info, tlsock_context_set_ech_configs);
}

static napi_value ech_grease(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_context_ech_grease(to_context(&c, 0)));
}

static napi_value set_ech_grease(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_ech_grease);
}

// (context, keys or null, former keys or null)
static napi_value load_ech_keys(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied keys, former;
  if (!copy_bytes(&c, 1, &keys)) return NULL;
  if (!copy_bytes(&c, 2, &former)) return copied_free(&keys), NULL;
  tlsock_error *error = NULL;
  tlsock_status status =
      tlsock_context_load_ech_keys(to_context(&c, 0), keys.data, keys.len, former.data, former.len, &error);
  copied_free(&keys);
  copied_free(&former);
  return done(&c, status, &error);
}

// (public name, how long a name may be)
static napi_value generate_ech_keys(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *name;
  tlsock_bytes keys = {0}, configs = {0};
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 0, &name)) status = tlsock_generate_ech_keys(name, to_int(&c, 1), &keys, &configs, &error);
  text_free(name);
  if (!check(&c, status, &error)) return NULL;
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "keys", from_owned(env, &keys));
  set(env, result, "configs", from_owned(env, &configs));
  return result;
}

void export_ech(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"setEchConfigs", set_ech_configs},     {"echGrease", ech_grease},
      {"setEchGrease", set_ech_grease},       {"loadEchKeys", load_ech_keys},
      {"generateEchKeys", generate_ech_keys},
  };
  EXPORT(functions);
}
