/* What read and write of 128 KiB at a time can move, and nothing else is done.
     copy send AT          stdin to a connection
     copy make AT BYTES    numbered pieces from memory to a connection
     copy receive AT       one caller's bytes to stdout; their number to stderr */
#include "ends.h"

static char buffer[PIECE];

/* Each piece has its number in its first eight bytes; `payload.rs` makes and checks the same. */
static void make(int to, uint64_t bytes) {
    for (uint32_t at = 0; at < PIECE; at++)
        buffer[at] = (at * 2654435761u) >> 24;
    for (uint64_t number = 0; number < bytes / PIECE; number++) {
        memcpy(buffer, &number, sizeof number);
        whole(to, buffer, PIECE);
    }
}

static uint64_t pass(int from, int to) {
    uint64_t total = 0;
    ssize_t came;
    while ((came = must(read(from, buffer, PIECE), "read")) > 0) {
        whole(to, buffer, came);
        total += came;
    }
    return total;
}

int main(int count, char **words) {
    if (count == 3 && !strcmp(words[1], "send")) {
        pass(0, dial(words[2]));
    } else if (count == 4 && !strcmp(words[1], "make")) {
        make(dial(words[2]), strtoull(words[3], NULL, 10));
    } else if (count == 3 && !strcmp(words[1], "receive")) {
        int called = must(accept(bound(words[2], SOCK_STREAM), NULL, NULL), "accept");
        fprintf(stderr, "%llu bytes\n", (unsigned long long)pass(called, 1));
    } else {
        fprintf(stderr, "usage: copy send AT | make AT BYTES | receive AT\n");
        return 2;
    }
    return 0;
}
