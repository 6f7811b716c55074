// SSLContext: attributes, and the connections made from it.

#include "addon.h"

static void context_free(void *pointer) { tlsock_context_free(pointer); }

napi_value from_context(napi_env env, tlsock_context *context) {
  return handle_new(env, KIND_CONTEXT, context, context_free, 64 * 1024);
}

tlsock_context *to_context(const call *c, size_t index) { return handle_get(c, index, KIND_CONTEXT); }

static napi_value context_new(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_context *context = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_context_new(to_int(&c, 0), &context, &error);
  return check(&c, status, &error) ? from_context(env, context) : NULL;
}

// createDefaultContext(purpose, cafile, capath, cadata)
static napi_value create_default_context(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied cadata;
  if (!copy_bytes(&c, 3, &cadata)) return NULL;
  char *cafile = NULL, *capath = NULL;
  tlsock_context *context = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &cafile) && to_text(&c, 2, &capath))
    status = tlsock_create_default_context(to_int(&c, 0), cafile, capath, cadata.data, cadata.len, &context, &error);
  text_free(cafile);
  text_free(capath);
  copied_free(&cadata);
  return check(&c, status, &error) ? from_context(env, context) : NULL;
}

static napi_value context_copy(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_context *copy = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_context_copy(to_context(&c, 0), &copy, &error);
  return check(&c, status, &error) ? from_context(env, copy) : NULL;
}

static napi_value context_facts(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  const tlsock_context *context = to_context(&c, 0);
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "protocol", from_int(env, tlsock_context_protocol(context)));
  set(env, result, "postHandshakeAuth", from_bool(env, tlsock_context_post_handshake_auth(context)));
  set(env, result, "securityLevel", from_int(env, tlsock_context_security_level(context)));
  set(env, result, "options", from_uint64(env, tlsock_context_options(context)));
  set(env, result, "minimumVersion", from_int(env, tlsock_context_minimum_version(context)));
  set(env, result, "maximumVersion", from_int(env, tlsock_context_maximum_version(context)));
  set(env, result, "numTickets", from_int(env, tlsock_context_num_tickets(context)));
  set(env, result, "verifyMode", from_int(env, tlsock_context_verify_mode(context)));
  set(env, result, "checkHostname", from_bool(env, tlsock_context_check_hostname(context)));
  set(env, result, "hostnameChecksCommonName", from_bool(env, tlsock_context_hostname_checks_common_name(context)));
  set(env, result, "verifyDepth", from_int(env, tlsock_context_verify_depth(context)));
  set(env, result, "maxCertList", from_int(env, (int64_t)tlsock_context_max_cert_list(context)));
  set(env, result, "chainCache", from_bool(env, tlsock_context_chain_cache(context)));
  set(env, result, "chainCacheHits", from_int(env, (int64_t)tlsock_context_chain_cache_hits(context)));
  set(env, result, "verifyFlags", from_int(env, (int64_t)tlsock_context_verify_flags(context)));
  return result;
}

napi_value with_bool(napi_env env, napi_callback_info info, bool_setter setter) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, setter(to_context(&c, 0), to_bool(&c, 1), &error), &error);
}

napi_value with_int(napi_env env, napi_callback_info info, int_setter setter) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, setter(to_context(&c, 0), to_int(&c, 1), &error), &error);
}

napi_value with_bytes(napi_env env, napi_callback_info info, bytes_setter setter) {
  call c = begin(env, info);
  copied bytes;
  if (!copy_bytes(&c, 1, &bytes)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = setter(to_context(&c, 0), bytes.data, bytes.len, &error);
  copied_free(&bytes);
  return done(&c, status, &error);
}

napi_value with_text(napi_env env, napi_callback_info info, text_setter setter) {
  call c = begin(env, info);
  char *text;
  tlsock_error *error = NULL;
  tlsock_status status = to_text(&c, 1, &text) ? setter(to_context(&c, 0), text, &error) : TLSOCK_NO_MEMORY;
  text_free(text);
  return done(&c, status, &error);
}

static napi_value set_post_handshake_auth(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_post_handshake_auth);
}

static napi_value set_options(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_context_set_options(to_context(&c, 0), to_uint64(&c, 1), &error), &error);
}

static napi_value set_minimum_version(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_set_minimum_version);
}

static napi_value set_maximum_version(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_set_maximum_version);
}

static napi_value set_num_tickets(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_set_num_tickets);
}

static napi_value set_verify_mode(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_set_verify_mode);
}

static napi_value set_check_hostname(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_check_hostname);
}

static napi_value set_hostname_checks_common_name(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_hostname_checks_common_name);
}

static napi_value set_verify_flags(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  uint64_t flags = (uint64_t)to_int64(&c, 1);
  return done(&c, tlsock_context_set_verify_flags(to_context(&c, 0), flags, &error), &error);
}

