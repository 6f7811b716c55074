// Questions to a connection, and what a TLSSocket remembers of it for the time after a failure or its end.

#include <stdlib.h>
#include <string.h>

#include "addon.h"
#include "fact.h"

// An object has about this much memory, of which little is left after its end.
enum { WEIGHT = 48 * 1024, WEIGHT_KEPT = 1024 };

static void connection_free(void *pointer) {
  connection *connection = pointer;
  tlsock_object_free(connection->object);
  for (int i = 0; connection->kept && i < QUESTIONS; i++) fact_free(&connection->kept[i]);
  free(connection->kept);
  free(connection);
}

napi_value from_object(napi_env env, tlsock_object *object) {
  connection *made = malloc(sizeof *made);
  if (!made) return tlsock_object_free(object), handle_give(env, NULL);
  *made = (connection){env, object, NULL};
  return handle_new(env, KIND_OBJECT, made, connection_free, WEIGHT);
}

static connection *to_connection(const call *c, size_t index) { return handle_get(c, index, KIND_OBJECT); }

tlsock_object *to_object(const call *c, size_t index) {
  const connection *found = to_connection(c, index);
  return found ? found->object : NULL;
}

// ---- remembering ----

// What is no longer answered stays as it was.
static tlsock_status keep_one(const connection *of, enum question question, tlsock_error **error) {
  fact answer = {0};
  tlsock_status status = asking_of(question)(of, &answer, error);
  if (status == TLSOCK_VALUE) {
    tlsock_error_free(*error);
    *error = NULL;
    return TLSOCK_OK;
  }
  if (status != TLSOCK_OK || answer.type == FACT_NONE) return status;
  if (!fact_own(&answer)) return TLSOCK_NO_MEMORY;
  fact_free(&of->kept[question]);
  of->kept[question] = answer;
  return TLSOCK_OK;
}

static tlsock_status keep(const connection *of, enum question first, enum question last, tlsock_error **error) {
  tlsock_status status = TLSOCK_OK;
  for (int i = (int)first; i <= (int)last && status == TLSOCK_OK; i++) status = keep_one(of, (enum question)i, error);
  return status;
}

static bool start_keeping(connection *of) {
  of->kept = calloc(QUESTIONS, sizeof *of->kept);
  return of->kept;
}

tlsock_status keep_facts(const call *c, size_t index, tlsock_error **error) {
  connection *of = to_connection(c, index);
  if (!of || of->kept) return TLSOCK_OK;
  return start_keeping(of) ? keep(of, OWN_FINISHED, SERVER_SIGALG, error) : TLSOCK_NO_MEMORY;
}

// Keeps the Finished messages of now. Whether they are others: a certificate was asked for later, or TLS 1.2 had another handshake.
static tlsock_status keep_finished(const connection *of, bool *is_other, tlsock_error **error) {
  fact before[2] = {of->kept[OWN_FINISHED], of->kept[PEER_FINISHED]};
  of->kept[OWN_FINISHED] = of->kept[PEER_FINISHED] = (fact){0};
  tlsock_status status = keep(of, OWN_FINISHED, PEER_FINISHED, error);
  *is_other = false;
  for (int i = 0; i < 2; i++) {
    fact *now = &of->kept[OWN_FINISHED + i];
    if (now->type == FACT_NONE) {
      *now = before[i];
      continue;
    }
    *is_other |= !fact_same_bytes(now, &before[i]);
    fact_free(&before[i]);
  }
  return status;
}

static bool is_tls13(const connection *of) {
  const fact *version = &of->kept[VERSION];
  return version->type == FACT_STATIC_TEXT && strcmp(version->text, "TLSv1.3") == 0;
}

static tlsock_status keep_all(const connection *of, tlsock_error **error) {
  bool is_other = false;
  tlsock_status status = keep_finished(of, &is_other, error);
  if (status == TLSOCK_OK && is_other) status = keep(of, PEER_CERTIFICATE, SERVER_SIGALG, error);
  if (status == TLSOCK_OK) status = keep(of, VERIFIED_CHAIN, OCSP_STATUS, error);
  // Asking over TLS 1.3 would make an error each time.
  if (status == TLSOCK_OK && !is_tls13(of)) status = keep(of, TLS_UNIQUE, TLS_UNIQUE, error);
  return status;
}

static tlsock_status keep_last(connection *of, tlsock_error **error) {
  if (of->kept) return keep_all(of, error);
  return start_keeping(of) ? keep(of, OCSP_RESPONSE, OCSP_STATUS, error) : TLSOCK_NO_MEMORY;
}

// close(object): remembers what can still be asked, and frees the rest.
static napi_value close_object(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  connection *of = to_connection(&c, 0);
  if (!of || !of->object) return NULL;
  tlsock_error *error = NULL;
  tlsock_status status = keep_last(of, &error);
  tlsock_object *object = of->object;
  of->object = NULL;
  tlsock_object_free(object);
  handle_reweigh(&c, 0, WEIGHT_KEPT);
  return done(&c, status, &error);
}

// ---- asking ----

