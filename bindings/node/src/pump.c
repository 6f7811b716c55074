// The call that moves the bytes of a TLSSocket. Numbers go through the shared array: reading an argument costs more
// than decrypting a small record.

#include "addon.h"

// pump(object, ciphertextIn, plaintextIn, plaintextOut, ciphertextOut): the status, or an Error. Buffers may be null
// where their length in the array is 0. What came out is in the array whatever the answer.
static napi_value pump(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  uint32_t in[CONTROL_CIPHERTEXT_OUT_SIZE + 1];
  for (size_t i = 0; i <= CONTROL_CIPHERTEXT_OUT_SIZE; i++) in[i] = c.addon->control[i];
  uint8_t *buffers[4] = {0};
  for (size_t i = 0; i < 4; i++) {
    uint32_t start = in[CONTROL_CIPHERTEXT_IN_START + 2 * i], len = in[CONTROL_CIPHERTEXT_IN_LEN + 2 * i];
    if (len > 0) buffers[i] = (uint8_t *)to_slice(env, c.argv[1 + i]).data + start;
  }
  tlsock_pump_result result = {0};
  tlsock_error *error = NULL;
  tlsock_status status = tlsock_object_pump(
      handle_get(&c, 0), in[CONTROL_FLAGS], buffers[0], in[CONTROL_CIPHERTEXT_IN_LEN], buffers[1],
      in[CONTROL_PLAINTEXT_IN_LEN], buffers[2], in[CONTROL_PLAINTEXT_OUT_SIZE], buffers[3],
      in[CONTROL_CIPHERTEXT_OUT_SIZE], &result, &error);
  napi_value answer =
      status < TLSOCK_SSL ? from_int(env, status) : make_error(env, c.addon, status, error);
  uint32_t *out = c.addon->control;
  out[CONTROL_CIPHERTEXT_USED] = (uint32_t)result.ciphertext_used;
  out[CONTROL_PLAINTEXT_USED] = (uint32_t)result.plaintext_used;
  out[CONTROL_PLAINTEXT_LEN] = (uint32_t)result.plaintext_len;
  out[CONTROL_CIPHERTEXT_LEN] = (uint32_t)result.ciphertext_len;
  out[CONTROL_CIPHERTEXT_PENDING] = (uint32_t)result.ciphertext_pending;
  out[CONTROL_PLAINTEXT_PENDING] = (uint32_t)result.plaintext_pending;
  out[CONTROL_HANDSHAKE_DONE] = result.handshake_done;
  out[CONTROL_PEER_CLOSED] = result.peer_closed;
  out[CONTROL_FAILURE_PENDING] = result.failure_pending;
  return answer;
}

void export_pump(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {{"pump", pump}};
  EXPORT(functions);
}
