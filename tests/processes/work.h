#ifndef WORK_H
#define WORK_H

const char *work(const char *certs);

#endif
