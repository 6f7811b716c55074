// Declarations that the files of the addon share. There is one C file per noun; each adds its functions to the exports.
//
// JavaScript checks the arguments; C checks the rest: that a handle is of its kind, and that memory of JavaScript's is still there.
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
// A copy of a string; NULL for anything else, and false if there is no memory. text_free wipes it.
bool to_text(const call *c, size_t index, char **text);
void text_free(char *text);
// A copy of an array of strings. False if there is no memory, which is thrown. texts_free wipes it.
typedef struct texts {
  char **items;
  uint32_t count;
} texts;
bool to_texts(const call *c, size_t index, texts *texts);
void texts_free(texts *texts);

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

enum kind {
  KIND_CONTEXT,
  KIND_OBJECT,
  KIND_BIO,
  KIND_SESSION,
  KIND_CERTIFICATE,
  KIND_CERTIFICATE_LIST,
  KIND_CIPHER_LIST,
  KIND_IDENTITY
};

typedef void (*release)(void *pointer);
// Counted: externals have it, and what a connection remembers.
typedef struct handle handle;
// Takes ownership of the pointer, which is not NULL. NULL if there is no memory: then the pointer is freed.
handle *handle_make(napi_env env, enum kind kind, void *pointer, release free_pointer, int64_t weight);
// The external of a new one; NULL is thrown, as there was no memory.
napi_value handle_give(napi_env env, handle *made);
// An external that has it too.
napi_value handle_value(handle *held);
void handle_release(handle *held);
// Part of the memory was freed.
void handle_reweigh(const call *c, size_t index, int64_t weight);
// Takes ownership of the pointer. weight: its approximate memory in bytes, for the garbage collector. null for NULL.
napi_value handle_new(napi_env env, enum kind kind, void *pointer, release free_pointer, int64_t weight);
// NULL for null and for a handle that was freed; for one of another kind too, which is thrown.
void *handle_get(const call *c, size_t index, enum kind kind);

// ---- error.c ----

napi_value make_error(napi_env env, addon *addon, tlsock_status status, tlsock_error *error);
// Throws if status is not OK, and frees the error. Returns true if status is OK.
// It takes the error's address, as in check(c, f(.., &error), error) C may read the error before the call.
bool check(const call *c, tlsock_status status, tlsock_error **error);
// Like check, for calls that return nothing.
napi_value done(const call *c, tlsock_status status, tlsock_error **error);

// ---- password.c ----

// A password function of JavaScript, for the time of one loading call.
typedef struct password {
  const call *call;
  napi_value function;
} password;

// True if the argument at index is a function. A string or null else.
bool asks_password(const call *c, size_t index, password *asked);
// A tlsock_password_callback whose userdata is a password.
int ask_password(void *userdata, uint8_t *buffer, size_t size, size_t *len, tlsock_error **error);

// ---- callback.c: functions of JavaScript that the library calls ----

typedef struct callback callback;
// Wraps the function at index, which lib/ keeps alive; NULL for null, which clears a callback. False if there is no memory, which is
// thrown.
bool callback_new(const call *c, size_t index, callback **made);
void callback_free(void *userdata);
napi_env callback_env(const callback *callback);
// False if it threw. The answer of a collected function is NULL. A function may replace itself, which frees the callback.
bool callback_invoke(const callback *callback, size_t count, const napi_value *arguments, napi_value *answer);
// Whether it answers later: with a symbol, which lib/waiting.js gives and no program can.
bool callback_waits(napi_env env, napi_value answer);
// The status and the error of one that threw. lib/current.js has noted what, and knows it by these words.
int callback_failed(napi_env env, tlsock_error **error);
// Gives the library a function, and what frees it; NULL for both clears the callback. It owns the function only if it succeeds.
typedef tlsock_status (*callback_setter)(const call *c, callback *made, release free_made, tlsock_error **error);
// Setters of one shape, f(context, function or null, ...).
napi_value with_callback(napi_env env, napi_callback_info info, callback_setter setter);

