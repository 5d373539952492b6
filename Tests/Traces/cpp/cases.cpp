// Errors of C and C++, one branch per way to fail.
#include <cassert>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

namespace bank {
struct Account { int balance; };
int pay(const char *name) {
    std::string which = name;
    if (which == "throw") throw std::runtime_error("account 17 is overdrawn");
    if (which == "throwInt") throw 17;
    if (which == "assertion") { int balance = -1; assert(balance >= 0 && "overdrawn"); }
    char *block = static_cast<char *>(malloc(16));
    if (which == "heapOverflow") { block[16 + (name[0] == 'h' ? 0 : 1)] = 1; }
    if (which == "useAfterFree") { free(block); block[2] = 1; }
    if (which == "doubleFree") { free(block); free(block); }
    if (which == "leak") { block = nullptr; new Account[3]; return 0; }
    if (which == "stackOverflow") { char small[8]; memset(small, 1, 8 + strlen(name)); return small[0]; }
    if (which == "nullRead") { Account *none = name[0] == 'n' ? nullptr : new Account; return none->balance; }
    if (which == "signedOverflow") { int big = 2147483647; big += static_cast<int>(which.size()); return big; }
    if (which == "shift") { int one = 1; return one << (20 + 4 * static_cast<int>(which.size())); }
    if (which == "uninitialized") { int *values = new int[2]; if (values[1] == 17) return 1; }
    if (which == "inThread") { std::thread([] { int *values = new int[2]; values[2] = 17; }).join(); }
    if (which == "inHandler") { signal(SIGUSR1, [](int) { abort(); }); raise(SIGUSR1); }
    if (which == "race") {
        int shared = 0;
        std::thread other([&] { shared++; });
        shared++;
        other.join();
        return shared;
    }
    return 0;
}
}

int main(int, char **arguments) { return bank::pay(arguments[1]) == 1234567; }
