#include "piv/inflate.h"

#include <zlib.h>

namespace signet::piv {
namespace {

constexpr std::size_t max_certificate_size = std::size_t{64} << 10;
constexpr int gzip_or_zlib = 32 + MAX_WBITS;  // inflateInit2: found out from the header

class Inflation {
  public:
    Inflation() : m_ready(inflateInit2(&m_stream, gzip_or_zlib) == Z_OK) {}
    ~Inflation() {
        if (m_ready) {
            inflateEnd(&m_stream);
        }
    }
    Inflation(const Inflation&) = delete;
    Inflation& operator=(const Inflation&) = delete;

    Result<Bytes> run(ByteView packed) {
        Bytes unpacked(max_certificate_size);
        // zlib reads through a pointer that is not const.
        m_stream.next_in = const_cast<Bytef*>(packed.data());
        m_stream.avail_in = static_cast<uInt>(packed.size());
        m_stream.next_out = unpacked.data();
        m_stream.avail_out = static_cast<uInt>(unpacked.size());
        const int ended = m_ready ? inflate(&m_stream, Z_FINISH) : Z_STREAM_ERROR;
        if (ended == Z_BUF_ERROR && m_stream.avail_out == 0) {
            return failure(ErrorCode::too_large, "unpack certificate", "more than 64 KiB");
        }
        if (ended != Z_STREAM_END) {
            return failure(ErrorCode::malformed, "unpack certificate", "neither gzip nor zlib");
        }
        unpacked.resize(m_stream.total_out);
        return unpacked;
    }

  private:
    z_stream m_stream{};
    bool m_ready;
};

ByteView without_net_id_header(ByteView packed) {
    const bool present = packed.size() > 4 && packed[0] == 0x01 && packed[1] == 0x00;
    return present ? packed.subspan(4) : packed;
}

}  // namespace

Result<Bytes> inflate_certificate(ByteView packed) {
    return Inflation().run(without_net_id_header(packed));
}

}  // namespace signet::piv
