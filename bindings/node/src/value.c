// Values from and to JavaScript.

#include <stdlib.h>
#include <string.h>

#include "addon.h"

int to_int(const call *c, size_t index) {
  int32_t value = 0;
  napi_get_value_int32(c->env, c->argv[index], &value);
  return value;
}

int64_t to_int64(const call *c, size_t index) {
  int64_t value = 0;
  napi_get_value_int64(c->env, c->argv[index], &value);
  return value;
}

uint64_t to_uint64(const call *c, size_t index) {
  uint64_t value = 0;
  bool lossless = false;
  napi_get_value_bigint_uint64(c->env, c->argv[index], &value, &lossless);
  return value;
}

bool to_bool(const call *c, size_t index) {
  bool value = false;
  napi_get_value_bool(c->env, c->argv[index], &value);
  return value;
}

double to_double(const call *c, size_t index) {
  double value = 0;
  napi_get_value_double(c->env, c->argv[index], &value);
  return value;
}

bool borrow(napi_env env, napi_value value, tlsock_slice *bytes) {
  napi_typedarray_type type = napi_int8_array;
  void *data = NULL;
  size_t len = 0;
  bool is_one =
      napi_get_typedarray_info(env, value, &type, &len, &data, NULL, NULL) == napi_ok && type == napi_uint8_array;
  *bytes = is_one && data ? (tlsock_slice){data, len} : (tlsock_slice){NULL, 0};
  return is_one;
}

static uint8_t *copy_text(napi_env env, napi_value text, size_t *len) {
  napi_get_value_string_utf8(env, text, NULL, 0, len);
  char *data = malloc(*len + 1);
  if (data) napi_get_value_string_utf8(env, text, data, *len + 1, len);
  return (uint8_t *)data;
}

// One byte more: an empty buffer must not be NULL.
static uint8_t *copy_array(tlsock_slice bytes) {
  uint8_t *data = malloc(bytes.len + 1);
  if (data && bytes.len) memcpy(data, bytes.data, bytes.len);
  return data;
}

bool copy_bytes(const call *c, size_t index, copied *bytes) {
  napi_value value = c->argv[index];
  napi_valuetype type = napi_undefined;
  tlsock_slice theirs;
  *bytes = (copied){NULL, 0};
  napi_typeof(c->env, value, &type);
  if (type == napi_string)
    bytes->data = copy_text(c->env, value, &bytes->len);
  else if (borrow(c->env, value, &theirs))
    *bytes = (copied){copy_array(theirs), theirs.len};
  else
    return true;
  return bytes->data || check(c, TLSOCK_NO_MEMORY, &(tlsock_error *){NULL});
}

// A compiler may remove a plain memset before free, but not a call through a volatile pointer.
static void *(*volatile const fill)(void *, int, size_t) = memset;

void wipe(void *data, size_t len) { fill(data, 0, len); }

void copied_free(copied *bytes) {
  if (bytes->data) wipe(bytes->data, bytes->len);
  free(bytes->data);
  *bytes = (copied){NULL, 0};
}

// Copies first: the text may fit, but not the NUL that Node-API adds.
static bool give_whole(napi_env env, napi_value text, uint8_t *buffer, size_t size, size_t *len) {
  char *copy = malloc(size + 1);
  if (!copy) return false;
  napi_get_value_string_utf8(env, text, copy, size + 1, len);
  memcpy(buffer, copy, *len);
  wipe(copy, size);
  free(copy);
  return true;
}

bool give_secret(napi_env env, napi_value value, uint8_t *buffer, size_t size, size_t *len) {
  tlsock_slice theirs;
  *len = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, len) == napi_ok) {
    if (*len > size) return false;
    if (*len == size) return give_whole(env, value, buffer, size, len);
    return napi_get_value_string_utf8(env, value, (char *)buffer, size, len) == napi_ok;
  }
  borrow(env, value, &theirs);
  if (theirs.len > size) return false;
  if (theirs.len) memcpy(buffer, theirs.data, theirs.len);
  *len = theirs.len;
  return true;
}

bool to_text(const call *c, size_t index, char **text) {
  size_t len = 0;
  *text = NULL;
  if (napi_get_value_string_utf8(c->env, c->argv[index], NULL, 0, &len) != napi_ok) return true;
  *text = malloc(len + 1);
  if (*text) napi_get_value_string_utf8(c->env, c->argv[index], *text, len + 1, &len);
  return *text;
}

void text_free(char *text) {
  if (text) wipe(text, strlen(text));
  free(text);
}

bool to_texts(const call *c, size_t index, texts *texts) {
  *texts = (struct texts){NULL, 0};
  napi_get_array_length(c->env, c->argv[index], &texts->count);
  texts->items = calloc((size_t)texts->count + 1, sizeof *texts->items);
  if (!texts->items) return check(c, TLSOCK_NO_MEMORY, &(tlsock_error *){NULL});
  for (uint32_t i = 0; i < texts->count; i++) {
    call item = {.env = c->env};
    napi_get_element(c->env, c->argv[index], i, &item.argv[0]);
    if (!to_text(&item, 0, &texts->items[i]))
      return texts_free(texts), check(c, TLSOCK_NO_MEMORY, &(tlsock_error *){NULL});
  }
  return true;
}

void texts_free(texts *texts) {
  for (uint32_t i = 0; i < texts->count; i++) text_free(texts->items[i]);
  free(texts->items);
}

napi_value from_int(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value from_uint64(napi_env env, uint64_t value) {
  napi_value result = NULL;
  napi_create_bigint_uint64(env, value, &result);
  return result;
}

napi_value from_bool(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value from_text(napi_env env, const char *text) {
  return from_peer_text(env, (tlsock_text){text, text ? strlen(text) : 0});
}

napi_value from_peer_text(napi_env env, tlsock_text text) {
  if (!text.data) return null_value(env);
  napi_value result = NULL;
  napi_create_string_utf8(env, text.data, text.len, &result);
  return result;
}

napi_value from_bytes(napi_env env, const void *data, size_t len) {
  if (!data) return null_value(env);
  napi_value result = NULL;
  napi_create_buffer_copy(env, len, data, NULL, &result);
  return result;
}

napi_value fresh_buffer(napi_env env, const void *data, size_t len) {
  napi_value result = NULL, thrown = NULL;
  if (napi_create_buffer_copy(env, len, data, NULL, &result) == napi_ok) return result;
  napi_get_and_clear_last_exception(env, &thrown);
  return NULL;
}

napi_value from_owned(napi_env env, tlsock_bytes *bytes) {
  napi_value result = from_bytes(env, bytes->data, bytes->len);
  tlsock_bytes_free(bytes);
  return result;
}

napi_value from_names(napi_env env, tlsock_bytes *names) {
  napi_value result = from_text(env, (const char *)names->data);
  tlsock_bytes_free(names);
  return result;
}

napi_value null_value(napi_env env) {
  napi_value result = NULL;
  napi_get_null(env, &result);
  return result;
}

void set(napi_env env, napi_value object, const char *name, napi_value value) {
  napi_property_descriptor property = {.utf8name = name, .value = value, .attributes = napi_default_jsproperty};
  if (value) napi_define_properties(env, object, 1, &property);
}
