/* What libssl itself needs for an idle connection: keys and buffers are of other sizes from version to version. */
#include "count.h"

#include <fcntl.h>
#include <malloc.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

struct ends {
    SSL *client, *server;
};

static void must(int done, const char *what)
{
    if (done == 1)
        return;
    fprintf(stderr, "raw libssl: %s\n", what);
    exit(1);
}

static SSL *new_end(SSL_CTX *context, int fd)
{
    SSL *ssl = SSL_new(context);
    must(ssl && fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "SSL_new");
    must(SSL_set_fd(ssl, fd), "SSL_set_fd");
    return ssl;
}

static void say(SSL *from, SSL *to)
{
    char data[64] = "ping";
    must(SSL_write(from, data, sizeof data) == sizeof data, "SSL_write");
    must(SSL_read(to, data, sizeof data) == sizeof data, "SSL_read");
}

/* Idle as the library leaves a connection: without buffers. */
static struct ends open_ends(SSL_CTX *client, SSL_CTX *server)
{
    int fd[2], done;
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0, "socketpair");
    struct ends ends = {new_end(client, fd[0]), new_end(server, fd[1])};
    SSL_set_connect_state(ends.client);
    SSL_set_accept_state(ends.server);
    must(SSL_set1_host(ends.client, "bench.example"), "SSL_set1_host");
    do {
        done = SSL_do_handshake(ends.client) == 1;
        done &= SSL_do_handshake(ends.server) == 1;
    } while (!done && SSL_want(ends.client) != SSL_NOTHING);
    must(done, "SSL_do_handshake");
    say(ends.client, ends.server);
    say(ends.server, ends.client);
    SSL_free_buffers(ends.client);
    SSL_free_buffers(ends.server);
    return ends;
}

double raw_idle_kib(const char *chain, const char *key, const char *ca, int pairs)
{
    SSL_CTX *client = SSL_CTX_new(TLS_client_method()), *server = SSL_CTX_new(TLS_server_method());
    must(client && server, "SSL_CTX_new");
    must(SSL_CTX_load_verify_locations(client, ca, NULL), "CA");
    SSL_CTX_set_verify(client, SSL_VERIFY_PEER, NULL);
    must(SSL_CTX_use_certificate_chain_file(server, chain), "certificate");
    must(SSL_CTX_use_PrivateKey_file(server, key, SSL_FILETYPE_PEM), "key");
    open_ends(client, server);
    size_t before = mallinfo2().uordblks;
    /* They stay open as those that they are compared with do, to the end of the program. */
    for (int i = 0; i < pairs; i++)
        open_ends(client, server);
    return (double)(mallinfo2().uordblks - before) / 1024 / pairs / 2;
}