// ---- context.c: setters of one shape, f(context, value) ----

typedef tlsock_status (*bool_setter)(tlsock_context *context, bool on, tlsock_error **error);
typedef tlsock_status (*int_setter)(tlsock_context *context, int value, tlsock_error **error);
typedef tlsock_status (*bytes_setter)(tlsock_context *context, const void *bytes, size_t bytes_len,
                                      tlsock_error **error);
typedef tlsock_status (*text_setter)(tlsock_context *context, const char *text, tlsock_error **error);
napi_value with_int(napi_env env, napi_callback_info info, int_setter setter);
napi_value with_bytes(napi_env env, napi_callback_info info, bytes_setter setter);
napi_value with_text(napi_env env, napi_callback_info info, text_setter setter);
napi_value with_bool(napi_env env, napi_callback_info info, bool_setter setter);

// ---- nouns ----

tlsock_context *to_context(const call *c, size_t index);
tlsock_object *to_object(const call *c, size_t index);
tlsock_session *to_session(const call *c, size_t index);
tlsock_bio *to_bio(const call *c, size_t index);
napi_value from_certificate(napi_env env, tlsock_certificate *certificate);
// These take what is not NULL, and answer as handle_make does.
handle *certificate_handle(napi_env env, tlsock_certificate *certificate);
handle *list_handle(napi_env env, tlsock_certificate_list *certificates);
handle *session_handle(napi_env env, tlsock_session *session);
handle *ciphers_handle(napi_env env, tlsock_cipher_list *ciphers);
// DER bytes. Frees the list.
napi_value from_certificates(napi_env env, tlsock_certificate_list *certificates);
// DER bytes of a list that is lent.
napi_value from_lent_certificates(napi_env env, const tlsock_certificate_list *certificates);
// As an external: see certificatesOf.
napi_value from_list(napi_env env, tlsock_certificate_list *certificates);
napi_value from_cipher(napi_env env, const tlsock_cipher *cipher);
napi_value from_context(napi_env env, tlsock_context *context);
napi_value from_object(napi_env env, tlsock_object *object);
// The handshake of an object has ended: what it agreed on is remembered. Does nothing when called again.
tlsock_status keep_facts(const call *c, size_t index, tlsock_error **error);
napi_value from_session(napi_env env, tlsock_session *session);
// A copy of all facts: the verification is lent.
napi_value from_verification(napi_env env, const tlsock_verification *verification);

void export_handle(napi_env env, napi_value exports, addon *addon);
void export_constants(napi_env env, napi_value exports);
void export_context(napi_env env, napi_value exports, addon *addon);
void export_chain(napi_env env, napi_value exports, addon *addon);
void export_identity(napi_env env, napi_value exports, addon *addon);
void export_tickets(napi_env env, napi_value exports, addon *addon);
void export_ocsp(napi_env env, napi_value exports, addon *addon);
void export_scts(napi_env env, napi_value exports, addon *addon);
void export_ech(napi_env env, napi_value exports, addon *addon);
void export_bio(napi_env env, napi_value exports, addon *addon);
void export_connection(napi_env env, napi_value exports, addon *addon);
void export_kept(napi_env env, napi_value exports, addon *addon);
void export_object(napi_env env, napi_value exports, addon *addon);
void export_callback(napi_env env, napi_value exports, addon *addon);
void export_ciphers(napi_env env, napi_value exports, addon *addon);
void export_sigalgs(napi_env env, napi_value exports, addon *addon);
void export_client_hello(napi_env env, napi_value exports, addon *addon);
void export_trust(napi_env env, napi_value exports, addon *addon);
void export_pump(napi_env env, napi_value exports, addon *addon);
void export_session_cache(napi_env env, napi_value exports, addon *addon);
void export_session(napi_env env, napi_value exports, addon *addon);
void export_certificate(napi_env env, napi_value exports, addon *addon);
void export_module(napi_env env, napi_value exports, addon *addon);

#define EXPORT(functions) export_functions(env, exports, addon, functions, sizeof functions / sizeof *functions)

#endif
