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

bool has_only_lf(std::string_view text) {
    return text.find('\n') != std::string_view::npos && text.find("\r\n") == std::string_view::npos;
}

bool has_only_crlf(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool paired = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (paired) {
            ++i;
        } else if (text[i] == '\r' || text[i] == '\n') {
            return false;
        }
    }
    return true;
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
