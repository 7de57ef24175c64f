#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace signet::cli {
namespace {

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::vector<std::size_t> column_widths(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], code_points(row[column]));
        }
    }
    return widths;
}

}  // namespace

std::string Style::wrapped(std::string_view sequence, std::string_view text) const {
    if (!m_colour) {
        return std::string(text);
    }
    return std::string(sequence) + std::string(text) + "\x1b[0m";
}

Style style_for(int descriptor) {
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool refused = no_colour != nullptr && *no_colour != '\0';
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return Style(!refused && !dumb && isatty(descriptor) == 1);
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
    const auto widths = column_widths(rows);
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            text += row[column];
            if (column + 1 < row.size()) {
                text.append(widths[column] - code_points(row[column]) + 2, ' ');
            }
        }
        text += '\n';
    }
    return text;
}

std::string joined(const std::vector<std::string>& elements, std::string_view separator) {
    std::string text;
    for (const auto& element : elements) {
        if (!text.empty()) {
            text += separator;
        }
        text += element;
    }
    return text;
}

}  // namespace signet::cli
