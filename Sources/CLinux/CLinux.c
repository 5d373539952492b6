#define _GNU_SOURCE
#include "CLinux.h"
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int64_t nanoseconds(struct statx_timestamp time) {
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int clinux_status(int descriptor, const char *path, struct clinux_status *status) {
    struct statx found;
    int flags = AT_STATX_SYNC_AS_STAT | (path ? 0 : AT_EMPTY_PATH);
    int folder = path ? AT_FDCWD : descriptor;
    if (statx(folder, path ? path : "", flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return -1;
    status->device = makedev(found.stx_dev_major, found.stx_dev_minor);
    status->inode = found.stx_ino;
    status->size = found.stx_size;
    status->links = found.stx_nlink;
    status->mode = found.stx_mode;
    status->birth = found.stx_mask & STATX_BTIME ? nanoseconds(found.stx_btime) : 0;
    status->modified = nanoseconds(found.stx_mtime);
    return 0;
}

void clinux_name_thread(const char *name) { prctl(PR_SET_NAME, name); }
