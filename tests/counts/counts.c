/* What must not grow, whatever the machine: system calls, allocations of our own and memory of idle connections. */
#define _GNU_SOURCE
#include "count.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <tlsock.h>
#include <unistd.h>

#define ROUNDS 1000
#define IDLE 200
#define PIECE (256 * 1024)
/* Above what libssl needs by itself, where it can be asked. It is 2.54 to 2.58, by the certificates; 0.1 of it is for timestamps
   and for what a connection has had in a handshake. */
#define IDLE_KIB 2.7
#define IDLE_KIB_INSIDE 37

struct pair {
    tlsock_socket *client, *server;
    int server_fd;
};

static char chain[512], key[512], ca[512];
static tlsock_context *client_context, *server_context;
static int failed;

static void must(tlsock_status status, tlsock_error *error, const char *what)
{
    if (status == TLSOCK_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, error ? tlsock_error_message(error) : tlsock_status_name(status));
    exit(1);
}

static void bound(const char *what, double value, double most)
{
    int ok = value <= most;
    failed += !ok;
    printf("%s: %.2f, at most %.2f: 1 %s\n", what, value, most, ok ? "passed" : "failed");
}

/* A vendored OpenSSL is a part of the library: what it allocates cannot be told from what we do. */
static int openssl_inside;

static void no_allocations(const char *what, double value)
{
    if (openssl_inside)
        printf("SKIPPED %s: %.2f are those of the OpenSSL inside the library, too: 1 skipped\n", what, value);
    else
        bound(what, value, 0);
}

/* OpenSSL's own allocations are not ours to count. */
extern void *__libc_malloc(size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
static void *plain_malloc(size_t n, const char *f, int l) { (void)f, (void)l; return __libc_malloc(n); }
static void *plain_realloc(void *p, size_t n, const char *f, int l) { (void)f, (void)l; return __libc_realloc(p, n); }
static void plain_free(void *p, const char *f, int l) { (void)f, (void)l; __libc_free(p); }

static void contexts(const char *folder)
{
    tlsock_error *error = NULL;
    snprintf(chain, sizeof chain, "%s/ec.chain.pem", folder);
    snprintf(key, sizeof key, "%s/ec.key.pem", folder);
    snprintf(ca, sizeof ca, "%s/ec.ca.pem", folder);
    must(tlsock_context_new(TLSOCK_PROTOCOL_TLS_CLIENT, &client_context, &error), error, "client context");
    must(tlsock_context_new(TLSOCK_PROTOCOL_TLS_SERVER, &server_context, &error), error, "server context");
    must(tlsock_context_load_verify_locations(client_context, ca, NULL, NULL, 0, &error), error, "CA");
    must(tlsock_context_load_cert_chain(server_context, chain, key, NULL, &error), error, "certificate");
}

static void tcp_pair(int fd[2])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int l = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(l, (void *)&a, sizeof a) || listen(l, 1) || getsockname(l, (void *)&a, &len))
        perror("listen"), exit(1);
    fd[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd[0], (void *)&a, sizeof a))
        perror("connect"), exit(1);
    fd[1] = accept(l, NULL, NULL);
    close(l);
}

static void *serve(void *arg)
{
    struct pair *p = arg;
    tlsock_error *error = NULL;
    must(tlsock_context_wrap_socket(server_context, p->server_fd, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &p->server, &error),
         error, "server");
    return NULL;
}

static void round_trip(struct pair *p)
{
    char data[64] = "ping";
    size_t got;
    tlsock_error *error = NULL;
    must(tlsock_socket_sendall(p->client, data, sizeof data, &error), error, "send");
    must(tlsock_socket_recv(p->server, data, sizeof data, &got, &error), error, "receive");
    must(tlsock_socket_sendall(p->server, data, sizeof data, &error), error, "answer");
    must(tlsock_socket_recv(p->client, data, sizeof data, &got, &error), error, "receive the answer");
}

static void open_pair(struct pair *p)
{
    int fd[2];
    pthread_t thread;
    tlsock_error *error = NULL;
    tcp_pair(fd);
    p->server_fd = fd[1];
    pthread_create(&thread, NULL, serve, p);
    must(tlsock_context_wrap_socket(client_context, fd[0], 0, "bench.example", NULL, &p->client, &error), error, "client");
    pthread_join(thread, NULL);
    round_trip(p);
}

/* A head and a body for each record that is received: to receive ahead would hide from poll what waits inside. */
static void ping_pong(struct pair *p, bool ahead)
{
    tlsock_error *error = NULL;
    must(tlsock_socket_set_read_ahead(p->client, ahead, &error), error, "read ahead");
    must(tlsock_socket_set_read_ahead(p->server, ahead, &error), error, "read ahead");
    for (int i = 0; i < ROUNDS; i++)
        round_trip(p);
    count_start();
    for (int i = 0; i < ROUNDS; i++)
        round_trip(p);
    struct counted counted = count_stop();
    bound(ahead ? "system calls of a round trip, read ahead" : "system calls of a round trip",
          (double)counted.calls / ROUNDS, ahead ? 4 : 6);
    no_allocations("allocations of a round trip", (double)counted.allocations / ROUNDS);
}

/* Takes ciphertext away without being counted. */
static void *drain(void *arg)
{
    static char buffer[PIECE];
    int fd = *(int *)arg;
    while (syscall(SYS_recvfrom, fd, buffer, sizeof buffer, 0, NULL, NULL) > 0) {
    }
    return NULL;
}

static void large_writes(struct pair *p)
{
    static char data[PIECE];
    pthread_t thread;
    tlsock_error *error = NULL;
    must(tlsock_socket_sendall(p->client, data, 1, &error), error, "first");
    pthread_create(&thread, NULL, drain, &p->server_fd);
    must(tlsock_socket_sendall(p->client, data, sizeof data, &error), error, "warm up");
    count_start();
    for (int i = 0; i < 1024 * 1024 / PIECE; i++)
        must(tlsock_socket_sendall(p->client, data, sizeof data, &error), error, "large");
    struct counted counted = count_stop();
    must(tlsock_socket_shutdown(p->client, SHUT_RDWR, &error), error, "shutdown");
    pthread_join(thread, NULL);
    /* A send for each record, and what a full socket adds. */
    bound("system calls of 1 MiB in pieces of 256 KiB", counted.calls, 96);
    no_allocations("allocations of 1 MiB in pieces of 256 KiB", counted.allocations);
}

static void idle(void)
{
    static struct pair pairs[IDLE];
    struct pair first;
    open_pair(&first);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < IDLE; i++)
        open_pair(&pairs[i]);
    double grown = (double)(mallinfo2().uordblks - before) / 1024 / IDLE / 2;
    bound("KiB of an idle end", grown,
          openssl_inside ? IDLE_KIB_INSIDE : raw_idle_kib(chain, key, ca, IDLE) + IDLE_KIB);
}

int main(int argc, char **argv)
{
    struct pair pair;
    if (argc < 2 || !CRYPTO_set_mem_functions(plain_malloc, plain_realloc, plain_free))
        return 2;
    openssl_inside = argc > 2 && strcmp(argv[2], "inside") == 0;
    contexts(argv[1]);
    open_pair(&pair);
    ping_pong(&pair, false);
    ping_pong(&pair, true);
    large_writes(&pair);
    idle();
    return failed != 0;
}
