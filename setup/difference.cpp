#include "setup/plan.h"

#include <algorithm>

namespace signet::setup {
namespace {

using Lines = std::vector<std::string>;

// Beyond it two ranges of lines count as wholly different.
constexpr std::size_t max_compared = 1000;

Lines lines_of(const Content& content) {
    Lines lines;
    const std::string& text = content ? *content : std::string();
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

// lengths[i][j]: of the longest common subsequence of what follows line i of `a` and line j of `b`.
std::vector<std::vector<std::size_t>> common_lengths(const Lines& a, const Lines& b) {
    std::vector<std::vector<std::size_t>> lengths(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = a.size(); i-- > 0;) {
        for (std::size_t j = b.size(); j-- > 0;) {
            lengths[i][j] =
                a[i] == b[j] ? lengths[i + 1][j + 1] + 1 : std::max(lengths[i + 1][j], lengths[i][j + 1]);
        }
    }
    return lengths;
}

Lines compared(const Lines& a, const Lines& b) {
    const bool small = a.size() <= max_compared && b.size() <= max_compared;
    const auto lengths = small ? common_lengths(a, b) : std::vector<std::vector<std::size_t>>();
    Lines result;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        if (small && i < a.size() && j < b.size() && a[i] == b[j]) {
            ++i;
            ++j;
        } else if (i < a.size() && (!small || j == b.size() || lengths[i + 1][j] >= lengths[i][j + 1])) {
            result.push_back("-" + a[i++]);
        } else {
            result.push_back("+" + b[j++]);
        }
    }
    return result;
}

}  // namespace

std::vector<std::string> difference(const Content& before, const Content& after) {
    const Lines old_lines = lines_of(before);
    const Lines new_lines = lines_of(after);
    const auto [a, b] = std::mismatch(old_lines.begin(), old_lines.end(), new_lines.begin(), new_lines.end());
    const auto [back_a, back_b] = std::mismatch(old_lines.rbegin(), std::make_reverse_iterator(a),
                                                new_lines.rbegin(), std::make_reverse_iterator(b));
    return compared(Lines(a, back_a.base()), Lines(b, back_b.base()));
}

}  // namespace signet::setup
