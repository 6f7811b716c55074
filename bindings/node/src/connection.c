// What both SSLObject and TLSSocket know about their connection.

#include <stdlib.h>

#include "addon.h"
#include "fact.h"

static tlsock_status finished_of(const connection *of, bool own, fact *answer, tlsock_error **error) {
  tlsock_bytes finished = {0};
  tlsock_status status = tlsock_object_finished(of->object, own, &finished, error);
  return status == TLSOCK_OK ? fact_bytes(answer, finished) : status;
}

static tlsock_status own_finished(const connection *of, fact *answer, tlsock_error **error) {
  return finished_of(of, true, answer, error);
}

static tlsock_status peer_finished(const connection *of, fact *answer, tlsock_error **error) {
  return finished_of(of, false, answer, error);
}

typedef tlsock_status (*certificate_getter)(const tlsock_object *object, tlsock_certificate **certificate,
                                            tlsock_error **error);

static tlsock_status certificate_of(const connection *of, certificate_getter get, fact *answer, tlsock_error **error) {
  tlsock_certificate *certificate = NULL;
  tlsock_status status = get(of->object, &certificate, error);
  return certificate ? fact_handle(answer, certificate_handle(of->env, certificate)) : status;
}

static tlsock_status peer_certificate(const connection *of, fact *answer, tlsock_error **error) {
  return certificate_of(of, tlsock_object_peer_certificate, answer, error);
}

static tlsock_status own_certificate(const connection *of, fact *answer, tlsock_error **error) {
  return certificate_of(of, tlsock_object_own_certificate, answer, error);
}

static tlsock_status version(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_static_text(answer, tlsock_object_version(of->object));
}

static tlsock_status group(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_lent_text(answer, tlsock_object_group(of->object));
}

static tlsock_status verify_result(const connection *of, fact *answer, tlsock_error **error) {
  int result = 0;
  tlsock_status status = tlsock_object_verify_result(of->object, &result, error);
  if (status == TLSOCK_OK) *answer = (fact){FACT_INT, {.number = result}};
  return status;
}

static tlsock_status verify_overridden(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  *answer = (fact){FACT_BOOL, {.is = tlsock_object_verify_overridden(of->object)}};
  return TLSOCK_OK;
}

// The name the client asked for.
static tlsock_status server_name(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_lent_text(answer, tlsock_object_server_name(of->object));
}

// The name that was sent in clear, where that of the server was encrypted.
static tlsock_status ech_outer_name(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_lent_text(answer, tlsock_object_ech_outer_name(of->object));
}

static tlsock_status client_sigalg(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_static_text(answer, tlsock_object_client_sigalg(of->object));
}

static tlsock_status server_sigalg(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_static_text(answer, tlsock_object_server_sigalg(of->object));
}

typedef tlsock_status (*chain_getter)(const tlsock_object *object, tlsock_certificate_list **chain,
                                      tlsock_error **error);

static tlsock_status chain_of(const connection *of, chain_getter get, fact *answer, tlsock_error **error) {
  tlsock_certificate_list *chain = NULL;
  tlsock_status status = get(of->object, &chain, error);
  return chain ? fact_handle(answer, list_handle(of->env, chain)) : status;
}

static tlsock_status verified_chain(const connection *of, fact *answer, tlsock_error **error) {
  return chain_of(of, tlsock_object_get_verified_chain, answer, error);
}

static tlsock_status unverified_chain(const connection *of, fact *answer, tlsock_error **error) {
  return chain_of(of, tlsock_object_get_unverified_chain, answer, error);
}

static tlsock_status cipher(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  tlsock_cipher cipher = {0};
  if (tlsock_object_cipher(of->object, &cipher)) *answer = (fact){FACT_CIPHER, {.cipher = cipher}};
  return TLSOCK_OK;
}

// See ciphersOf.
static tlsock_status shared_ciphers(const connection *of, fact *answer, tlsock_error **error) {
  tlsock_cipher_list *ciphers = NULL;
  tlsock_status status = tlsock_object_shared_ciphers(of->object, &ciphers, error);
  return ciphers ? fact_handle(answer, ciphers_handle(of->env, ciphers)) : status;
}

static tlsock_status compression(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_static_text(answer, tlsock_object_compression(of->object));
}

static tlsock_status alpn_protocol(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_lent_text(answer, tlsock_object_selected_alpn_protocol(of->object));
}

static tlsock_status npn_protocol(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  return fact_static_text(answer, tlsock_object_selected_npn_protocol(of->object));
}

static tlsock_status session(const connection *of, fact *answer, tlsock_error **error) {
  tlsock_session *session = NULL;
  tlsock_status status = tlsock_object_session(of->object, &session, error);
  return session ? fact_handle(answer, session_handle(of->env, session)) : status;
}

static tlsock_status session_reused(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  *answer = (fact){FACT_BOOL, {.is = tlsock_object_session_reused(of->object)}};
  return TLSOCK_OK;
}

static tlsock_status ocsp_response(const connection *of, fact *answer, tlsock_error **error) {
  tlsock_bytes response = {0};
  tlsock_status status = tlsock_object_ocsp_response(of->object, &response, error);
  return status == TLSOCK_OK ? fact_bytes(answer, response) : status;
}

static tlsock_status scts(const connection *of, fact *answer, tlsock_error **error) {
  tlsock_bytes list = {0};
  tlsock_status status = tlsock_object_scts(of->object, &list, error);
  return status == TLSOCK_OK ? fact_bytes(answer, list) : status;
}

