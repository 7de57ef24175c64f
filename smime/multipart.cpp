#include "smime/multipart.h"

#include "smime/line_endings.h"

#include <optional>

namespace signet::smime {
namespace {

// RFC 2046 allows 70; longer ones occur.
constexpr std::size_t max_boundary_size = 250;
constexpr std::size_t max_parts = 10000;

enum class Delimiter { none, part, last };

bool is_padding(std::string_view text) {
    return text.find_first_not_of(" \t") == std::string_view::npos;
}

Delimiter delimiter_of(std::string_view line, std::string_view boundary) {
    line = without_line_break(line);
    if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) {
        return Delimiter::none;
    }
    line.remove_prefix(2 + boundary.size());
    if (is_padding(line)) {
        return Delimiter::part;
    }
    return line.starts_with("--") && is_padding(line.substr(2)) ? Delimiter::last : Delimiter::none;
}

// From `begin` up to the boundary line at `end`, less the line break that belongs to the boundary.
std::string_view range_between(const char* begin, const char* end) {
    return without_line_break({begin, static_cast<std::size_t>(end - begin)});
}

}  // namespace

Result<Multipart> scan_multipart(std::string_view body, std::string_view boundary) {
    if (boundary.empty() || boundary.size() > max_boundary_size) {
        return failure(ErrorCode::malformed, "read multipart", "no usable boundary parameter");
    }
    Multipart result;
    const char* begin = body.data();
    bool in_preamble = true;
    while (!body.empty() && !result.closed) {
        const char* const line_begin = body.data();
        const Delimiter delimiter = delimiter_of(take_line(body), boundary);
        if (delimiter == Delimiter::none) {
            continue;
        }
        if (in_preamble) {
            result.preamble = range_between(begin, line_begin);
        } else {
            result.parts.push_back(range_between(begin, line_begin));
        }
        if (result.parts.size() > max_parts) {
            return failure(ErrorCode::too_large, "read multipart", "more than 10000 parts");
        }
        in_preamble = false;
        begin = body.data();
        result.closed = delimiter == Delimiter::last;
    }
    if (in_preamble) {
        return failure(ErrorCode::malformed, "read multipart", "no boundary line");
    }
    if (result.closed) {
        result.epilogue = body;
    } else {
        result.parts.emplace_back(begin, static_cast<std::size_t>(body.data() + body.size() - begin));
    }
    return result;
}

}  // namespace signet::smime