static napi_value tell_kept(napi_env env, const connection *of, enum question question) {
  return of->kept ? fact_value(env, &of->kept[question]) : null_value(env);
}

// The answer of now, or else what is remembered.
static napi_value tell(napi_env env, napi_callback_info info, enum question question) {
  call c = begin(env, info);
  static const connection none = {0};
  const connection *found = to_connection(&c, 0), *of = found ? found : &none;
  if (found && !of->object) return tell_kept(env, of, question);
  fact answer = {0};
  tlsock_error *error = NULL;
  tlsock_status status = asking_of(question)(of, &answer, &error);
  bool is_lost = of->kept && answer.type == FACT_NONE && (status == TLSOCK_OK || status == TLSOCK_VALUE);
  if (is_lost) {
    tlsock_error_free(error);
    return tell_kept(env, of, question);
  }
  if (!check(&c, status, &error)) return NULL;
  napi_value result = fact_value(env, &answer);
  fact_free(&answer);
  return result;
}

static napi_value own_finished(napi_env env, napi_callback_info info) { return tell(env, info, OWN_FINISHED); }
static napi_value peer_finished(napi_env env, napi_callback_info info) { return tell(env, info, PEER_FINISHED); }
static napi_value peer_certificate(napi_env env, napi_callback_info info) { return tell(env, info, PEER_CERTIFICATE); }
static napi_value own_certificate(napi_env env, napi_callback_info info) { return tell(env, info, OWN_CERTIFICATE); }
static napi_value version(napi_env env, napi_callback_info info) { return tell(env, info, VERSION); }
static napi_value group(napi_env env, napi_callback_info info) { return tell(env, info, GROUP); }
static napi_value verify_result(napi_env env, napi_callback_info info) { return tell(env, info, VERIFY_RESULT); }
static napi_value verify_overridden(napi_env env, napi_callback_info info) {
  return tell(env, info, VERIFY_OVERRIDDEN);
}
static napi_value server_name(napi_env env, napi_callback_info info) { return tell(env, info, SERVER_NAME); }
static napi_value ech_outer_name(napi_env env, napi_callback_info info) { return tell(env, info, ECH_OUTER_NAME); }
static napi_value client_sigalg(napi_env env, napi_callback_info info) { return tell(env, info, CLIENT_SIGALG); }
static napi_value server_sigalg(napi_env env, napi_callback_info info) { return tell(env, info, SERVER_SIGALG); }
static napi_value verified_chain(napi_env env, napi_callback_info info) { return tell(env, info, VERIFIED_CHAIN); }
static napi_value unverified_chain(napi_env env, napi_callback_info info) { return tell(env, info, UNVERIFIED_CHAIN); }
static napi_value cipher(napi_env env, napi_callback_info info) { return tell(env, info, CIPHER); }
static napi_value shared_ciphers(napi_env env, napi_callback_info info) { return tell(env, info, SHARED_CIPHERS); }
static napi_value compression(napi_env env, napi_callback_info info) { return tell(env, info, COMPRESSION); }
static napi_value alpn_protocol(napi_env env, napi_callback_info info) { return tell(env, info, ALPN_PROTOCOL); }
static napi_value npn_protocol(napi_env env, napi_callback_info info) { return tell(env, info, NPN_PROTOCOL); }
static napi_value session(napi_env env, napi_callback_info info) { return tell(env, info, SESSION); }
static napi_value session_reused(napi_env env, napi_callback_info info) { return tell(env, info, SESSION_REUSED); }
static napi_value ocsp_response(napi_env env, napi_callback_info info) { return tell(env, info, OCSP_RESPONSE); }
static napi_value scts(napi_env env, napi_callback_info info) { return tell(env, info, SCTS); }
static napi_value ech_status(napi_env env, napi_callback_info info) { return tell(env, info, ECH_STATUS); }
static napi_value ocsp_status(napi_env env, napi_callback_info info) { return tell(env, info, OCSP_STATUS); }
static napi_value tls_unique(napi_env env, napi_callback_info info) { return tell(env, info, TLS_UNIQUE); }

void export_kept(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {
      {"close", close_object},
      {"ownFinished", own_finished},
      {"peerFinished", peer_finished},
      {"peerCertificate", peer_certificate},
      {"ownCertificate", own_certificate},
      {"version", version},
      {"group", group},
      {"verifyResult", verify_result},
      {"verifyOverridden", verify_overridden},
      {"serverName", server_name},
      {"echOuterName", ech_outer_name},
      {"clientSigalg", client_sigalg},
      {"serverSigalg", server_sigalg},
      {"getVerifiedChain", verified_chain},
      {"getUnverifiedChain", unverified_chain},
      {"cipher", cipher},
      {"sharedCiphers", shared_ciphers},
      {"compression", compression},
      {"selectedAlpnProtocol", alpn_protocol},
      {"selectedNpnProtocol", npn_protocol},
      {"session", session},
      {"sessionReused", session_reused},
      {"ocspResponse", ocsp_response},
      {"scts", scts},
      {"echStatus", ech_status},
      {"ocspStatus", ocsp_status},
      {"tlsUnique", tls_unique},
  };
  EXPORT(functions);
}