static tlsock_status ech_status(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  int status = tlsock_object_ech_status(of->object);
  if (status != TLSOCK_ECH_STATUS_NONE) *answer = (fact){FACT_INT, {.number = status}};
  return TLSOCK_OK;
}

// Nothing without a response that was checked and is valid.
static tlsock_status ocsp_status(const connection *of, fact *answer, tlsock_error **error) {
  (void)error;
  tlsock_ocsp_status status = tlsock_object_ocsp_status(of->object);
  if (status.status != TLSOCK_OCSP_STATUS_NONE) *answer = (fact){FACT_OCSP, {.ocsp = status}};
  return TLSOCK_OK;
}

static tlsock_status tls_unique(const connection *of, fact *answer, tlsock_error **error) {
  tlsock_bytes binding = {0};
  tlsock_status status = tlsock_object_get_channel_binding(of->object, NULL, &binding, error);
  return status == TLSOCK_OK ? fact_bytes(answer, binding) : status;
}

asking asking_of(enum question question) {
  static const asking all[QUESTIONS] = {
      [OWN_FINISHED] = own_finished,
      [PEER_FINISHED] = peer_finished,
      [PEER_CERTIFICATE] = peer_certificate,
      [OWN_CERTIFICATE] = own_certificate,
      [VERSION] = version,
      [GROUP] = group,
      [VERIFY_RESULT] = verify_result,
      [VERIFY_OVERRIDDEN] = verify_overridden,
      [SERVER_NAME] = server_name,
      [ECH_OUTER_NAME] = ech_outer_name,
      [CLIENT_SIGALG] = client_sigalg,
      [SERVER_SIGALG] = server_sigalg,
      [VERIFIED_CHAIN] = verified_chain,
      [UNVERIFIED_CHAIN] = unverified_chain,
      [CIPHER] = cipher,
      [SHARED_CIPHERS] = shared_ciphers,
      [COMPRESSION] = compression,
      [ALPN_PROTOCOL] = alpn_protocol,
      [NPN_PROTOCOL] = npn_protocol,
      [SESSION] = session,
      [SESSION_REUSED] = session_reused,
      [OCSP_RESPONSE] = ocsp_response,
      [SCTS] = scts,
      [ECH_STATUS] = ech_status,
      [OCSP_STATUS] = ocsp_status,
      [TLS_UNIQUE] = tls_unique,
  };
  return all[question];
}

// ---- what is asked of the connection only ----

static napi_value object_getpeercert(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_certificate *certificate = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_getpeercert(to_object(&c, 0), &certificate, &error);
  return check(&c, status, &error) ? from_certificate(env, certificate) : NULL;
}

static napi_value verify_again(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_certificate_list *chain = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_verify_again(to_object(&c, 0), &chain, &error);
  return check(&c, status, &error) ? from_list(env, chain) : NULL;
}

static napi_value server_hostname(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_text(env, tlsock_object_server_hostname(to_object(&c, 0)));
}

static napi_value info_json(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_bytes json = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_info_json(to_object(&c, 0), &json, &error);
  return check(&c, status, &error) ? from_owned(env, &json) : NULL;
}

// getChannelBinding(object, type)
static napi_value get_channel_binding(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *type;
  tlsock_bytes binding = {0};
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &type)) status = tlsock_object_get_channel_binding(to_object(&c, 0), type, &binding, &error);
  text_free(type);
  return check(&c, status, &error) ? from_owned(env, &binding) : NULL;
}

// exportKeyingMaterial(object, label, context or null, length)
static napi_value export_keying_material(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied context;
  if (!copy_bytes(&c, 2, &context)) return NULL;
  char *label;
  size_t len = (size_t)to_int64(&c, 3);
  uint8_t *out = calloc(1, len ? len : 1);
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &label) && out)
    status = tlsock_object_export_keying_material(to_object(&c, 0), label, context.data, context.len, out, len, &error);
  napi_value result = check(&c, status, &error) ? from_bytes(env, out, len) : NULL;
  if (out) wipe(out, len);
  free(out);
  text_free(label);
  copied_free(&context);
  return result;
}

static napi_value verify_client_post_handshake(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_object_verify_client_post_handshake(to_object(&c, 0), &error), &error);
}

static napi_value key_update(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_object_key_update(to_object(&c, 0), to_bool(&c, 1), &error), &error);
}

// setExpectedNames(object, array of strings)
static napi_value set_expected_names(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  texts names;
  if (!to_texts(&c, 1, &names)) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status =
      tlsock_object_set_expected_names(to_object(&c, 0), (const char *const *)names.items, names.count, &error);
  texts_free(&names);
  return done(&c, status, &error);
}

// setServerName(object, text or null)
static napi_value set_server_name(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *name;
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (to_text(&c, 1, &name)) status = tlsock_object_set_server_name(to_object(&c, 0), name, &error);
  text_free(name);
  return done(&c, status, &error);
}

static napi_value object_set_context(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_object_set_context(to_object(&c, 0), to_context(&c, 1), &error), &error);
}

static napi_value set_session(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_object_set_session(to_object(&c, 0), to_session(&c, 1), &error), &error);
}

void export_connection(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"getpeercert", object_getpeercert},
      {"verifyAgain", verify_again},
      {"serverHostname", server_hostname},
      {"infoJson", info_json},
      {"getChannelBinding", get_channel_binding},
      {"exportKeyingMaterial", export_keying_material},
      {"verifyClientPostHandshake", verify_client_post_handshake},
      {"keyUpdate", key_update},
      {"setExpectedNames", set_expected_names},
      {"setServerName", set_server_name},
      {"setContext", object_set_context},
      {"setSession", set_session},
  };
  EXPORT(functions);
}