typedef tlsock_status (*texts_setter)(tlsock_context *context, const char *const *texts, size_t count,
                                      tlsock_error **error);

// set…(context, array of strings)
static napi_value with_texts(napi_env env, napi_callback_info info, texts_setter setter) {
  call c = begin(env, info);
  texts texts;
  if (!to_texts(&c, 1, &texts)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = setter(to_context(&c, 0), (const char *const *)texts.items, texts.count, &error);
  texts_free(&texts);
  return done(&c, status, &error);
}

static napi_value set_alpn_protocols(napi_env env, napi_callback_info info) {
  return with_texts(env, info, tlsock_context_set_alpn_protocols);
}

static napi_value set_npn_protocols(napi_env env, napi_callback_info info) {
  return with_texts(env, info, tlsock_context_set_npn_protocols);
}

static napi_value alpn_strict(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_context_alpn_strict(to_context(&c, 0)));
}

static napi_value set_alpn_strict(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_alpn_strict);
}

static napi_value set_pins(napi_env env, napi_callback_info info) {
  return with_texts(env, info, tlsock_context_set_pins);
}

static napi_value set_verify_depth(napi_env env, napi_callback_info info) {
  return with_int(env, info, tlsock_context_set_verify_depth);
}

static napi_value set_max_cert_list(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  int64_t bytes = to_int64(&c, 1);
  tlsock_error *error = NULL;
  return done(&c, tlsock_context_set_max_cert_list(to_context(&c, 0), bytes > 0 ? (size_t)bytes : 0, &error), &error);
}

static napi_value set_chain_cache(napi_env env, napi_callback_info info) {
  return with_bool(env, info, tlsock_context_set_chain_cache);
}

static napi_value session_stats(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_session_stats s = tlsock_context_session_stats(to_context(&c, 0));
  const struct {
    const char *name;
    int64_t value;
  } counters[] = {
      {"number", s.number},
      {"connect", s.connect},
      {"connectGood", s.connect_good},
      {"connectRenegotiate", s.connect_renegotiate},
      {"accept", s.accept},
      {"acceptGood", s.accept_good},
      {"acceptRenegotiate", s.accept_renegotiate},
      {"hits", s.hits},
      {"misses", s.misses},
      {"timeouts", s.timeouts},
      {"cacheFull", s.cache_full},
  };
  napi_value result = NULL;
  napi_create_object(env, &result);
  for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
    set(env, result, counters[i].name, from_int(env, counters[i].value));
  return result;
}

static napi_value keylog_filename(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bytes name = {0};
  tlsock_error *error = NULL;
  if (!check(&c, tlsock_context_keylog_filename(to_context(&c, 0), &name, &error), &error)) return NULL;
  napi_value result = from_text(env, (const char *)name.data);
  tlsock_bytes_free(&name);
  return result;
}

static napi_value set_keylog_filename(napi_env env, napi_callback_info info) {
  return with_text(env, info, tlsock_context_set_keylog_filename);
}

// wrapBio(context, incoming, outgoing, flags, serverHostname, session)
static napi_value wrap_bio(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *server_hostname;
  tlsock_object *object = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 4, &server_hostname))
    status = tlsock_context_wrap_bio(to_context(&c, 0), to_bio(&c, 1), to_bio(&c, 2), (uint32_t)to_int(&c, 3),
                                     server_hostname, to_session(&c, 5), &object, &error);
  text_free(server_hostname);
  return check(&c, status, &error) ? from_object(env, object) : NULL;
}

void export_context(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"contextNew", context_new},
      {"createDefaultContext", create_default_context},
      {"contextCopy", context_copy},
      {"contextFacts", context_facts},
      {"setPostHandshakeAuth", set_post_handshake_auth},
      {"setOptions", set_options},
      {"setMinimumVersion", set_minimum_version},
      {"setMaximumVersion", set_maximum_version},
      {"setNumTickets", set_num_tickets},
      {"setVerifyMode", set_verify_mode},
      {"setCheckHostname", set_check_hostname},
      {"setHostnameChecksCommonName", set_hostname_checks_common_name},
      {"setVerifyFlags", set_verify_flags},
      {"setPins", set_pins},
      {"setVerifyDepth", set_verify_depth},
      {"setMaxCertList", set_max_cert_list},
      {"setChainCache", set_chain_cache},
      {"setAlpnProtocols", set_alpn_protocols},
      {"setNpnProtocols", set_npn_protocols},
      {"alpnStrict", alpn_strict},
      {"setAlpnStrict", set_alpn_strict},
      {"wrapBio", wrap_bio},
      {"sessionStats", session_stats},
      {"keylogFilename", keylog_filename},
      {"setKeylogFilename", set_keylog_filename},
  };
  EXPORT(functions);
}
