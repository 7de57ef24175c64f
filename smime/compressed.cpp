#include "smime/compressed.h"

#include "smime/limits.h"

#include <openssl/objects.h>
#include <zlib.h>

#include <algorithm>

namespace signet::smime {
namespace {

Failure malformed() {
    return failure(ErrorCode::malformed, "decompress", "the content is not compressed as it says");
}

class Inflater {
  public:
    Inflater() = default;
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&m_stream); }

    Result<void> run(Reader& compressed, Sink& out) {
        if (inflateInit(&m_stream) != Z_OK) {
            return failure(ErrorCode::crypto, "inflateInit", "zlib cannot start");
        }
        const Block in;
        while (!m_ended) {
            SIGNET_TRY(const std::size_t count, compressed.read(in));
            if (count == 0) {
                return malformed();
            }
            m_consumed += count;
            SIGNET_CHECK(take({in.data(), count}, out));
        }
        SIGNET_TRY(const std::size_t rest, compressed.read(in));
        return rest == 0 ? Result<void>() : malformed();
    }

  private:
    Result<void> take(std::span<char> in, Sink& out) {
        m_stream.next_in = reinterpret_cast<Bytef*>(in.data());
        m_stream.avail_in = static_cast<uInt>(in.size());
        do {
            m_stream.next_out = reinterpret_cast<Bytef*>(m_out.data());
            m_stream.avail_out = static_cast<uInt>(m_out.size());
            const int status = inflate(&m_stream, Z_NO_FLUSH);
            if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
                return malformed();
            }
            m_ended = status == Z_STREAM_END;
            SIGNET_CHECK(pass_on(out));
        } while (!m_ended && m_stream.avail_out == 0);
        return m_ended && m_stream.avail_in > 0 ? malformed() : Result<void>();
    }

    Result<void> pass_on(Sink& out) {
        const std::size_t count = m_out.size() - m_stream.avail_out;
        m_produced += count;
        const std::uint64_t allowed = std::max(free_expanded_size, m_consumed * max_expansion);
        if (m_produced > std::min(allowed, max_expanded_size)) {
            return failure(ErrorCode::too_large, "decompress", "the content grows beyond measure");
        }
        return out.write({m_out.data(), count});
    }

    z_stream m_stream{};
    Block m_out;
    std::uint64_t m_consumed = 0;
    std::uint64_t m_produced = 0;
    bool m_ended = false;
};

}  // namespace

Result<void> decompress(const OpenedCms& cms, Sink& out) {
    if (cms.type != CmsType::compressed_data) {
        return failure(ErrorCode::not_found, "decompress", "the content is not compressed");
    }
    if (cms.algorithm.nid != NID_zlib_compression) {
        return failure(ErrorCode::unsupported, "decompress", "compression with: " + cms.algorithm.name);
    }
    SIGNET_TRY(const auto compressed, cms.content());
    return Inflater().run(*compressed, out);
}

}  // namespace signet::smime
