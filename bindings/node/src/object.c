// SSLObject: a connection over MemoryBIOs, and the getters of every connection.

#include <stdlib.h>
#include <string.h>

#include "addon.h"

typedef tlsock_status (*operation)(tlsock_object *object, tlsock_error **error);
typedef const char *(*text_getter)(const tlsock_object *object);
typedef tlsock_status (*certificate_getter)(const tlsock_object *object, tlsock_certificate **certificate,
                                            tlsock_error **error);
typedef tlsock_status (*chain_getter)(const tlsock_object *object, tlsock_certificate_list **chain,
                                      tlsock_error **error);

static napi_value perform(napi_env env, napi_callback_info info, operation run) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, run(to_object(&c, 0), &error), &error);
}

static napi_value text_of(napi_env env, napi_callback_info info, text_getter get) {
  call c = begin(env, info);
  return from_text(env, get(to_object(&c, 0)));
}

static napi_value certificate_of(napi_env env, napi_callback_info info, certificate_getter get) {
  call c = begin(env, info);
  tlsock_certificate *certificate = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = get(to_object(&c, 0), &certificate, &error);
  return check(&c, status, &error) ? from_certificate(env, certificate) : NULL;
}

static napi_value chain_of(napi_env env, napi_callback_info info, chain_getter get) {
  call c = begin(env, info);
  tlsock_certificate_list *chain = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = get(to_object(&c, 0), &chain, &error);
  return check(&c, status, &error) ? from_list(env, chain) : NULL;
}

static napi_value do_handshake(napi_env env, napi_callback_info info) {
  return perform(env, info, tlsock_object_do_handshake);
}

static napi_value no_memory(const call *c) {
  tlsock_error *none = NULL;
  return done(c, TLSOCK_NO_MEMORY, &none);
}

// Reads into the scratch: a callback may run JavaScript meanwhile.
static bool read_into(const call *c, scratch *scratch, size_t most, size_t *len) {
  size_t size = most < sizeof scratch->plaintext ? most : sizeof scratch->plaintext;
  tlsock_error *error = NULL;
  return check(c, tlsock_object_read(to_object(c, 0), scratch->plaintext, size, len, &error), &error);
}

// read(object, most): a Buffer of its own.
static napi_value object_read(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  scratch *scratch = scratch_take(c.addon);
  if (!scratch) return no_memory(&c);
  size_t len = 0;
  int64_t most = to_int64(&c, 1);
  bool good = read_into(&c, scratch, most > 0 ? (size_t)most : 0, &len);
  napi_value result = good ? fresh_buffer(env, scratch->plaintext, len) : NULL;
  scratch_give(c.addon, scratch);
  return good && !result ? no_memory(&c) : result;
}

// Copies the data to the given buffer, if that still exists.
static napi_value hand_over(const call *c, const uint8_t *data, size_t len) {
  tlsock_slice theirs;
  borrow(c->env, c->argv[1], &theirs);
  if (theirs.len < len) {
    tlsock_error *error = tlsock_error_new(TLSOCK_VALUE, "the buffer was detached or resized while it was read into");
    return done(c, TLSOCK_VALUE, &error);
  }
  if (len) memcpy((void *)theirs.data, data, len);
  return from_int(c->env, (int64_t)len);
}

// readInto(object, buffer): how many bytes it put there.
static napi_value object_read_into(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_slice theirs;
  borrow(env, c.argv[1], &theirs);
  scratch *scratch = scratch_take(c.addon);
  if (!scratch) return no_memory(&c);
  size_t len = 0;
  napi_value result = read_into(&c, scratch, theirs.len, &len) ? hand_over(&c, scratch->plaintext, len) : NULL;
  scratch_give(c.addon, scratch);
  return result;
}

static napi_value object_write(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied in;
  if (!copy_bytes(&c, 1, &in)) return NULL;
  size_t written = 0;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_write(to_object(&c, 0), in.data, in.len, &written, &error);
  copied_free(&in);
  return check(&c, status, &error) ? from_int(env, (int64_t)written) : NULL;
}

static napi_value object_pending(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_int(env, (int64_t)tlsock_object_pending(to_object(&c, 0)));
}

static napi_value object_unwrap(napi_env env, napi_callback_info info) {
  return perform(env, info, tlsock_object_unwrap);
}

