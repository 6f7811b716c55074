// Records of TLS 1.3 that no library would send, encrypted with the secrets that a key log tells.
#ifndef CRAFT_H
#define CRAFT_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "../c/fixture.h"

#define ALERT 21
#define HANDSHAKE 22
#define DATA 23

// A lifetime, an age, a nonce and a ticket of 200 bytes.
static const unsigned char craft_ticket[4 + 13 + 2 + 200 + 2] = {4, 0, 0, 217, 0, 0, 28, 32, 1, 2, 3, 4, 4, 0, 0, 0, 1, 0, 200};
// A new key of the sender's, which asks for none in return.
static const unsigned char craft_key_update[5] = {24, 0, 0, 1, 0};

typedef struct craft {
  unsigned char secret[48], iv[12], key[32];
  size_t secret_len;
  uint64_t sequence;
} craft;

typedef struct secrets {
  craft client, server;
} secrets;

static inline const char *craft_digest(const craft *one) { return one->secret_len == 48 ? "SHA384" : "SHA256"; }

// HKDF-Expand-Label of the secret, without a context.
static inline void craft_expand(const craft *one, const char *label, unsigned char *out, size_t len) {
  static EVP_KDF *kdf;
  if (!kdf) kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)craft_digest(one), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)one->secret, one->secret_len),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, "tls13 ", 6),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (char *)label, strlen(label)),
      OSSL_PARAM_construct_end(),
  };
  CHECK(EVP_KDF_derive(context, out, len, params) == 1);
  EVP_KDF_CTX_free(context);
}

static inline void craft_keys(craft *one) {
  craft_expand(one, "key", one->key, one->secret_len == 48 ? 32 : 16);
  craft_expand(one, "iv", one->iv, sizeof one->iv);
  one->sequence = 0;
}

// After a KeyUpdate.
static inline void craft_next_keys(craft *one) {
  unsigned char next[48];
  craft_expand(one, "traffic upd", next, one->secret_len);
  memcpy(one->secret, next, one->secret_len);
  craft_keys(one);
}

static inline int craft_learn(void *userdata, const tlsock_connection *connection, const char *line,
                              tlsock_error **error) {
  secrets *both = userdata;
  craft *one = strncmp(line, "CLIENT_TRAFFIC_SECRET_0 ", 24) == 0   ? &both->client
               : strncmp(line, "SERVER_TRAFFIC_SECRET_0 ", 24) == 0 ? &both->server
                                                                    : NULL;
  (void)connection, (void)error;
  if (!one) return TLSOCK_OK;
  const char *hex = strrchr(line, ' ') + 1;
  one->secret_len = strlen(hex) / 2;
  for (size_t i = 0; i < one->secret_len; i++) sscanf(hex + 2 * i, "%2hhx", &one->secret[i]);
  craft_keys(one);
  return TLSOCK_OK;
}

// One record with this content; returns how long it is.
static inline size_t craft_record(craft *one, int type, const void *data, size_t len, unsigned char *out) {
  unsigned char nonce[12], plain[20000];
  int part = 0;
  size_t inner = len + 1, total = inner + 16;
  CHECK(inner <= sizeof plain);
  memcpy(plain, data, len);
  plain[len] = (unsigned char)type;
  memcpy(out, (unsigned char[]){23, 3, 3, (unsigned char)(total >> 8), (unsigned char)total}, 5);
  memcpy(nonce, one->iv, sizeof nonce);
  for (int i = 0; i < 8; i++) nonce[11 - i] ^= (unsigned char)(one->sequence >> (8 * i));
  one->sequence++;
  static EVP_CIPHER *large, *small;
  if (!large) large = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL), small = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  const EVP_CIPHER *kind = one->secret_len == 48 ? large : small;
  CHECK(EVP_EncryptInit_ex(cipher, kind, NULL, one->key, nonce) == 1);
  CHECK(EVP_EncryptUpdate(cipher, NULL, &part, out, 5) == 1);
  CHECK(EVP_EncryptUpdate(cipher, out + 5, &part, plain, (int)inner) == 1);
  CHECK(EVP_EncryptFinal_ex(cipher, out + 5 + inner, &part) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, 16, out + 5 + inner) == 1);
  EVP_CIPHER_CTX_free(cipher);
  return 5 + total;
}

// What this process has of the memory.
static inline long resident(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%*d %ld", &pages) == 1);
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

#endif
