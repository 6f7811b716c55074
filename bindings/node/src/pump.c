// The call that moves the bytes of a TLSSocket. The library works only in the addon's memory, as callbacks run JavaScript in
// the middle of a call: input is copied before, output after, into buffers that own their memory. Numbers are passed in an
// array, as reading an argument costs more than decrypting a small record.

#include <stdlib.h>
#include <string.h>

#include "addon.h"

enum outcome { OUTCOME_ERROR, OUTCOME_PLAINTEXT, OUTCOME_CIPHERTEXT };

// The input of one call: ciphertext or plaintext, in the scratch.
typedef struct input {
  uint32_t flags;
  bool room;
  size_t ciphertext_len;
  size_t plaintext_len;
} input;

scratch *scratch_take(addon *addon) {
  scratch *taken = addon->spare;
  addon->spare = NULL;
  return taken ? taken : malloc(sizeof *taken);
}

void scratch_give(addon *addon, scratch *scratch) {
  if (addon->spare)
    scratch_free(scratch);
  else
    addon->spare = scratch;
}

void scratch_free(scratch *scratch) {
  if (scratch) wipe(scratch, sizeof *scratch);
  free(scratch);
}

// The memory of the array of numbers. NULL if the value is not such an array.
static double *numbers(napi_env env, napi_value array) {
  napi_typedarray_type type = napi_int8_array;
  size_t len = 0;
  void *data = NULL;
  if (napi_get_typedarray_info(env, array, &type, &len, &data, NULL, NULL) != napi_ok) return NULL;
  return type == napi_float64_array && len >= CONTROL_COUNT ? data : NULL;
}

// False if the number is not a size: negative, not a number, or above 2^53.
static bool to_size(double number, size_t *size) {
  bool fits = number >= 0 && number <= 9007199254740991.0 && number <= (double)SIZE_MAX;
  *size = fits ? (size_t)number : 0;
  return fits;
}

// Appends the bytes of a Uint8Array from start, as far as there is room. False if the array ends before start (now).
static bool take(napi_env env, napi_value value, size_t start, uint8_t *to, size_t most, size_t *len) {
  tlsock_slice bytes;
  if (!borrow(env, value, &bytes) || start > bytes.len) return false;
  size_t count = bytes.len - start, room = most - *len;
  if (count > room) count = room;
  if (count) memcpy(to + *len, bytes.data + start, count);
  *len += count;
  return true;
}

// Joins chunks of plaintext.
static bool gather(napi_env env, napi_value chunks, double first, size_t start, uint8_t *to, size_t *len) {
  uint32_t count = 0;
  napi_get_array_length(env, chunks, &count);
  if (!(first >= 0 && first < count)) return false;
  for (uint32_t i = (uint32_t)first; i < count && *len < MOST_PLAINTEXT; i++, start = 0) {
    napi_value chunk = NULL;
    if (napi_get_element(env, chunks, i, &chunk) != napi_ok) return false;
    if (!take(env, chunk, start, to, MOST_PLAINTEXT, len)) return false;
  }
  return true;
}

// False if the buffers are shorter than the numbers say.
static bool read_input(const call *c, scratch *scratch, input *in) {
  const double *given = numbers(c->env, c->argv[1]);
  napi_value bytes = c->argv[3];
  napi_valuetype type = napi_undefined;
  size_t start = 0, flags = 0;
  bool plaintext = false;
  if (!given || !to_size(given[CONTROL_START], &start) || !to_size(given[CONTROL_FLAGS], &flags)) return false;
  *in = (input){.flags = (uint32_t)flags, .room = given[CONTROL_ROOM] != 0};
  napi_typeof(c->env, bytes, &type);
  if (type == napi_null) return true;
  napi_is_array(c->env, bytes, &plaintext);
  return plaintext ? gather(c->env, bytes, given[CONTROL_INDEX], start, scratch->in, &in->plaintext_len)
                   : take(c->env, bytes, start, scratch->in, MOST_CIPHERTEXT, &in->ciphertext_len);
}

