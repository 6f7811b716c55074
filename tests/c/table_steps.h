// The steps of the table that are functions of the header, by their names.
#ifndef TABLE_STEPS_H
#define TABLE_STEPS_H

#include <limits.h>

#include "table_connect.h"

// A step runs in one of these ways: the first that is set counts.
typedef struct step {
  const char *name;
  int (*run)(scene *);
  tlsock_status (*set_int)(tlsock_context *, int, tlsock_error **);
  tlsock_status (*set_size)(tlsock_context *, size_t, tlsock_error **);
  tlsock_status (*set_word)(tlsock_context *, uint64_t, tlsock_error **);
  tlsock_status (*set_flag)(tlsock_context *, bool, tlsock_error **);
  tlsock_status (*set_text)(tlsock_context *, const char *, tlsock_error **);
  tlsock_status (*set_texts)(tlsock_context *, const char *const *, size_t, tlsock_error **);
  tlsock_status (*set_bytes)(tlsock_context *, const void *, size_t, tlsock_error **);
  int (*tell_int)(const tlsock_context *);
  size_t (*tell_size)(const tlsock_context *);
  uint64_t (*tell_word)(const tlsock_context *);
  bool (*tell_flag)(const tlsock_context *);
  const char *(*ask_text)(const tlsock_object *);
  bool (*ask_flag)(const tlsock_object *);
  tlsock_status (*ask_bytes)(const tlsock_object *, tlsock_bytes *, tlsock_error **);
} step;

// ---- what steps give ----

static inline int told_text(scene *in, const char *text) {
  tell(&in->outcome, "", "ok", text && *text ? text : "none");
  return TOLD;
}

static inline int told_number(scene *in, long long number) {
  char text[32];
  snprintf(text, sizeof text, "%lld", number);
  return told_text(in, text);
}

static inline int told_flag(scene *in, bool flag) { return told_text(in, flag ? "true" : "false"); }

// Bytes are told by their number, and kept if the step says so: a copy, the caller's own stay.
static inline int told_bytes(scene *in, const void *data, size_t len) {
  char text[40];
  void *copy = malloc(len + 1);
  CHECK(copy != NULL);
  if (len) memcpy(copy, data, len);
  keep(in, BYTES, copy, len);
  snprintf(text, sizeof text, "%zu bytes", len);
  return told_text(in, data ? text : NULL);
}

static inline int took_bytes(scene *in, tlsock_status status, tlsock_bytes *made) {
  if (status != TLSOCK_OK) return (int)status;
  told_bytes(in, made->data, made->len);
  tlsock_bytes_free(made);
  return TOLD;
}

static inline int kept(scene *in, tlsock_status status, kind kind, void *handle) {
  if (handle) keep(in, kind, handle, 0);
  return (int)status;
}

// A certificate is told by its subject and its number; its DER is kept.
static inline int took_certificate(scene *in, tlsock_status status, tlsock_certificate **made) {
  if (status != TLSOCK_OK) return (int)status;
  if (!*made) return told_text(in, NULL);
  tlsock_slice der = tlsock_certificate_der(*made);
  told_bytes(in, der.data, der.len);
  clear_outcome(&in->outcome);
  told_text(in, tlsock_certificate_subject_text(*made));
  tell(&in->outcome, "", "serial", tlsock_certificate_serial_number(*made));
  tlsock_certificate_free(*made);
  return TOLD;
}

// Text that the caller owns.
static inline int took_text(scene *in, tlsock_status status, tlsock_bytes *made) {
  if (status != TLSOCK_OK) return (int)status;
  told_text(in, (const char *)made->data);
  tlsock_bytes_free(made);
  return TOLD;
}

// ---- contexts ----

// client: the defaults, trust in ca.pem, and the version of the case.
static inline int run_client(scene *in) { return kept(in, TLSOCK_OK, CONTEXT, new_client(in->version)); }

// server [NAME]: the defaults, NAME.pem and NAME.key, and the version of the case.
static inline int run_server(scene *in) {
  tlsock_context *made = NULL;
  if (in->said.count > 1) return kept(in, TLSOCK_OK, CONTEXT, new_server(word_at(in, 1), in->version));
  OK(tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &made, E));
  only_version(made, in->version);
  return kept(in, TLSOCK_OK, CONTEXT, made);
}

