#include "smime/transfer_reader.h"

#include <gmime/gmime.h>

namespace signet::smime {

class TransferReader::Decoder {
  public:
    explicit Decoder(GMimeContentEncoding encoding) { g_mime_encoding_init_decode(&m_state, encoding); }

    void decode(std::string_view input, std::string& output) {
        output.resize(g_mime_encoding_outlen(&m_state, input.size()));
        output.resize(g_mime_encoding_step(&m_state, input.data(), input.size(), output.data()));
    }

  private:
    GMimeEncoding m_state{};
};

TransferReader::TransferReader(Reader& encoded, TransferEncoding encoding) : m_encoded(encoded) {
    if (encoding == TransferEncoding::base64) {
        m_decoder = std::make_unique<Decoder>(GMIME_CONTENT_ENCODING_BASE64);
    } else if (encoding == TransferEncoding::quoted_printable) {
        m_decoder = std::make_unique<Decoder>(GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    }
}

TransferReader::~TransferReader() = default;

Result<std::size_t> TransferReader::read(std::span<char> buffer) {
    if (!m_decoder) {
        return m_encoded.read(buffer);
    }
    m_input.resize(stream_block_size);
    while (m_rest.empty()) {
        SIGNET_TRY(const std::size_t count, m_encoded.read(m_input));
        if (count == 0) {
            return 0;
        }
        m_decoder->decode(std::string_view(m_input).substr(0, count), m_decoded);
        m_rest = m_decoded;
    }
    const std::size_t count = m_rest.copy(buffer.data(), buffer.size());
    m_rest.remove_prefix(count);
    return count;
}

}  // namespace signet::smime
