#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace signet::module {

// Fills a fixed text field of a PKCS#11 structure: blanks at the end, no NUL, cut between UTF-8 characters.
template <std::size_t size>
void fill_text(unsigned char (&field)[size], std::string_view text) {
    std::size_t length = text.size() < size ? text.size() : size;
    while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
        --length;
    }
    const auto end = std::copy_n(text.begin(), length, field);
    std::fill(end, field + size, static_cast<unsigned char>(' '));
}

}  // namespace signet::module
