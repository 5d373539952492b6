#define _GNU_SOURCE
#include "CLinux.h"
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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
    status->changed = nanoseconds(found.stx_ctime);
    return 0;
}

void clinux_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

void clinux_settle_allocator(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

// Only what is never written to: there, what is in memory is what is in the file.
static int return_segments(struct dl_phdr_info *object, size_t size, void *page) {
    (void)size;
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        uintptr_t mask = *(uintptr_t *)page - 1;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr + mask) & ~mask;
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~mask;
        if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void clinux_return_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(return_segments, &page);
}
