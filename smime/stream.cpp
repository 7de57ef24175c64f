#include "smime/stream.h"

#include <algorithm>

namespace signet::smime {

Result<std::size_t> RangeReader::read(std::span<char> buffer) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), m_range.size()));
    if (wanted == 0) {
        return 0;
    }
    SIGNET_TRY(const std::size_t count, m_source.read(m_range.begin, buffer.first(wanted)));
    if (count == 0) {
        return failure(ErrorCode::input_output, "read mail", "the input has become shorter");
    }
    m_range.begin += count;
    return count;
}

Result<void> copy(Reader& from, Sink& to) {
    const Block block;
    for (;;) {
        SIGNET_TRY(const std::size_t count, from.read(block));
        if (count == 0) {
            return {};
        }
        SIGNET_CHECK(to.write({block.data(), count}));
    }
}

Result<std::string> read_all(Reader& from, std::size_t limit) {
    std::string text;
    for (;;) {
        const std::size_t size = text.size();
        const std::size_t room = std::min(stream_block_size, limit - size + 1);
        text.resize(size + room);
        SIGNET_TRY(const std::size_t count, from.read({text.data() + size, room}));
        text.resize(size + count);
        if (text.size() > limit) {
            return failure(ErrorCode::too_large, "read mail",
                           "longer than " + std::to_string(limit) + " octets");
        }
        if (count == 0) {
            return text;
        }
    }
}

Result<std::string> read_all(const Source& source, Range range, std::size_t limit) {
    RangeReader reader(source, range);
    return read_all(reader, limit);
}

Result<std::size_t> TextSource::read(std::uint64_t offset, std::span<char> buffer) const {
    const std::string_view rest = m_text.substr(std::min<std::size_t>(offset, m_text.size()));
    return rest.copy(buffer.data(), buffer.size());
}

Result<void> TextSink::write(std::string_view octets) {
    m_text += octets;
    return {};
}

Result<void> TeeSink::write(std::string_view octets) {
    SIGNET_CHECK(m_first.write(octets));
    return m_second.write(octets);
}

Result<void> BlockSink::write(std::string_view octets) {
    if (m_block.size() + octets.size() < stream_block_size) {
        m_block += octets;
        return {};
    }
    SIGNET_CHECK(flush());
    if (octets.size() < stream_block_size / 2) {
        m_block = octets;
        return {};
    }
    return m_next.write(octets);
}

Result<void> BlockSink::flush() {
    if (m_block.empty()) {
        return {};
    }
    auto written = m_next.write(m_block);
    m_block.clear();
    return written;
}

}  // namespace signet::smime
