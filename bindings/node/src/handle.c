// Handles of the library as externals. They are freed by free(handle), or by the garbage collector.

#include <stdlib.h>

#include "addon.h"

typedef struct handle {
  enum kind kind;
  void *pointer;
  release free_pointer;
  int64_t weight;
} handle;

static void handle_free(napi_env env, handle *handle) {
  if (!handle->pointer) return;
  void *pointer = handle->pointer;
  handle->pointer = NULL;
  handle->free_pointer(pointer);
  int64_t total = 0;
  napi_adjust_external_memory(env, -handle->weight, &total);
}

static void collected(napi_env env, void *data, void *hint) {
  (void)hint;
  handle_free(env, data);
  free(data);
}

napi_value handle_new(napi_env env, enum kind kind, void *pointer, release free_pointer, int64_t weight) {
  if (!pointer) return null_value(env);
  napi_value result = NULL;
  handle *made = malloc(sizeof *made);
  if (!made) {
    free_pointer(pointer);
    napi_throw_error(env, NULL, "tlsock: out of memory");
    return NULL;
  }
  *made = (handle){kind, pointer, free_pointer, weight};
  if (napi_create_external(env, made, collected, NULL, &result) != napi_ok) {
    free_pointer(pointer);
    free(made);
    return NULL;
  }
  int64_t total = 0;
  napi_adjust_external_memory(env, weight, &total);
  return result;
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

// free(handle): frees at once, before the garbage collector would. Later calls get a NULL handle.
static napi_value free_handle(napi_env env, napi_callback_info info) {
  call c = begin(env, info);
  handle *found = handle_at(&c, 0);
  if (found) handle_free(env, found);
  return NULL;
}

void export_handle(napi_env env, napi_value exports, addon *addon) {
  const function functions[] = {{"free", free_handle}};
  EXPORT(functions);
}