// False if there is no memory for it.
static bool put(const call *c, enum outcome slot, const uint8_t *data, size_t len) {
  if (len == 0) return true;
  napi_value buffer = fresh_buffer(c->env, data, len);
  return buffer && napi_set_element(c->env, c->argv[2], slot, buffer) == napi_ok;
}

static void put_error(const call *c, tlsock_status status, tlsock_error *error) {
  napi_value made = make_error(c->env, c->addon, status, error);
  if (made) napi_set_element(c->env, c->argv[2], OUTCOME_ERROR, made);
}

static void put_numbers(const call *c, tlsock_status status, const tlsock_pump_result *result) {
  double *out = numbers(c->env, c->argv[1]);
  if (!out) return;
  out[CONTROL_STATUS] = status;
  out[CONTROL_CIPHERTEXT_USED] = (double)result->ciphertext_used;
  out[CONTROL_PLAINTEXT_USED] = (double)result->plaintext_used;
  out[CONTROL_CIPHERTEXT_PENDING] = (double)result->ciphertext_pending;
  out[CONTROL_PLAINTEXT_PENDING] = (double)result->plaintext_pending;
  out[CONTROL_HANDSHAKE_DONE] = result->handshake_done;
  out[CONTROL_PEER_CLOSED] = result->peer_closed;
  out[CONTROL_FAILURE_PENDING] = result->failure_pending;
}

static tlsock_status run(const call *c, scratch *scratch, const input *in, tlsock_pump_result *result,
                         tlsock_error **error) {
  const uint8_t *ciphertext = in->ciphertext_len ? scratch->in : NULL,
                *plaintext = in->plaintext_len ? scratch->in : NULL;
  return tlsock_object_pump(to_object(c, 0), in->flags, ciphertext, in->ciphertext_len, plaintext, in->plaintext_len,
                            in->room ? scratch->plaintext : NULL, in->room ? sizeof scratch->plaintext : 0,
                            scratch->ciphertext, sizeof scratch->ciphertext, result, error);
}

// What the call has come to, unless there is no memory for what is remembered.
static tlsock_status remember(const call *c, tlsock_status status, tlsock_error **error) {
  tlsock_error *why = NULL;
  tlsock_status kept = keep_facts(c, 0, &why);
  if (kept == TLSOCK_OK) return status;
  tlsock_error_free(*error);
  *error = why;
  return kept;
}

static tlsock_status pump_in(const call *c, scratch *scratch, tlsock_pump_result *result, tlsock_error **error) {
  input in;
  if (!read_input(c, scratch, &in)) {
    *error = tlsock_error_new(TLSOCK_VALUE, "a buffer was detached or resized before all of it was used");
    return TLSOCK_VALUE;
  }
  tlsock_status status = run(c, scratch, &in, result, error);
  if (result->handshake_done) status = remember(c, status, error);
  bool complete = put(c, OUTCOME_PLAINTEXT, scratch->plaintext, result->plaintext_len);
  complete &= put(c, OUTCOME_CIPHERTEXT, scratch->ciphertext, result->ciphertext_len);
  if (complete) return status;
  tlsock_error_free(*error);
  *error = NULL;
  return TLSOCK_NO_MEMORY;
}

// pump(object, numbers, outcome, bytes): fills the array of numbers, and of outcome, [error, plaintext, ciphertext], the entries
// that exist. bytes: null, a Uint8Array of ciphertext, or an array of Uint8Arrays of plaintext. What exceeds one call is left.
static napi_value pump(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  tlsock_pump_result result = {0};
  tlsock_error *error = NULL;
  scratch *scratch = scratch_take(c.addon);
  tlsock_status status = scratch ? pump_in(&c, scratch, &result, &error) : TLSOCK_NO_MEMORY;
  if (scratch) scratch_give(c.addon, scratch);
  if (status >= TLSOCK_SSL) put_error(&c, status, error);
  put_numbers(&c, status, &result);
  return NULL;
}

void export_pump(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {{"pump", pump}};
  EXPORT(functions);
}
