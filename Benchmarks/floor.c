// What compression alone takes: the bodies of bulk requests, each made one gzip member by zlib at level 1.
//
//   floor FILE      as sink.py has written it: each body behind its length, eight bytes, the lowest first
//
// Prints the processor's seconds in zlib, bytes in and bytes out. Reading the file is not counted.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (!file) return fprintf(stderr, "floor FILE\n"), 2;
    z_stream stream = {0};
    if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 1;
    unsigned char *body = NULL, *member = NULL;
    size_t room = 0, bytesIn = 0, bytesOut = 0;
    double used = 0;
    unsigned char length[8];
    while (fread(length, 1, 8, file) == 8) {
        size_t size = 0;
        for (int place = 7; place >= 0; place--) size = size << 8 | length[place];
        if (size > room) {
            room = size;
            body = realloc(body, room);
            member = realloc(member, compressBound(room) + 64);
            if (!body || !member) return 1;
        }
        if (fread(body, 1, size, file) != size) return fprintf(stderr, "the file ends inside a body\n"), 1;
        double begin = seconds();
        stream.next_in = body;
        stream.avail_in = size;
        stream.next_out = member;
        stream.avail_out = compressBound(room) + 64;
        if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return 1;
        bytesIn += stream.total_in;
        bytesOut += stream.total_out;
        deflateReset(&stream);
        used += seconds() - begin;
    }
    printf("%.3f %zu %zu\n", used, bytesIn, bytesOut);
    return 0;
}
