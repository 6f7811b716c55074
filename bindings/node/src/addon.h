// Declarations that the files of the addon share. There is one C file per noun; each adds its functions to the exports.
//
// JavaScript checks the arguments, and C relies on it: a handle is always an external made here, of the right type.
// Nothing is static: each environment (worker thread) has an addon of its own.

#ifndef TLSOCK_NODE_ADDON_H
#define TLSOCK_NODE_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tlsock.h>

// Slots of the array of numbers that is passed to the pump: first the input, then the results.
enum control {
  // TLSOCK_PUMP_*.
  CONTROL_FLAGS,
  // Whether plaintext may come out.
  CONTROL_ROOM,
  // The first chunk of plaintext.
  CONTROL_INDEX,
  // Where in the first chunk, or in the ciphertext.
  CONTROL_START,
  CONTROL_STATUS,
  CONTROL_CIPHERTEXT_USED,
  CONTROL_PLAINTEXT_USED,
  CONTROL_CIPHERTEXT_PENDING,
  CONTROL_PLAINTEXT_PENDING,
  CONTROL_HANDSHAKE_DONE,
  CONTROL_PEER_CLOSED,
  CONTROL_FAILURE_PENDING,
  CONTROL_COUNT
};

// Four full records: the most that one read of a Node socket returns.
enum { MOST_PLAINTEXT = 4 * TLSOCK_RECORD_SIZE, MOST_CIPHERTEXT = 4 * (TLSOCK_RECORD_SIZE + TLSOCK_RECORD_OVERHEAD) };

// The memory that the library works in while JavaScript may run: JavaScript can detach its own buffers at such a time.
typedef struct scratch {
  uint8_t in[MOST_CIPHERTEXT];
  uint8_t plaintext[MOST_CIPHERTEXT];
  uint8_t ciphertext[MOST_CIPHERTEXT];
} scratch;

// One per environment.
typedef struct addon {
  // The function of lib/error.js that makes an Error.
  napi_ref make_error;
  // NULL while a call uses it.
  scratch *spare;
} addon;

// A call from JavaScript.
enum { MAX_ARGUMENTS = 8 };
typedef struct call {
  napi_env env;
  addon *addon;
  napi_value argv[MAX_ARGUMENTS];
} call;

typedef struct function {
  const char *name;
  napi_callback run;
} function;

// ---- addon.c ----

call begin(napi_env env, napi_callback_info info);
void export_functions(napi_env env, napi_value exports, addon *addon, const function *functions, size_t count);

// ---- value.c: from and to JavaScript ----

int to_int(const call *c, size_t index);
int64_t to_int64(const call *c, size_t index);
uint64_t to_uint64(const call *c, size_t index);
bool to_bool(const call *c, size_t index);
double to_double(const call *c, size_t index);
// The memory of a Uint8Array: it belongs to JavaScript, and is valid until JavaScript runs. False for anything else.
// A buffer that was detached has length 0.
bool borrow(napi_env env, napi_value value, tlsock_slice *bytes);
// A copy of a string (UTF-8) or of the bytes of a Uint8Array, for calls in which JavaScript may run; no data for anything else.
// False if there is no memory, which is thrown. copied_free wipes it.
typedef struct copied {
  uint8_t *data;
  size_t len;
} copied;
bool copy_bytes(const call *c, size_t index, copied *bytes);
void copied_free(copied *bytes);
void wipe(void *data, size_t len);
// Puts a string (UTF-8) or a Uint8Array into a buffer. False if it does not fit; nothing for anything else.
bool give_secret(napi_env env, napi_value value, uint8_t *buffer, size_t size, size_t *len);
// A copy of a string; NULL for anything else. text_free wipes it.
char *to_text(const call *c, size_t index);
void text_free(char *text);