static napi_value object_close_write(napi_env env, napi_callback_info info) {
  return perform(env, info, tlsock_object_close_write);
}

static napi_value verify_client_post_handshake(napi_env env, napi_callback_info info) {
  return perform(env, info, tlsock_object_verify_client_post_handshake);
}

static napi_value object_getpeercert(napi_env env, napi_callback_info info) {
  return certificate_of(env, info, tlsock_object_getpeercert);
}

static napi_value object_peer_certificate(napi_env env, napi_callback_info info) {
  return certificate_of(env, info, tlsock_object_peer_certificate);
}

static napi_value own_certificate(napi_env env, napi_callback_info info) {
  return certificate_of(env, info, tlsock_object_own_certificate);
}

static napi_value get_verified_chain(napi_env env, napi_callback_info info) {
  return chain_of(env, info, tlsock_object_get_verified_chain);
}

static napi_value verify_again(napi_env env, napi_callback_info info) {
  return chain_of(env, info, tlsock_object_verify_again);
}

static napi_value verify_overridden(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_object_verify_overridden(to_object(&c, 0)));
}

static napi_value get_unverified_chain(napi_env env, napi_callback_info info) {
  return chain_of(env, info, tlsock_object_get_unverified_chain);
}

napi_value from_cipher(napi_env env, const tlsock_cipher *cipher) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "name", from_text(env, cipher->name));
  set(env, result, "protocol", from_text(env, cipher->protocol));
  set(env, result, "secretBits", from_int(env, cipher->secret_bits));
  return result;
}

static napi_value object_cipher(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_cipher cipher = {0};
  return tlsock_object_cipher(to_object(&c, 0), &cipher) ? from_cipher(env, &cipher) : null_value(env);
}

static napi_value object_version(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_version);
}

static napi_value object_group(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_group);
}

static napi_value ech_status(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_int(env, tlsock_object_ech_status(to_object(&c, 0)));
}

static napi_value ech_outer_name(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_ech_outer_name);
}

static napi_value object_compression(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_compression);
}

static napi_value selected_alpn_protocol(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_selected_alpn_protocol);
}

static napi_value selected_npn_protocol(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_selected_npn_protocol);
}

// The name the client asked for.
static napi_value server_name(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_server_name);
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
  char *name = to_text(&c, 1);
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_set_server_name(to_object(&c, 0), name, &error);
  text_free(name);
  return done(&c, status, &error);
}

static napi_value key_update(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_object_key_update(to_object(&c, 0), to_bool(&c, 1), &error), &error);
}

// exportKeyingMaterial(object, label, context or null, length)
static napi_value export_keying_material(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  copied context;
  if (!copy_bytes(&c, 2, &context)) return NULL;
  char *label = to_text(&c, 1);
  size_t len = (size_t)to_int64(&c, 3);
  uint8_t *out = calloc(1, len ? len : 1);
  tlsock_error *error = NULL;
  tlsock_status status = TLSOCK_NO_MEMORY;
  if (out)
    status = tlsock_object_export_keying_material(to_object(&c, 0), label, context.data, context.len, out, len, &error);
  napi_value result = check(&c, status, &error) ? from_bytes(env, out, len) : NULL;
  if (out) wipe(out, len);
  free(out);
  text_free(label);
  copied_free(&context);
  return result;
}

static napi_value object_set_context(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_object_set_context(to_object(&c, 0), to_context(&c, 1), &error), &error);
}

static napi_value server_hostname(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_server_hostname);
}

static napi_value object_session(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_session *session = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_session(to_object(&c, 0), &session, &error);
  return check(&c, status, &error) ? from_session(env, session) : NULL;
}

static napi_value set_session(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_error *error = NULL;
  return done(&c, tlsock_object_set_session(to_object(&c, 0), to_session(&c, 1), &error), &error);
}

static napi_value session_reused(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  return from_bool(env, tlsock_object_session_reused(to_object(&c, 0)));
}

static napi_value verify_result(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  int result = 0;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_verify_result(to_object(&c, 0), &result, &error);
  return check(&c, status, &error) ? from_int(env, result) : NULL;
}

static napi_value finished_of(napi_env env, napi_callback_info info, bool own) {
  call c = begin(env, info);
  tlsock_bytes finished = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_finished(to_object(&c, 0), own, &finished, &error);
  return check(&c, status, &error) ? from_owned(env, &finished) : NULL;
}

