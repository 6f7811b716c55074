// How a binding or an event loop uses tlsock_object_pump: bytes are received and sent by its own transport, here a
// plain TCP connection; one call per network read, one per 64 KiB written. Usage: pump ADDRESS PORT NAME
//
// One reader and one writer may use a stream at the same time if stream_write holds a mutex.
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsock.h>

typedef struct stream {
  int fd;                 // the transport
  tlsock_object *object;  // made without memory buffers
  unsigned char in[65536];
  size_t in_start, in_end;  // ciphertext that was received and not yet used
  int at_end;
  unsigned char out[4 * (TLSOCK_RECORD_SIZE + TLSOCK_RECORD_OVERHEAD)];
} stream;

static int transport_write(int fd, const unsigned char *data, size_t len) {
  while (len > 0) {
    ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
    if (sent <= 0) return -1;
    data += sent;
    len -= (size_t)sent;
  }
  return 0;
}

// Encrypts and sends; with len 0 it only sends the library's own records.
static tlsock_status stream_write(stream *s, const void *data, size_t len, tlsock_error **error) {
  const char *rest = data;
  for (;;) {
    tlsock_pump_result done;
    tlsock_status status =
        tlsock_object_pump(s->object, 0, NULL, 0, rest, len, NULL, 0, s->out, sizeof s->out, &done, error);
    // Whatever the status is: after a failure this is the alert for the peer.
    if (done.ciphertext_len > 0 && transport_write(s->fd, s->out, done.ciphertext_len) != 0) return TLSOCK_OS;
    if (done.plaintext_used > 0) rest += done.plaintext_used;
    len -= done.plaintext_used;
    if (status != TLSOCK_WANT_WRITE) return status;
  }
}

// Receives and decrypts; *len is 0 at the end of the stream. size 0 only continues the handshake.
static tlsock_status stream_read(stream *s, void *buffer, size_t size, size_t *len, tlsock_error **error) {
  for (;;) {
    tlsock_pump_result done;
    tlsock_status status =
        tlsock_object_pump(s->object, s->at_end ? TLSOCK_PUMP_EOF : 0, s->in + s->in_start, s->in_end - s->in_start,
                           NULL, 0, buffer, size, NULL, 0, &done, error);
    s->in_start += done.ciphertext_used;
    *len = done.plaintext_len;
    if (done.ciphertext_pending > 0) stream_write(s, NULL, 0, NULL);  // handshake, key update, alert
    if (status != TLSOCK_WANT_READ || s->at_end) return status;
    if (s->in_start < s->in_end) continue;
    ssize_t got = recv(s->fd, s->in, sizeof s->in, 0);
    s->in_start = 0;
    s->in_end = got > 0 ? (size_t)got : 0;
    s->at_end = got <= 0;
  }
}

// The client sends first, then each answer is read until the handshake is done.
static tlsock_status stream_handshake(stream *s, tlsock_error **error) {
  size_t len;
  tlsock_status status = stream_write(s, NULL, 0, error);
  return status == TLSOCK_WANT_READ ? stream_read(s, NULL, 0, &len, error) : status;
}

int main(int argc, char **argv) {
  static const char request[] = "GET / HTTP/1.0\r\n\r\n";
  static stream s;
  struct sockaddr_in peer = {0};
  tlsock_context *context = NULL;
  tlsock_error *error = NULL;
  tlsock_status status;
  char buffer[TLSOCK_RECORD_SIZE];
  size_t len;

  if (argc != 4) return fprintf(stderr, "usage: pump ADDRESS PORT NAME\n"), 2;
  peer.sin_family = AF_INET;
  peer.sin_port = htons((unsigned short)atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &peer.sin_addr) != 1) return fprintf(stderr, "bad address\n"), 2;
  s.fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s.fd, (struct sockaddr *)&peer, sizeof peer) != 0) return perror("connect"), 1;

  if ((status = tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, NULL, 0, &context, &error)) ||
      (status = tlsock_context_wrap_bio(context, NULL, NULL, 0, argv[3], NULL, &s.object, &error)) ||
      (status = stream_handshake(&s, &error)) ||
      (status = stream_write(&s, request, sizeof request - 1, &error)))
    goto done;
  while (!(status = stream_read(&s, buffer, sizeof buffer, &len, &error)) && len > 0) fwrite(buffer, 1, len, stdout);

done:
  if (status) fprintf(stderr, "%s: %s\n", tlsock_status_name((int)status), tlsock_error_message(error));
  tlsock_error_free(error);
  tlsock_object_free(s.object);
  tlsock_context_free(context);
  close(s.fd);
  return status != TLSOCK_OK;
}