// context_new PROTOCOL: without any default, at the version of the case.
static inline int run_context_new(scene *in) {
  tlsock_context *made = NULL;
  tlsock_status status = tlsock_context_new((int)number_at(in, 1), &made, &in->error);
  if (status == TLSOCK_OK) only_version(made, in->version);
  return kept(in, status, CONTEXT, made);
}

static inline int run_copy(scene *in) {
  tlsock_context *made = NULL;
  tlsock_status status = tlsock_context_copy(handle_at(in, 1, CONTEXT), &made, &in->error);
  return kept(in, status, CONTEXT, made);
}

static inline int run_load_cert_chain(scene *in) {
  return (int)tlsock_context_load_cert_chain(handle_at(in, 1, CONTEXT), path_at(in, 2), path_at(in, 3), text_at(in, 4),
                                             &in->error);
}

static inline int run_load_cert_chain_data(scene *in) {
  bytes cert = bytes_at(in, 2), key = bytes_at(in, 3);
  return (int)tlsock_context_load_cert_chain_data(handle_at(in, 1, CONTEXT), cert.data, cert.len, key.data, key.len,
                                                  text_at(in, 4), &in->error);
}

static inline int run_load_verify_locations(scene *in) {
  bytes data = bytes_at(in, 4);
  return (int)tlsock_context_load_verify_locations(handle_at(in, 1, CONTEXT), path_at(in, 2), path_at(in, 3), data.data,
                                                   data.len, &in->error);
}

static inline int run_cert_store_stats(scene *in) {
  tlsock_cert_store_stats stats = {0};
  tlsock_status status = tlsock_context_cert_store_stats(handle_at(in, 1, CONTEXT), &stats, &in->error);
  if (status != TLSOCK_OK) return (int)status;
  tell(&in->outcome, "", "ok", "");
  tell_number(&in->outcome, "", "x509", (int64_t)stats.x509, 0);
  tell_number(&in->outcome, "", "crl", (int64_t)stats.crl, 0);
  tell_number(&in->outcome, "", "x509_ca", (int64_t)stats.x509_ca, 0);
  return TOLD;
}

static inline int run_use_identity(scene *in) {
  return (int)tlsock_context_use_identity(handle_at(in, 1, CONTEXT), handle_at(in, 2, IDENTITY), &in->error);
}

// The keys of the header's set_ticket_keys are one behind the other, each as long as the first.
static inline int run_set_ticket_keys(scene *in) {
  unsigned char all[2000];
  size_t used = 0, each = 0;
  for (size_t at = 2; at < in->said.count; at++) {
    bytes one = bytes_at(in, at);
    if (at == 2) each = one.len;
    CHECK(used + one.len <= sizeof all);
    if (one.len) memcpy(all + used, one.data, one.len);
    used += one.len;
  }
  return (int)tlsock_context_set_ticket_keys(handle_at(in, 1, CONTEXT), used ? all : NULL, used, each, &in->error);
}

// load_ticket_keys CONTEXT FORMAT FILE...
static inline int run_load_ticket_keys(scene *in) {
  const char *files[8];
  size_t count = 0;
  for (size_t at = 3; at < in->said.count; at++) {
    CHECK(count < sizeof files / sizeof *files);
    files[count++] = path_at(in, at);
  }
  return (int)tlsock_context_load_ticket_keys(handle_at(in, 1, CONTEXT), (int)number_at(in, 2), files, count,
                                              &in->error);
}

// get_groups CONTEXT INCLUDE_ALIASES
static inline int run_get_groups(scene *in) {
  tlsock_bytes names = {NULL, 0};
  return took_text(in, tlsock_context_get_groups(handle_at(in, 1, CONTEXT), flag_at(in, 2), &names, &in->error),
                   &names);
}

static inline int run_get_sigalgs(scene *in) {
  tlsock_bytes names = {NULL, 0};
  return took_text(in, tlsock_get_sigalgs(&names, &in->error), &names);
}

// ---- identities ----

static inline int run_identity_new_files(scene *in) {
  tlsock_identity *made = NULL;
  tlsock_status status = tlsock_identity_new_files(path_at(in, 1), path_at(in, 2), text_at(in, 3), &made, &in->error);
  return kept(in, status, IDENTITY, made);
}

