// Handles of the library as externals. They are freed by free(handle), or by the garbage collector.

#include <stdlib.h>

#include "addon.h"

struct handle {
  napi_env env;
  enum kind kind;
  void *pointer;
  release free_pointer;
  int64_t weight;
  // How many externals and facts have it.
  uint32_t holders;
};

static void weigh(handle *handle, int64_t weight) {
  int64_t total = 0;
  napi_adjust_external_memory(handle->env, weight - handle->weight, &total);
  handle->weight = weight;
}

static void handle_free(handle *handle) {
  if (!handle->pointer) return;
  void *pointer = handle->pointer;
  handle->pointer = NULL;
  handle->free_pointer(pointer);
  weigh(handle, 0);
}

void handle_release(handle *held) {
  if (!held || --held->holders > 0) return;
  handle_free(held);
  free(held);
}

static void collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  handle_release(data);
}

handle *handle_make(napi_env env, enum kind kind, void *pointer, release free_pointer, int64_t weight) {
  handle *made = malloc(sizeof *made);
  if (!made) return free_pointer(pointer), NULL;
  *made = (handle){env, kind, pointer, free_pointer, 0, 1};
  weigh(made, weight);
  return made;
}

napi_value handle_value(handle *held) {
  napi_value result = NULL;
  if (napi_create_external(held->env, held, collected, NULL, &result) != napi_ok) return NULL;
  held->holders++;
  return result;
}

napi_value handle_give(napi_env env, handle *made) {
  if (!made) return napi_throw_error(env, NULL, "tlsock: out of memory"), NULL;
  napi_value result = handle_value(made);
  handle_release(made);
  return result;
}

napi_value handle_new(napi_env env, enum kind kind, void *pointer, release free_pointer, int64_t weight) {
  return pointer ? handle_give(env, handle_make(env, kind, pointer, free_pointer, weight)) : null_value(env);
}

// NULL if the value is no external.
static handle *handle_at(const call *c, size_t index) {
  void *data = NULL;
  return napi_get_value_external(c->env, c->argv[index], &data) == napi_ok ? data : NULL;
}

void *handle_get(const call *c, size_t index, enum kind kind) {
  const handle *found = handle_at(c, index);
  if (!found || found->kind == kind) return found ? found->pointer : NULL;
  napi_throw_type_error(c->env, "ERR_INVALID_ARG_TYPE", "tlsock: a handle of another kind");
  return NULL;
}

void handle_reweigh(const call *c, size_t index, int64_t weight) {
  handle *found = handle_at(c, index);
  if (found && found->pointer) weigh(found, weight);
}

// free(handle): frees at once, before the garbage collector would. Later calls get a NULL handle.
static napi_value free_handle(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  handle *found = handle_at(&c, 0);
  if (found) handle_free(found);
  return NULL;
}

void export_handle(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {{"free", free_handle}};
  EXPORT(functions);
}
