// Preloaded into the writer of a log: counts its calls over all threads, and makes the n-th one fatal.
//
//   FAULT=fsync:KILL:7     the process is killed at the entry of its 7th fsync
//   FAULT=write:ENOSPC:2   the 2nd write fails
//   FAULT_COUNTS=FILE      at each call one letter line "name" is appended to FILE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int calls;
static char wanted[32], what[32];
static int when, counts = -1;

__attribute__((constructor)) static void begin(void) {
  const char* fault = getenv("FAULT");
  const char* file = getenv("FAULT_COUNTS");
  if (file) counts = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (!fault) return;
  const char* first = strchr(fault, ':');
  const char* second = first ? strchr(first + 1, ':') : NULL;
  if (!second) abort();
  memcpy(wanted, fault, (size_t)(first - fault));
  memcpy(what, first + 1, (size_t)(second - first - 1));
  when = atoi(second + 1);
}

// 1: the call must fail.
static int strikes(const char* name) {
  if (counts >= 0) {
    char line[34];
    const size_t n = strlen(name);
    memcpy(line, name, n);
    line[n] = '\n';
    (void)!syscall(SYS_write, counts, line, n + 1);
  }
  if (when == 0 || strcmp(name, wanted) != 0 || atomic_fetch_add(&calls, 1) + 1 != when) return 0;
  if (strcmp(what, "KILL") == 0) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
  }
  errno = strcmp(what, "ENOSPC") == 0 ? ENOSPC : EIO;
  return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define COUNTED(result, name, parameters, arguments) \
  result name parameters {                           \
    return strikes(#name) ? (result)-1 : NEXT(name) arguments; \
  }

COUNTED(int, fsync, (int f), (f))
COUNTED(int, fdatasync, (int f), (f))
COUNTED(ssize_t, write, (int f, const void* b, size_t n), (f, b, n))
COUNTED(int, renameat, (int a, const char* b, int c, const char* d), (a, b, c, d))
COUNTED(int, mkdirat, (int a, const char* b, mode_t m), (a, b, m))
COUNTED(int, unlinkat, (int a, const char* b, int f), (a, b, f))

ssize_t pwrite64(int f, const void* b, size_t n, off64_t at) { return strikes("pwrite64") ? -1 : NEXT(pwrite64)(f, b, n, at); }
int ftruncate64(int f, off64_t n) { return strikes("ftruncate") ? -1 : NEXT(ftruncate64)(f, n); }
static mode_t mode_of(int flags, va_list more) { return flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0; }
int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return strikes("openat") ? -1 : NEXT(open64)(path, flags, mode);
}
int openat(int a, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return strikes("openat") ? -1 : NEXT(openat)(a, path, flags, mode);
}