static inline int run_identity_new_data(scene *in) {
  bytes cert = bytes_at(in, 1), key = bytes_at(in, 2);
  tlsock_identity *made = NULL;
  tlsock_status status =
      tlsock_identity_new_data(cert.data, cert.len, key.data, key.len, text_at(in, 3), &made, &in->error);
  return kept(in, status, IDENTITY, made);
}

static inline int run_identity_new_pkcs12(scene *in) {
  bytes data = bytes_at(in, 1);
  tlsock_identity *made = NULL;
  tlsock_status status = tlsock_identity_new_pkcs12(data.data, data.len, text_at(in, 2), &made, &in->error);
  return kept(in, status, IDENTITY, made);
}

static inline int run_identity_with_ocsp_response(scene *in) {
  bytes response = bytes_at(in, 2);
  tlsock_identity *made = NULL;
  tlsock_status status =
      tlsock_identity_with_ocsp_response(handle_at(in, 1, IDENTITY), response.data, response.len, &made, &in->error);
  return kept(in, status, IDENTITY, made);
}

static inline int run_identity_with_scts(scene *in) {
  bytes list = bytes_at(in, 2);
  tlsock_identity *made = NULL;
  tlsock_status status = tlsock_identity_with_scts(handle_at(in, 1, IDENTITY), list.data, list.len, &made, &in->error);
  return kept(in, status, IDENTITY, made);
}

// A URI file:NAME is that of a file in the folder of the certificates, absolute as such a URI has to be.
static inline const char *uri_at(scene *in, size_t at) {
  char uri[PATH_MAX + 100], folder[PATH_MAX];
  if (!given(in, at)) return NULL;
  const char *said = word_at(in, at);
  bool ours = begins(said, "file:") && said[5] && said[5] != '/';
  CHECK(realpath(test_certs, folder) != NULL);
  if (ours) {
    snprintf(uri, sizeof uri, "file:%s/%s", folder, said + 5);
  } else {
    snprintf(uri, sizeof uri, "%s", said);
  }
  return lend(in, strdup(uri));
}

static inline int run_identity_new_uri(scene *in) {
  tlsock_identity *made = NULL;
  tlsock_status status = tlsock_identity_new_uri(uri_at(in, 1), uri_at(in, 2), text_at(in, 3), &made, &in->error);
  return kept(in, status, IDENTITY, made);
}

static inline int run_identity_certificates(scene *in) {
  tlsock_certificate_list *list = NULL;
  tlsock_status status = tlsock_identity_certificates(handle_at(in, 1, IDENTITY), &list, &in->error);
  if (status != TLSOCK_OK) return (int)status;
  size_t count = tlsock_certificate_list_count(list);
  tlsock_certificate_list_free(list);
  return told_number(in, (long long)count);
}

// ---- sessions ----

static inline int run_session(scene *in) {
  tlsock_session *made = NULL;
  tlsock_status status = tlsock_object_session(object_at(in, 1), &made, &in->error);
  if (status != TLSOCK_OK) return (int)status;
  told_text(in, made ? "a session" : NULL);
  kept(in, status, SESSION, made);
  return TOLD;
}

static inline int run_set_session(scene *in) {
  return (int)tlsock_object_set_session(object_at(in, 1), handle_at(in, 2, SESSION), &in->error);
}

static inline int run_session_new_data(scene *in) {
  bytes data = bytes_at(in, 2);
  tlsock_session *made = NULL;
  tlsock_status status = tlsock_session_new_data(handle_at(in, 1, CONTEXT), data.data, data.len, &made, &in->error);
  return kept(in, status, SESSION, made);
}

// session_data SESSION: its length differs from one handshake to the next, so it is not told.
static inline int run_session_data(scene *in) {
  tlsock_bytes data = {NULL, 0};
  tlsock_status status = tlsock_session_data(handle_at(in, 1, SESSION), &data, &in->error);
  if (status != TLSOCK_OK) return (int)status;
  took_bytes(in, status, &data);
  clear_outcome(&in->outcome);
  return told_text(in, "bytes");
}

// ---- connections ----

