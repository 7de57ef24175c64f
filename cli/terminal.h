#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signet::cli {

// Of a fingerprint or a key identifier, for people.
inline constexpr std::size_t shown_digits = 16;

// Emphasis for people. On anything but a terminal, and where NO_COLOR is set, text stays as it is.
class Style {
  public:
    explicit Style(bool colour) : m_colour(colour) {}

    [[nodiscard]] std::string good(std::string_view text) const { return wrapped("\x1b[32m", text); }
    [[nodiscard]] std::string bad(std::string_view text) const { return wrapped("\x1b[31m", text); }
    [[nodiscard]] std::string strong(std::string_view text) const { return wrapped("\x1b[1m", text); }

  private:
    [[nodiscard]] std::string wrapped(std::string_view sequence, std::string_view text) const;

    bool m_colour;
};

Style style_for(int descriptor);

// Rows as lines, the columns aligned and two blanks apart. Widths count code points.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

// The elements with `separator` between them.
std::string joined(const std::vector<std::string>& elements, std::string_view separator);

}  // namespace signet::cli
