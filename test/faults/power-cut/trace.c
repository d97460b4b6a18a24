/*
 * Preloaded into a process, this writes down what the process does to the files of one directory: each
 * write, truncation, sync, rename and removal, in order. A change is noted before it is made and a sync
 * after it succeeded, so that whenever the process is killed, a sync in the trace did happen.
 *
 * TRACE_DIRECTORY  the directory
 * TRACE_FILE       where the trace goes
 * FAIL_SYNCS_WHEN  while a file of this name exists, syncs fail with EIO
 * FULL_WHEN        while a file of this name exists, writes fail with ENOSPC
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPENED = 1, WRITTEN, TRUNCATED, SYNCED, REMOVED, RENAMED };

/* What stands before the data of each entry: kind, descriptor, offset or length, length of the data. */
struct entry {
  int32_t kind;
  int32_t descriptor;
  int64_t offset;
  int64_t length;
};

#define DESCRIPTORS 65536
/* The file behind each traced descriptor; 0 for the others. */
static ino_t traced[DESCRIPTORS];
static const char *directory;
static const char *fail_when;
static const char *full_when;
static int trace = -1;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

__attribute__((constructor)) static void start(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_rename = dlsym(RTLD_NEXT, "rename");
  directory = getenv("TRACE_DIRECTORY");
  fail_when = getenv("FAIL_SYNCS_WHEN");
  full_when = getenv("FULL_WHEN");
  const char *path = getenv("TRACE_FILE");
  if (directory && path) trace = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int inside(const char *path) {
  return directory && path && strncmp(path, directory, strlen(directory)) == 0;
}

/* Answers for a call that fails while a file exists. */
static int fails(const char *when, int error) {
  if (!when || access(when, F_OK) != 0) return 0;
  errno = error;
  return 1;
}

static ino_t file_of(int descriptor) {
  struct stat found;
  return fstat(descriptor, &found) == 0 ? found.st_ino : 0;
}

/* Node closes files by the system call itself, so that a descriptor may mean something else by now. */
static int is_traced(int descriptor) {
  if (descriptor < 0 || descriptor >= DESCRIPTORS || !traced[descriptor]) return 0;
  if (file_of(descriptor) != traced[descriptor]) traced[descriptor] = 0;
  return traced[descriptor] != 0;
}

static void note(enum kind kind, int descriptor, int64_t offset, const void *data, size_t length) {
  struct entry entry = {kind, descriptor, offset, length};
  struct iovec parts[] = {{&entry, sizeof entry}, {(void *)data, length}};
  if (trace >= 0 && writev(trace, parts, 2) < 0) abort();
}

static int opened(const char *path, int descriptor) {
  if (descriptor >= 0 && descriptor < DESCRIPTORS) {
    traced[descriptor] = inside(path) ? file_of(descriptor) : 0;
    if (traced[descriptor]) note(OPENED, descriptor, 0, path, strlen(path));
  }
  return descriptor;
}

static int open_mode(const char *path, int flags, mode_t mode) {
  pthread_mutex_lock(&order);
  int descriptor = opened(path, real_open(path, flags, mode));
  if (descriptor >= 0 && (flags & O_TRUNC) && is_traced(descriptor))
    note(TRUNCATED, descriptor, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return descriptor;
}

#define OPEN(name)                                   \
  int name(const char *path, int flags, ...) {       \
    va_list arguments;                               \
    va_start(arguments, flags);                      \
    mode_t mode = va_arg(arguments, mode_t);         \
    va_end(arguments);                               \
    return open_mode(path, flags, mode);             \
  }
OPEN(open)
OPEN(open64)

int close(int descriptor) {
  if (is_traced(descriptor)) traced[descriptor] = 0;
  return real_close(descriptor);
}

static ssize_t write_at(int descriptor, const void *data, size_t length, off64_t offset) {
  if (fails(full_when, ENOSPC)) return -1;
  pthread_mutex_lock(&order);
  note(WRITTEN, descriptor, offset, data, length);
  ssize_t result = real_pwrite(descriptor, data, length, offset);
  pthread_mutex_unlock(&order);
  return result;
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
  if (!is_traced(descriptor)) return real_pwrite(descriptor, data, length, offset);
  return write_at(descriptor, data, length, offset);
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
  return pwrite64(descriptor, data, length, offset);
}

ssize_t write(int descriptor, const void *data, size_t length) {
  if (!is_traced(descriptor)) return real_write(descriptor, data, length);
  off64_t offset = lseek64(descriptor, 0, SEEK_CUR);
  ssize_t result = write_at(descriptor, data, length, offset);
  if (result > 0) lseek64(descriptor, result, SEEK_CUR);
  return result;
}

int ftruncate64(int descriptor, off64_t length) {
  if (!is_traced(descriptor)) return real_ftruncate(descriptor, length);
  pthread_mutex_lock(&order);
  note(TRUNCATED, descriptor, length, NULL, 0);
  int result = real_ftruncate(descriptor, length);
  pthread_mutex_unlock(&order);
  return result;
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

/* While it syncs, nothing else may happen: what came in between would count as synced. */
static int sync_with(int (*real)(int), int descriptor) {
  if (!is_traced(descriptor)) return real(descriptor);
  if (fails(fail_when, EIO)) return -1;
  pthread_mutex_lock(&order);
  int result = real(descriptor);
  if (result == 0) note(SYNCED, descriptor, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int fsync(int descriptor) { return sync_with(real_fsync, descriptor); }
int fdatasync(int descriptor) { return sync_with(real_fdatasync, descriptor); }

int unlink(const char *path) {
  pthread_mutex_lock(&order);
  if (inside(path)) note(REMOVED, -1, 0, path, strlen(path));
  int result = real_unlink(path);
  pthread_mutex_unlock(&order);
  return result;
}

int rename(const char *from, const char *to) {
  pthread_mutex_lock(&order);
  if (inside(from)) {
    char both[8192];
    size_t first = strlen(from), second = strlen(to);
    if (first + second + 1 > sizeof both) abort();
    memcpy(both, from, first + 1);
    memcpy(both + first + 1, to, second);
    note(RENAMED, -1, 0, both, first + 1 + second);
  }
  int result = real_rename(from, to);
  pthread_mutex_unlock(&order);
  return result;
}