static inline int run_set_expected_names(scene *in) {
  const char *names[MOST_WORDS];
  size_t count = 0;
  for (size_t at = 2; at < in->said.count; at++) names[count++] = text_at(in, at);
  return (int)tlsock_object_set_expected_names(object_at(in, 1), names, count, &in->error);
}

static inline int run_set_server_name(scene *in) {
  return (int)tlsock_object_set_server_name(object_at(in, 1), text_at(in, 2), &in->error);
}

static inline int run_get_channel_binding(scene *in) {
  tlsock_bytes binding = {NULL, 0};
  tlsock_status status = tlsock_object_get_channel_binding(object_at(in, 1), text_at(in, 2), &binding, &in->error);
  return took_bytes(in, status, &binding);
}

// export_keying_material SIDE LABEL CONTEXT LENGTH
static inline int run_export_keying_material(scene *in) {
  bytes context = bytes_at(in, 3);
  size_t len = (size_t)number_at(in, 4);
  CHECK(len <= 1 << 20);
  unsigned char *out = lend(in, malloc(len + 1));
  tlsock_status status = tlsock_object_export_keying_material(object_at(in, 1), text_at(in, 2), context.data,
                                                              context.len, out, len, &in->error);
  return status == TLSOCK_OK ? told_bytes(in, out, len) : (int)status;
}

static inline int run_finished(scene *in) {
  tlsock_bytes made = {NULL, 0};
  bool own = strcmp(word_at(in, 2), "own") == 0;
  return took_bytes(in, tlsock_object_finished(object_at(in, 1), own, &made, &in->error), &made);
}

static inline int run_key_update(scene *in) {
  return (int)tlsock_object_key_update(object_at(in, 1), flag_at(in, 2), &in->error);
}

static inline int run_verify_result(scene *in) {
  int result = 0;
  tlsock_status status = tlsock_object_verify_result(object_at(in, 1), &result, &in->error);
  return status == TLSOCK_OK ? told_number(in, result) : (int)status;
}

static inline int run_ocsp_status(scene *in) {
  static const char *const names[] = {"none", "good", "revoked", "unknown"};
  tlsock_ocsp_status status = tlsock_object_ocsp_status(object_at(in, 1));
  told_text(in, names[status.status]);
  tell_number(&in->outcome, "", "reason", status.reason, 0);
  tell_number(&in->outcome, "", "revocation_time", status.revocation_time, 0);
  tell_number(&in->outcome, "", "this_update", status.this_update, 0);
  tell_number(&in->outcome, "", "next_update", status.next_update, 0);
  return TOLD;
}

static inline int run_load_ech_keys(scene *in) {
  bytes keys = bytes_at(in, 2), former = bytes_at(in, 3);
  return (int)tlsock_context_load_ech_keys(handle_at(in, 1, CONTEXT), keys.data, keys.len, former.data, former.len,
                                           &in->error);
}

static inline int run_generate_ech_keys(scene *in) {
  tlsock_bytes keys = {NULL, 0}, configs = {NULL, 0};
  int status = (int)tlsock_generate_ech_keys(text_at(in, 1), (int)number_at(in, 2), &keys, &configs, &in->error);
  tlsock_bytes_free(&keys);
  tlsock_bytes_free(&configs);
  return status;
}

static inline int run_ech_status(scene *in) {
  static const char *const names[] = {"none", "grease", "accepted", "rejected", "backend"};
  return told_text(in, names[tlsock_object_ech_status(object_at(in, 1))]);
}

static inline int run_info_json(scene *in) {
  tlsock_bytes json = {NULL, 0};
  return took_text(in, tlsock_object_info_json(object_at(in, 1), &json, &in->error), &json);
}

static inline int run_own_certificate(scene *in) {
  tlsock_certificate *made = NULL;
  return took_certificate(in, tlsock_object_own_certificate(object_at(in, 1), &made, &in->error), &made);
}

static inline int run_peer_certificate(scene *in) {
  tlsock_certificate *made = NULL;
  return took_certificate(in, tlsock_object_peer_certificate(object_at(in, 1), &made, &in->error), &made);
}

// same A B: whether these are the same bytes.
static inline int run_same(scene *in) {
  bytes one = bytes_at(in, 1), other = bytes_at(in, 2);
  return told_flag(in, one.len == other.len && memcmp(one.data, other.data, one.len) == 0);
}

#endif
