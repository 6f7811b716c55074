/* Bytes on their way to or from a library that reads and writes by callbacks. */
#ifndef BENCH_QUEUE_H
#define BENCH_QUEUE_H

#include <stdlib.h>
#include <string.h>

struct queue {
    char *bytes;
    size_t from, to, capacity;
};

static inline void queue_put(struct queue *q, const void *p, size_t n)
{
    if (q->from == q->to)
        q->from = q->to = 0;
    if (q->capacity - q->to < n) {
        q->capacity = (q->to + n) * 2;
        q->bytes = realloc(q->bytes, q->capacity);
    }
    memcpy(q->bytes + q->to, p, n);
    q->to += n;
}

static inline size_t queue_get(struct queue *q, void *p, size_t n)
{
    size_t left = q->to - q->from;
    if (n > left)
        n = left;
    if (n)
        memcpy(p, q->bytes + q->from, n);
    q->from += n;
    return n;
}

#endif
