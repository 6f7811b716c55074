// The header in C++17: handles in smart pointers, callbacks from lambdas, structs by value.
#include <tlsock.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace {

template <auto free_handle>
struct deleter {
  template <typename T>
  void operator()(T *handle) const {
    free_handle(handle);
  }
};
using context_ptr = std::unique_ptr<tlsock_context, deleter<tlsock_context_free>>;
using error_ptr = std::unique_ptr<tlsock_error, deleter<tlsock_error_free>>;
using object_ptr = std::unique_ptr<tlsock_object, deleter<tlsock_object_free>>;

int failed = 0;

void check(bool right, int line, const char *what) {
  if (right) return;
  std::fprintf(stderr, "%s:%d: %s\n", __FILE__, line, what);
  failed++;
}
#define CHECK(condition) check((condition), __LINE__, #condition)

context_ptr make(int protocol) {
  tlsock_context *context = nullptr;
  CHECK(tlsock_context_new(protocol, &context, nullptr) == TLSOCK_OK);
  return context_ptr(context);
}

}  // namespace

int main() {
  context_ptr context = make(TLSOCK_PROTOCOL_TLS_CLIENT);
  tlsock_error *error = nullptr;
  CHECK(tlsock_context_set_verify_mode(context.get(), 9, &error) == TLSOCK_VALUE);
  error_ptr owned(error);
  CHECK(std::string(tlsock_error_message(owned.get())) == "invalid value for verify_mode");

  tlsock_object *object = nullptr;
  CHECK(tlsock_context_wrap_bio(context.get(), nullptr, nullptr, 0, "localhost", nullptr, &object, nullptr) == TLSOCK_OK);
  object_ptr client(object);
  unsigned char out[TLSOCK_RECORD_SIZE + TLSOCK_RECORD_OVERHEAD];
  tlsock_pump_result done{};
  CHECK(tlsock_object_pump(client.get(), 0, nullptr, 0, nullptr, 0, nullptr, 0, out, sizeof out, &done, nullptr) ==
        TLSOCK_WANT_READ);
  CHECK(done.ciphertext_len > 0 && out[0] == 22);

  std::string seen;
  context_ptr server = make(TLSOCK_PROTOCOL_TLS_SERVER);
  CHECK(tlsock_context_set_password_callback(
            server.get(),
            [](void *userdata, uint8_t *, size_t, size_t *len, tlsock_error **) -> int {
              *static_cast<std::string *>(userdata) = "asked";
              *len = 0;
              return TLSOCK_OK;
            },
            &seen, nullptr, nullptr) == TLSOCK_OK);
  tlsock_version_info version = tlsock_openssl_version_info();
  CHECK(version.major >= 3);
  CHECK(std::strcmp(tlsock_version(), TLSOCK_VERSION) == 0);
  std::printf("%d passed, %d failed\n", failed == 0, failed != 0);
  return failed != 0;
}
