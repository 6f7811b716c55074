#ifndef COUNT_H
#define COUNT_H

struct counted {
    long calls, allocations;
};

void count_start(void);
struct counted count_stop(void);

double raw_idle_kib(const char *chain, const char *key, const char *ca, int pairs);

#endif