napi_value from_int(napi_env env, int64_t value);
napi_value from_uint64(napi_env env, uint64_t value);
napi_value from_bool(napi_env env, bool value);
// null for NULL.
napi_value from_text(napi_env env, const char *text);
napi_value from_peer_text(napi_env env, tlsock_text text);
napi_value from_bytes(napi_env env, const void *data, size_t len);
// As from_bytes (null for NULL); frees the bytes.
napi_value from_owned(napi_env env, tlsock_bytes *bytes);
// Names with colons between, as one text; frees them.
napi_value from_names(napi_env env, tlsock_bytes *names);
napi_value null_value(napi_env env);
// A Buffer that owns its memory; NULL if there is no memory: then the exception is cleared.
napi_value fresh_buffer(napi_env env, const void *data, size_t len);
// Gives an object that was made here a property of its own. No JavaScript runs: an assignment would call a setter of Object.prototype's.
void set(napi_env env, napi_value object, const char *name, napi_value value);

// ---- pump.c ----

// The scratch belongs to the caller until it is given back: a call made inside a call gets another one. NULL if there is no memory.
scratch *scratch_take(addon *addon);
void scratch_give(addon *addon, scratch *scratch);
void scratch_free(scratch *scratch);

// ---- handle.c: handles of the library as externals ----

typedef void (*release)(void *pointer);
// Takes ownership of the pointer. weight: its approximate memory in bytes, for the garbage collector. null for NULL.
napi_value handle_new(napi_env env, void *pointer, release free_pointer, int64_t weight);
// NULL for null and for a handle that was freed.
void *handle_get(const call *c, size_t index);

// ---- error.c ----

napi_value make_error(napi_env env, addon *addon, tlsock_status status, tlsock_error *error);
// Throws if status is not OK, and frees the error. Returns true if status is OK.
// It takes the error's address, as in check(c, f(.., &error), error) C may read the error before the call.
bool check(const call *c, tlsock_status status, tlsock_error **error);
// Like check, for calls that return nothing.
napi_value done(const call *c, tlsock_status status, tlsock_error **error);

// ---- context.c: setters of one shape, f(context, value) ----

typedef tlsock_status (*int_setter)(tlsock_context *context, int value, tlsock_error **error);
typedef tlsock_status (*bytes_setter)(tlsock_context *context, const void *bytes, size_t bytes_len,
                                      tlsock_error **error);
typedef tlsock_status (*text_setter)(tlsock_context *context, const char *text, tlsock_error **error);
napi_value with_int(napi_env env, napi_callback_info info, int_setter setter);
napi_value with_bytes(napi_env env, napi_callback_info info, bytes_setter setter);
napi_value with_text(napi_env env, napi_callback_info info, text_setter setter);

// ---- nouns ----

napi_value from_certificate(napi_env env, tlsock_certificate *certificate);
// DER bytes. Frees the list.
napi_value from_certificates(napi_env env, tlsock_certificate_list *certificates);
// As a handle: see certificatesOf.
napi_value from_list(napi_env env, tlsock_certificate_list *certificates);
napi_value from_cipher(napi_env env, const tlsock_cipher *cipher);
napi_value from_context(napi_env env, tlsock_context *context);
napi_value from_object(napi_env env, tlsock_object *object);
napi_value from_session(napi_env env, tlsock_session *session);

void export_handle(napi_env env, napi_value exports, addon *addon);
void export_constants(napi_env env, napi_value exports);
void export_context(napi_env env, napi_value exports, addon *addon);
void export_chain(napi_env env, napi_value exports, addon *addon);
void export_tickets(napi_env env, napi_value exports, addon *addon);
void export_ocsp(napi_env env, napi_value exports, addon *addon);
void export_bio(napi_env env, napi_value exports, addon *addon);
void export_object(napi_env env, napi_value exports, addon *addon);
void export_callback(napi_env env, napi_value exports, addon *addon);
void export_ciphers(napi_env env, napi_value exports, addon *addon);
void export_sigalgs(napi_env env, napi_value exports, addon *addon);
void export_trust(napi_env env, napi_value exports, addon *addon);
void export_pump(napi_env env, napi_value exports, addon *addon);
void export_session(napi_env env, napi_value exports, addon *addon);
void export_certificate(napi_env env, napi_value exports, addon *addon);
void export_module(napi_env env, napi_value exports, addon *addon);

#define EXPORT(functions) export_functions(env, exports, addon, functions, sizeof functions / sizeof *functions)

#endif
