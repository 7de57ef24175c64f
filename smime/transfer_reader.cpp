#include "smime/transfer_reader.h"

#include "smime/gmime_library.h"

#include <algorithm>

namespace signet::smime {

class TransferReader::QuotedPrintable {
  public:
    QuotedPrintable() {
        initialise_gmime();
        g_mime_encoding_init_decode(&m_state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    }

    void decode(std::string_view input, std::string& output) {
        output.resize(g_mime_encoding_outlen(&m_state, input.size()));
        output.resize(g_mime_encoding_step(&m_state, input.data(), input.size(), output.data()));
    }

  private:
    GMimeEncoding m_state{};
};

TransferReader::TransferReader(Reader& encoded, TransferEncoding encoding) : m_encoded(encoded) {
    if (encoding == TransferEncoding::base64) {
        m_base64.emplace();
    } else if (encoding == TransferEncoding::quoted_printable) {
        m_quoted = std::make_unique<QuotedPrintable>();
    }
}

TransferReader::~TransferReader() = default;

std::size_t TransferReader::take(std::span<char> buffer) {
    const std::size_t count = m_rest.copy(buffer.data(), buffer.size());
    m_rest.remove_prefix(count);
    return count;
}

// One block at most, which fits whole into `buffer`. 0 at the end.
Result<std::size_t> TransferReader::decode_base64(std::span<char> buffer) {
    std::size_t wanted = m_input.size();
    while (Base64Decoder::room_for(wanted) > buffer.size()) {
        wanted /= 2;
    }
    std::size_t decoded = 0;
    while (decoded == 0 && !m_base64->ended()) {
        SIGNET_TRY(const std::size_t count, m_encoded.read(std::span(m_input).first(wanted)));
        if (count == 0) {
            break;
        }
        decoded = m_base64->decode(std::string_view(m_input.data(), count), buffer);
    }
    return decoded;
}

Result<std::size_t> TransferReader::read_base64(std::span<char> buffer) {
    constexpr std::size_t worth_decoding_into = std::size_t{16} << 10;
    if (m_rest.empty() && buffer.size() >= worth_decoding_into) {
        return decode_base64(buffer);
    }
    if (m_rest.empty()) {
        m_decoded.resize(worth_decoding_into);
        SIGNET_TRY(const std::size_t count, decode_base64(m_decoded));
        m_rest = std::string_view(m_decoded).substr(0, count);
    }
    return take(buffer);
}

Result<std::size_t> TransferReader::read_quoted(std::span<char> buffer) {
    while (m_rest.empty()) {
        SIGNET_TRY(const std::size_t count, m_encoded.read(m_input));
        if (count == 0) {
            return 0;
        }
        m_quoted->decode(std::string_view(m_input.data(), count), m_decoded);
        m_rest = m_decoded;
    }
    return take(buffer);
}

Result<std::size_t> TransferReader::read(std::span<char> buffer) {
    if (m_base64) {
        return read_base64(buffer);
    }
    return m_quoted ? read_quoted(buffer) : m_encoded.read(buffer);
}

}  // namespace signet::smime
