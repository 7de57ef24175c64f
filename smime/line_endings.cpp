#include "smime/line_endings.h"

namespace signet::smime {

LineEnding line_ending_of(std::string_view text) {
    const std::size_t end = text.find('\n');
    return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? LineEnding::crlf
                                                                             : LineEnding::lf;
}

std::string to_crlf(std::string_view text) {
    std::string result;
    result.reserve(text.size() + text.size() / 32);
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        result += without_line_break(line);
        if (line.ends_with('\n')) {
            result += "\r\n";
        }
    }
    return result;
}

std::string to_lf(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        result += without_line_break(line);
        if (line.ends_with('\n')) {
            result += '\n';
        }
    }
    return result;
}

std::string with_line_ending(std::string_view crlf_text, LineEnding ending) {
    return ending == LineEnding::crlf ? std::string(crlf_text) : to_lf(crlf_text);
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(line.size());
    return line;
}

std::string_view without_line_break(std::string_view line) {
    if (line.ends_with('\n')) {
        line.remove_suffix(1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
    }
    return line;
}

}  // namespace signet::smime
