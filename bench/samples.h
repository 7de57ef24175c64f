#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace signet::bench {

// Nanoseconds that each of many equal operations took.
using Samples = std::vector<std::int64_t>;

// Precondition: `sorted` is sorted and not empty.
inline std::int64_t percentile(const Samples& sorted, unsigned percent) {
    return sorted[(sorted.size() - 1) * percent / 100];
}

// One line of JSON. `elapsed` is the time from the first operation's begin to the last one's end, which is
// less than the sum where threads ran at the same time.
inline void print(Samples samples, std::int64_t elapsed) {
    std::sort(samples.begin(), samples.end());
    std::printf(R"({"operations":%zu,"elapsed_ns":%lld)", samples.size(), static_cast<long long>(elapsed));
    for (const unsigned percent : {10U, 50U, 90U, 99U}) {
        std::printf(R"(,"p%u_ns":%lld)", percent, static_cast<long long>(percentile(samples, percent)));
    }
    std::puts("}");
}

}  // namespace signet::bench