static napi_value own_finished(napi_env env, napi_callback_info info) { return finished_of(env, info, true); }
static napi_value peer_finished(napi_env env, napi_callback_info info) { return finished_of(env, info, false); }

static void ciphers_free(void *pointer) { tlsock_cipher_list_free(pointer); }

// A handle, or null: see ciphersOf.
static napi_value shared_ciphers(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_cipher_list *ciphers = NULL;
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_shared_ciphers(to_object(&c, 0), &ciphers, &error);
  return check(&c, status, &error) ? handle_new(env, KIND_CIPHER_LIST, ciphers, ciphers_free, 1024) : NULL;
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

static napi_value client_sigalg(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_client_sigalg);
}

static napi_value server_sigalg(napi_env env, napi_callback_info info) {
  return text_of(env, info, tlsock_object_server_sigalg);
}

typedef tlsock_status (*bytes_getter)(const tlsock_object *object, tlsock_bytes *bytes, tlsock_error **error);

static napi_value bytes_of(napi_env env, napi_callback_info info, bytes_getter get) {
  call c = begin(env, info);
  tlsock_bytes bytes = {0};
  tlsock_error *error = NULL;
  return check(&c, get(to_object(&c, 0), &bytes, &error), &error) ? from_owned(env, &bytes) : NULL;
}

static napi_value info_json(napi_env env, napi_callback_info info) {
  return bytes_of(env, info, tlsock_object_info_json);
}

static napi_value ocsp_response(napi_env env, napi_callback_info info) {
  return bytes_of(env, info, tlsock_object_ocsp_response);
}

// null without a response that was checked and is valid.
static napi_value ocsp_status(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_ocsp_status status = tlsock_object_ocsp_status(to_object(&c, 0));
  if (status.status == TLSOCK_OCSP_STATUS_NONE) return null_value(env);
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "status", from_int(env, status.status));
  set(env, result, "reason", from_int(env, status.reason));
  set(env, result, "revocationTime", from_int(env, status.revocation_time));
  set(env, result, "thisUpdate", from_int(env, status.this_update));
  set(env, result, "nextUpdate", from_int(env, status.next_update));
  return result;
}

static napi_value get_channel_binding(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  char *type = to_text(&c, 1);
  tlsock_bytes binding = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_get_channel_binding(to_object(&c, 0), type, &binding, &error);
  text_free(type);
  return check(&c, status, &error) ? from_owned(env, &binding) : NULL;
}

void export_object(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"doHandshake", do_handshake},
      {"read", object_read},
      {"readInto", object_read_into},
      {"write", object_write},
      {"pending", object_pending},
      {"unwrap", object_unwrap},
      {"closeWrite", object_close_write},
      {"verifyClientPostHandshake", verify_client_post_handshake},
      {"getpeercert", object_getpeercert},
      {"peerCertificate", object_peer_certificate},
      {"ownCertificate", own_certificate},
      {"getVerifiedChain", get_verified_chain},
      {"verifyAgain", verify_again},
      {"verifyOverridden", verify_overridden},
      {"getUnverifiedChain", get_unverified_chain},
      {"cipher", object_cipher},
      {"version", object_version},
      {"group", object_group},
      {"echStatus", ech_status},
      {"echOuterName", ech_outer_name},
      {"compression", object_compression},
      {"selectedAlpnProtocol", selected_alpn_protocol},
      {"selectedNpnProtocol", selected_npn_protocol},
      {"serverName", server_name},
      {"setExpectedNames", set_expected_names},
      {"setServerName", set_server_name},
      {"keyUpdate", key_update},
      {"exportKeyingMaterial", export_keying_material},
      {"setContext", object_set_context},
      {"serverHostname", server_hostname},
      {"session", object_session},
      {"setSession", set_session},
      {"sessionReused", session_reused},
      {"verifyResult", verify_result},
      {"clientSigalg", client_sigalg},
      {"serverSigalg", server_sigalg},
      {"infoJson", info_json},
      {"ocspResponse", ocsp_response},
      {"ocspStatus", ocsp_status},
      {"ownFinished", own_finished},
      {"peerFinished", peer_finished},
      {"sharedCiphers", shared_ciphers},
      {"ciphersOf", ciphers_of},
      {"getChannelBinding", get_channel_binding},
  };
  EXPORT(functions);
}
