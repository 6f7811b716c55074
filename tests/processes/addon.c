// The smallest Node addon over the library: it exports the result of work(). Node's C interface is stable, so the names that
// it uses are declared here, and none of Node's headers is needed.

#include <stddef.h>
#include <stdlib.h>

#include "work.h"

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
extern int napi_create_string_utf8(napi_env env, const char *text, size_t len, napi_value *result);

napi_value napi_register_module_v1(napi_env env, napi_value exports);

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value result = exports;
  napi_create_string_utf8(env, work(getenv("TLSOCK_CERTS")), (size_t)-1, &result);
  return result;
}
