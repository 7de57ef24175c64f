#include "smime/shown_addresses.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signet::smime {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string with_all_replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    std::size_t begin = 0;
    for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, begin)) {
        result.append(text.substr(begin, at - begin)).append(to);
        begin = at + from.size();
    }
    return result.append(text.substr(begin));
}

std::string with_plain_signs(std::string text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> signs{{
        {"\xef\xbc\xa0", "@"},  // U+FF20
        {"\xef\xb9\xab", "@"},  // U+FE6B
        {"\xe3\x80\x82", "."},  // U+3002
        {"\xef\xbc\x8e", "."},  // U+FF0E
        {"\xef\xbd\xa1", "."},  // U+FF61
        {"\xe2\x80\xa4", "."},  // U+2024
        {"\xef\xb9\x92", "."},  // U+FE52
        {"\xef\xbd\xa5", "."},  // U+FF65
        {"\xe2\x80\xa7", "."},  // U+2027
        {"\xc2\xb7", "."},      // U+00B7
    }};
    for (const auto& [other, plain] : signs) {
        text = with_all_replaced(text, other, plain);
    }
    return text;
}

std::string without_parentheses(std::string_view text) {
    std::string result;
    std::size_t depth = 0;
    for (const char c : text) {
        depth += c == '(' ? 1 : 0;
        if (depth == 0) {
            result += c;
        }
        depth -= c == ')' && depth > 0 ? 1 : 0;
    }
    return result;
}

bool joins_words(char c) {
    return c == '@' || c == '.';
}

// Without escapes and quotation marks, and without blanks beside "@" and ".".
std::string squeezed(std::string_view text) {
    std::string result;
    bool blank = false;
    for (const char c : text) {
        if (c == '\\' || c == '"') {
            continue;
        }
        if (white_space.find(c) != std::string_view::npos) {
            blank = true;
            continue;
        }
        const bool joined = joins_words(c) || (!result.empty() && joins_words(result.back()));
        if (blank && !joined) {
            result += ' ';
        }
        blank = false;
        result += c;
    }
    return result;
}

// Also where it is read from the right to the left, as among letters that are written so.
bool looks_like_address(std::string_view word) {
    const std::size_t at = word.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < word.size() &&
           (word[at + 1] == '[' || word.find('.') != std::string_view::npos);
}

constexpr std::string_view separators = " \t\r\n<>()[],;:\"\\";

// Of the word that begins there: "eve@[192.0.2.1]" and "eve@[IPv6:2001:db8::1]" are single ones.
std::size_t end_of_word(std::string_view text, std::size_t begin) {
    std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin && end < text.size() && text[end] == '[' && text[end - 1] == '@') {
        end = std::min(text.find_first_of(" \t\r\n<>()[],;\"\\", end + 1), text.size());
        end += end < text.size() && text[end] == ']' ? 1 : 0;
    }
    return end;
}

void collect_addresses(std::string_view text, std::vector<std::string>& addresses) {
    constexpr std::string_view punctuation = "'.";
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = end_of_word(text, begin);
        std::string_view word = text.substr(begin, end - begin);
        word.remove_prefix(std::min(word.find_first_not_of(punctuation), word.size()));
        word.remove_suffix(word.size() - (word.find_last_not_of(punctuation) + 1));
        if (looks_like_address(word)) {
            addresses.emplace_back(word);
        }
        begin = end + 1;
    }
}

}  // namespace

std::vector<std::string> addresses_shown_in(std::string text) {
    const std::string plain = with_plain_signs(std::move(text));
    std::vector<std::string> addresses;
    collect_addresses(plain, addresses);
    collect_addresses(squeezed(plain), addresses);
    collect_addresses(squeezed(without_parentheses(plain)), addresses);
    return addresses;
}

}  // namespace signet::smime
