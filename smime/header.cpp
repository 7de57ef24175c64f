#include "smime/header.h"

#include "smime/line_endings.h"

#include <algorithm>
#include <cctype>

namespace signet::smime {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_continuation(std::string_view line) {
    return line.starts_with(' ') || line.starts_with('\t');
}

bool is_field_name(std::string_view name) {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// A field with its folded lines, cut off the front of `text`.
Result<Field> take_field(std::string_view& text) {
    const char* const begin = text.data();
    const std::string_view first = take_line(text);
    std::size_t size = first.size();
    while (is_continuation(text)) {
        size += take_line(text).size();
    }
    const std::string_view raw(begin, size);
    const std::size_t colon = first.find(':');
    if (colon == std::string_view::npos) {
        return failure(ErrorCode::malformed, "read header", "a line is not a header field");
    }
    const std::string_view name = trimmed(raw.substr(0, colon));
    if (!is_field_name(name) || is_continuation(raw)) {
        return failure(ErrorCode::malformed, "read header", "a header field has no proper name");
    }
    return Field{.raw = raw, .name = name, .value = raw.substr(colon + 1)};
}

bool has_control_characters(std::string_view raw) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool lone_cr = raw[i] == '\r' && (i + 1 == raw.size() || raw[i + 1] != '\n');
        if (lone_cr || raw[i] == '\0') {
            return true;
        }
    }
    return false;
}

}  // namespace

const Field* Header::find(std::string_view name) const {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [name](const Field& f) { return equal_ignoring_case(f.name, name); });
    return field == fields.end() ? nullptr : &*field;
}

std::size_t Header::count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(
        fields.begin(), fields.end(), [name](const Field& f) { return equal_ignoring_case(f.name, name); }));
}

bool LessIgnoringCase::operator()(std::string_view a, std::string_view b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) < std::tolower(static_cast<unsigned char>(y));
    });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string unfolded(std::string_view value) {
    std::string result(trimmed(value));
    std::erase_if(result, [](char c) { return c == '\r' || c == '\n'; });
    return result;
}

bool describes_body(const Field& field) {
    return starts_with_ignoring_case(field.name, "Content-");
}

// "From : somebody" is a field to those who read it as RFC 822 did.
bool is_mbox_line(std::string_view line) {
    const std::string_view text = line.starts_with('>') ? line.substr(1) : line;
    return text.starts_with("From ") && !trimmed(text.substr(4)).starts_with(':');
}

Result<Header> parse_header(std::string_view text) {
    Header header;
    while (!text.empty()) {
        SIGNET_TRY(const Field field, take_field(text));
        if (has_control_characters(field.raw)) {
            return failure(ErrorCode::malformed, "read header", "NUL or lone CR in a header field");
        }
        header.fields.push_back(field);
    }
    return header;
}

}  // namespace signet::smime
