#include "smime/header_block.h"

#include "smime/limits.h"
#include "smime/line_endings.h"

#include <algorithm>

namespace signet::smime {
namespace {

constexpr std::size_t first_read = std::size_t{16} << 10;

// Of the empty line that ends the header; the size of the text when there is none.
Range empty_line(std::string_view text) {
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = take_line(rest);
        if (line == "\n" || line == "\r\n") {
            const auto begin = static_cast<std::uint64_t>(line.data() - text.data());
            return {begin, begin + line.size()};
        }
    }
    return {text.size(), text.size()};
}

}  // namespace

Result<std::unique_ptr<HeaderBlock>> read_header(const Source& source) {
    auto block = std::make_unique<HeaderBlock>();
    Range end;
    for (std::size_t size = first_read;; size *= 2) {
        const std::uint64_t available = std::min<std::uint64_t>(size, source.size());
        SIGNET_TRY(block->text, read_all(source, {0, available}, size));
        end = empty_line(block->text);
        if (end.begin > max_header_size) {
            return failure(ErrorCode::too_large, "read header", "header longer than 1 MiB");
        }
        if (end.size() > 0 || available == source.size()) {
            break;
        }
    }
    block->crlf = line_ending_of(block->text) == LineEnding::crlf;
    block->body = {end.end, source.size()};
    block->text.resize(static_cast<std::size_t>(end.begin));
    if (is_mbox_line(block->text)) {
        block->text.erase(0, std::min(block->text.find('\n'), block->text.size() - 1) + 1);
    }
    SIGNET_TRY(block->header, parse_header(block->text));
    return block;
}

}  // namespace signet::smime
