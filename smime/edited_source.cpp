#include "smime/edited_source.h"

#include <algorithm>

namespace signet::smime {

void EditedSource::insert(std::uint64_t offset, std::string_view text) {
    m_texts[offset] += text;
}

std::uint64_t EditedSource::size() const {
    std::uint64_t size = m_original.size();
    for (const auto& [offset, text] : m_texts) {
        size += text.size();
    }
    return size;
}

Result<std::size_t> EditedSource::read(std::uint64_t offset, std::span<char> buffer) const {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        SIGNET_TRY(const std::size_t count, read_piece(offset + filled, buffer.subspan(filled)));
        if (count == 0) {
            break;
        }
        filled += count;
    }
    return filled;
}

// Of one text, or of the original up to the next one.
Result<std::size_t> EditedSource::read_piece(std::uint64_t offset, std::span<char> buffer) const {
    std::uint64_t inserted = 0;  // octets of the texts before the offset
    for (const auto& [place, text] : m_texts) {
        const std::uint64_t begin = place + inserted;
        if (offset < begin) {
            const auto before =
                static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), begin - offset));
            return m_original.read(offset - inserted, buffer.first(before));
        }
        if (offset < begin + text.size()) {
            return text.copy(buffer.data(), buffer.size(), static_cast<std::size_t>(offset - begin));
        }
        inserted += text.size();
    }
    return m_original.read(offset - inserted, buffer);
}

}  // namespace signet::smime
