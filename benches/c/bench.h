/* Between the workloads and one TLS library: every library is linked to the very same loops. To add a library, write
 * its peer_* functions and name the file in ../build.sh. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <sys/types.h>

#define BENCH_HOST "bench.example"
#define PEER_WANT (-2) /* in memory: needs more input */

struct peer_cfg {
    int version;        /* 12 or 13, both least and greatest */
    const char *key;    /* "ec" or "rsa": which server certificate */
    const char *certs;  /* folder made by certs.sh */
    const char *cipher; /* "aes128", "chacha" or "" for the library's first */
    const char *group;  /* of key exchange: "X25519", or "" for the library's first */
    int resume;         /* the client context keeps its latest session and offers it next time */
    int system_ca;      /* trust the system's CAs instead */
    int chain_cache;    /* verify a chain once, where the library can */
};

typedef struct peer_ctx peer_ctx;
typedef struct peer_conn peer_conn;

const char *peer_library(void);
peer_ctx *peer_ctx_new(const struct peer_cfg *cfg, int server);
void peer_ctx_free(peer_ctx *);
int peer_getter(peer_ctx *); /* the cheapest question there is */

/* fd >= 0: over this blocking socket, which stays the caller's. fd < 0: in memory. */
peer_conn *peer_conn_new(peer_ctx *, int fd);
void peer_conn_free(peer_conn *);

int peer_handshake(peer_conn *);                       /* 1, PEER_WANT or -1 */
ssize_t peer_read(peer_conn *, void *, size_t);        /* n, 0 = end, PEER_WANT or -1 */
ssize_t peer_write(peer_conn *, const void *, size_t); /* n (all of it) or -1 */
/* The same piece count times, joined where the library can. */
ssize_t peer_gather(peer_conn *, const void *, size_t, int count);
int peer_resumed(peer_conn *);

/* The bytes stay valid until peer_read or peer_handshake has answered PEER_WANT. */
int peer_mem_in(peer_conn *, const void *, size_t); /* 0 or -1 */
size_t peer_mem_out(peer_conn *, void *, size_t);   /* n, 0 = none left */
/* Writes all n bytes and gives what is to be sent. */
size_t peer_mem_write(peer_conn *, const void *, size_t n, void *wire, size_t wire_size);

/* main.c */
#define READ_SIZE (256 * 1024)
#define WIRE_SIZE (2 * READ_SIZE)
extern struct peer_cfg cfg;
extern double seconds, warm;
extern size_t size;
extern int conns, threads, gather;
extern peer_ctx *client_ctx, *server_ctx;

void die(const char *what);
const char *cert_file(const struct peer_cfg *, const char *kind);
double now(void);
int going(double end); /* whether a loop goes on: until this time, or as often as --rounds says */
double cpu(void);
void report(const char *unit, double work, double wall, double cpu_s);
void report_size(const char *unit, double value);
void tcp_pair(int fd[2]);
void unix_pair(int fd[2]);
long resident(void);
void write_all(peer_conn *, const void *, size_t);
void read_full(peer_conn *, void *, size_t);

/* memory.c: one connection in memory, and a byte to the client. */
void mem_once(peer_ctx *client, peer_ctx *server);

/* The workloads. */
void run_hs(void);
void run_bulk(void);
void run_ping(void);
void run_mem_hs(void);
void run_mem_bulk(void);
void run_idle(void);
void run_ctx(void);
void run_ctx_cold(void);
void run_ctx_memory(void);
void run_ctx_used(void);
void run_ctx_used_memory(void);
void run_call(void);

#endif
