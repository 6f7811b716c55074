// An answer of a connection: told to JavaScript, or remembered for the time after its end.

#include "fact.h"

#include <stdlib.h>
#include <string.h>

tlsock_status fact_static_text(fact *fact, const char *text) {
  if (text) *fact = (struct fact){FACT_STATIC_TEXT, {.text = text}};
  return TLSOCK_OK;
}

tlsock_status fact_lent_text(fact *fact, const char *text) {
  if (text) *fact = (struct fact){FACT_LENT_TEXT, {.text = text}};
  return TLSOCK_OK;
}

tlsock_status fact_bytes(fact *fact, tlsock_bytes bytes) {
  if (bytes.data) *fact = (struct fact){FACT_BYTES, {.bytes = bytes}};
  return TLSOCK_OK;
}

tlsock_status fact_handle(fact *fact, handle *made) {
  if (!made) return TLSOCK_NO_MEMORY;
  *fact = (struct fact){FACT_HANDLE, {.handle = made}};
  return TLSOCK_OK;
}

bool fact_own(fact *fact) {
  if (fact->type != FACT_LENT_TEXT) return true;
  size_t size = strlen(fact->text) + 1;
  char *copy = malloc(size);
  if (copy) memcpy(copy, fact->text, size);
  *fact = copy ? (struct fact){FACT_OWN_TEXT, {.own_text = copy}} : (struct fact){FACT_NONE, {0}};
  return copy;
}

void fact_free(fact *fact) {
  if (fact->type == FACT_OWN_TEXT) free(fact->own_text);
  if (fact->type == FACT_BYTES) tlsock_bytes_free(&fact->bytes);
  if (fact->type == FACT_HANDLE) handle_release(fact->handle);
  fact->type = FACT_NONE;
}

bool fact_same_bytes(const fact *one, const fact *other) {
  return one->type == FACT_BYTES && other->type == FACT_BYTES && one->bytes.len == other->bytes.len &&
         memcmp(one->bytes.data, other->bytes.data, one->bytes.len) == 0;
}

static napi_value from_ocsp_status(napi_env env, const tlsock_ocsp_status *status) {
  napi_value result = NULL;
  napi_create_object(env, &result);
  set(env, result, "status", from_int(env, status->status));
  set(env, result, "reason", from_int(env, status->reason));
  set(env, result, "revocationTime", from_int(env, status->revocation_time));
  set(env, result, "thisUpdate", from_int(env, status->this_update));
  set(env, result, "nextUpdate", from_int(env, status->next_update));
  return result;
}

napi_value fact_value(napi_env env, const fact *fact) {
  switch (fact->type) {
    case FACT_STATIC_TEXT:
    case FACT_LENT_TEXT:
      return from_text(env, fact->text);
    case FACT_OWN_TEXT:
      return from_text(env, fact->own_text);
    case FACT_BYTES:
      return from_bytes(env, fact->bytes.data, fact->bytes.len);
    case FACT_HANDLE:
      return handle_value(fact->handle);
    case FACT_BOOL:
      return from_bool(env, fact->is);
    case FACT_INT:
      return from_int(env, fact->number);
    case FACT_CIPHER:
      return from_cipher(env, &fact->cipher);
    case FACT_OCSP:
      return from_ocsp_status(env, &fact->ocsp);
    case FACT_NONE:
      break;
  }
  return null_value(env);
}
