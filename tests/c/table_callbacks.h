// The steps of the table that set callbacks, each of which gives one fixed answer.
#ifndef TABLE_CALLBACKS_H
#define TABLE_CALLBACKS_H

#include "table_steps.h"

// What a callback answers; freed by the library.
typedef struct answer {
  char name[64];  // of a key, or the text of a refusal
  unsigned char key[64];
  size_t key_len;
  bool refuses, waits;
  int asked;
  tlsock_identity *identity;  // lent by the scene, which outlives its contexts' use of it
} answer;

static inline answer *new_answer(void) {
  answer *made = calloc(1, sizeof *made);
  CHECK(made != NULL);
  return made;
}

// The library owns an answer only if the setter has taken it.
static inline int handed_over(tlsock_status status, answer *made) {
  if (status != TLSOCK_OK) free(made);
  return (int)status;
}

static inline answer *key_answer(scene *in, const char *name, size_t at) {
  answer *made = new_answer();
  bytes key = bytes_at(in, at);
  CHECK(key.len <= sizeof made->key);
  snprintf(made->name, sizeof made->name, "%s", name);
  if (key.len) memcpy(made->key, key.data, key.len);
  made->key_len = key.len;
  return made;
}

static inline int give_client_key(void *userdata, const tlsock_connection *connection, const char *hint, char *identity,
                                  size_t identity_size, uint8_t *psk, size_t psk_size, size_t *psk_len,
                                  tlsock_error **error) {
  (void)connection, (void)hint, (void)error;
  const answer *it = userdata;
  CHECK(it->key_len <= psk_size);
  snprintf(identity, identity_size, "%s", it->name);
  memcpy(psk, it->key, it->key_len);
  *psk_len = it->key_len;
  return TLSOCK_OK;
}

static inline int give_server_key(void *userdata, const tlsock_connection *connection, const char *identity,
                                  uint8_t *psk, size_t psk_size, size_t *psk_len, tlsock_error **error) {
  (void)connection, (void)identity, (void)error;
  const answer *it = userdata;
  CHECK(it->key_len <= psk_size);
  memcpy(psk, it->key, it->key_len);
  *psk_len = it->key_len;
  return TLSOCK_OK;
}

static inline int run_set_psk_client_callback(scene *in) {
  answer *made = key_answer(in, word_at(in, 2), 3);
  return handed_over(
      tlsock_context_set_psk_client_callback(handle_at(in, 1, CONTEXT), give_client_key, made, free, &in->error), made);
}

static inline int run_set_psk_server_callback(scene *in) {
  answer *made = key_answer(in, "", 2);
  return handed_over(tlsock_context_set_psk_server_callback(handle_at(in, 1, CONTEXT), give_server_key, text_at(in, 3),
                                                            made, free, &in->error),
                     made);
}

static inline int judge_peer(void *userdata, const tlsock_connection *connection, const tlsock_verification *seen,
                             tlsock_error **error) {
  (void)connection, (void)seen;
  answer *it = userdata;
  if (it->waits && it->asked++ % 2 == 0) return TLSOCK_WANT_CALLBACK;
  if (!it->refuses) return TLSOCK_OK;
  *error = tlsock_error_new(TLSOCK_OS, "not on the list");
  return TLSOCK_OS;
}

// set_verify_callback CONTEXT accept|refuse|wait|wait_refuse [insecure_override]
static inline int run_set_verify_callback(scene *in) {
  answer *made = new_answer();
  made->waits = strncmp(word_at(in, 2), "wait", 4) == 0;
  made->refuses = strstr(word_at(in, 2), "refuse") != NULL;
  unsigned flags = given(in, 3) ? TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE : 0;
  return handed_over(
      tlsock_context_set_verify_callback(handle_at(in, 1, CONTEXT), flags, judge_peer, made, free, &in->error), made);
}

static inline int give_identity(void *userdata, const tlsock_connection *connection, tlsock_identity_request *request,
                                tlsock_error **error) {
  (void)connection;
  const answer *it = userdata;
  if (!it->refuses) return (int)tlsock_identity_request_use(request, it->identity, error);
  *error = tlsock_error_new(TLSOCK_OS, "the store is down");
  return TLSOCK_OS;
}

// set_identity_callback CONTEXT IDENTITY|-|refuse
static inline int run_set_identity_callback(scene *in) {
  answer *made = new_answer();
  made->refuses = strcmp(word_at(in, 2), "refuse") == 0;
  if (!made->refuses) made->identity = handle_at(in, 2, IDENTITY);
  return handed_over(
      tlsock_context_set_identity_callback(handle_at(in, 1, CONTEXT), give_identity, made, free, &in->error), made);
}

static inline int choose_protocol(void *userdata, const tlsock_connection *connection, const char *server_name,
                                  const tlsock_slice *protocols, size_t count, size_t *chosen, tlsock_error **error) {
  (void)connection, (void)server_name;
  const answer *it = userdata;
  if (it->refuses) {
    *error = tlsock_error_new(TLSOCK_OS, "not on the list");
    return TLSOCK_OS;
  }
  if (!*it->name) return TLSOCK_OK;
  *chosen = 0;
  while (*chosen < count && strncmp((const char *)protocols[*chosen].data, it->name, protocols[*chosen].len) != 0)
    ++*chosen;
  if (*chosen == count) *chosen = count + 1;
  return TLSOCK_OK;
}

// set_alpn_callback CONTEXT PROTOCOL|-|refuse: one that was not offered is a mistake of the callback.
static inline int run_set_alpn_callback(scene *in) {
  answer *made = new_answer();
  made->refuses = strcmp(word_at(in, 2), "refuse") == 0;
  if (given(in, 2)) snprintf(made->name, sizeof made->name, "%s", word_at(in, 2));
  return handed_over(
      tlsock_context_set_alpn_callback(handle_at(in, 1, CONTEXT), choose_protocol, made, free, &in->error), made);
}

static inline int sign_nonsense(void *userdata, const char *algorithm, const char *digest, const uint8_t *data,
                                size_t data_len, uint8_t *signature, size_t signature_size, size_t *signature_len,
                                tlsock_error **error) {
  (void)algorithm, (void)digest, (void)data, (void)data_len;
  answer *it = userdata;
  if (it->waits && it->asked++ % 2 == 0) return TLSOCK_WANT_CALLBACK;
  if (it->refuses) {
    *error = tlsock_error_new(TLSOCK_OS, "the card is not in its slot");
    return TLSOCK_OS;
  }
  CHECK(signature_size >= 64);
  memset(signature, 0, 64);
  *signature_len = 64;
  return TLSOCK_OK;
}

// identity_new_signer CHAIN nonsense|refuse|wait: the signer gives 64 zeros, fails, or has 64 zeros at every second question.
static inline int run_identity_new_signer(scene *in) {
  bytes chain = bytes_at(in, 1);
  answer *made = new_answer();
  tlsock_identity *identity = NULL;
  made->refuses = strcmp(word_at(in, 2), "refuse") == 0;
  made->waits = strcmp(word_at(in, 2), "wait") == 0;
  tlsock_status status = tlsock_identity_new_signer(chain.data, chain.len, made->waits ? TLSOCK_SIGNER_MAY_WAIT : 0,
                                                    sign_nonsense, made, free, &identity, &in->error);
  if (status != TLSOCK_OK) return handed_over(status, made);
  return kept(in, status, IDENTITY, identity);
}

#endif
