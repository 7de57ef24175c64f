#include "smime/cms_stream.h"
#include "smime/transfer_reader.h"

#include <algorithm>
#include <array>

// Where the octets of a structure are: in a part of a mail, or in a file of their own.
namespace signet::smime {
namespace {

constexpr char ber_sequence_tag = '\x30';
// Text that may stand before a PEM block.
constexpr std::size_t max_text_before_pem = std::size_t{64} << 10;

// A part of a source without its transfer encoding.
template <class Encoded>
class DecodedReader final : public Reader {
  public:
    DecodedReader(const Source& source, Range range, TransferEncoding encoding)
        : m_encoded(source, range), m_decoded(m_encoded, encoding) {}
    Result<std::size_t> read(std::span<char> buffer) override { return m_decoded.read(buffer); }

  private:
    Encoded m_encoded;
    TransferReader m_decoded;
};

template <class Encoded>
ReaderFactory decoded(const Source& source, Range range, TransferEncoding encoding) {
    return [&source, range, encoding] {
        return std::make_unique<DecodedReader<Encoded>>(source, range, encoding);
    };
}

bool is_plain(TransferEncoding encoding) {
    return encoding != TransferEncoding::base64 && encoding != TransferEncoding::quoted_printable;
}

Result<bool> begins_like_ber(const Source& source, Range range) {
    std::array<char, 1> first{};
    SIGNET_TRY(const std::size_t count, RangeReader(source, range).read(first));
    return count == 1 && first[0] == ber_sequence_tag;
}

// Of the base64 between the lines of a PEM block; nothing when there is none.
std::optional<std::uint64_t> begin_of_pem_content(std::string_view text) {
    constexpr std::string_view mark = "-----BEGIN ";
    const std::size_t begin = text.starts_with(mark) ? 0 : text.find("\n-----BEGIN ");
    if (begin == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t line_end = text.find('\n', begin + mark.size());
    return line_end == std::string_view::npos ? std::nullopt : std::optional<std::uint64_t>(line_end + 1);
}

// Ends at the first "-", which is of no base64, and begins the END line.
class PemReader final : public Reader {
  public:
    PemReader(const Source& source, Range range) : m_octets(source, range) {}
    Result<std::size_t> read(std::span<char> buffer) override {
        if (m_ended) {
            return 0;
        }
        SIGNET_TRY(const std::size_t count, m_octets.read(buffer));
        const auto text = buffer.first(count);
        const auto end = std::find(text.begin(), text.end(), '-');
        m_ended = end != text.end();
        return static_cast<std::size_t>(end - text.begin());
    }

  private:
    RangeReader m_octets;
    bool m_ended = false;
};

bool is_pkcs7_type(std::string_view type) {
    return type == "application/pkcs7-mime" || type == "application/x-pkcs7-mime";
}

bool has_p7m_name(const Header& header, const ContentType& type) {
    constexpr std::string_view suffix = ".p7m";
    const std::string name = file_name_of(header, type);
    return name.size() >= suffix.size() &&
           equal_ignoring_case(std::string_view(name).substr(name.size() - suffix.size()), suffix);
}

}  // namespace

bool is_pkcs7_mime(const Header& header, const ContentType& type) {
    return is_pkcs7_type(type.type) ||
           (type.type == "application/octet-stream" && has_p7m_name(header, type));
}

ReaderFactory decoded_body(const Source& mail, Range body, TransferEncoding encoding) {
    return decoded<RangeReader>(mail, body, encoding);
}

Result<ReaderFactory> pkcs7_octets(const Source& mail, Range body, TransferEncoding encoding) {
    SIGNET_TRY(const bool binary, begins_like_ber(mail, body));
    return decoded_body(mail, body, is_plain(encoding) && !binary ? TransferEncoding::base64 : encoding);
}

Result<ReaderFactory> bare_octets(const Source& source) {
    const Range whole{0, source.size()};
    SIGNET_TRY(const bool binary, begins_like_ber(source, whole));
    if (binary) {
        return decoded_body(source, whole, TransferEncoding::binary);
    }
    const Range head{0, std::min<std::uint64_t>(whole.end, max_text_before_pem)};
    SIGNET_TRY(const std::string text, read_all(source, head, max_text_before_pem));
    if (const auto begin = begin_of_pem_content(text)) {
        return decoded<PemReader>(source, {*begin, whole.end}, TransferEncoding::base64);
    }
    return decoded_body(source, whole, TransferEncoding::base64);
}

Result<std::optional<OpenedCms>> open_cms(const Source& mail, const MimePart& part) {
    if (part.flaw || !is_pkcs7_mime(part.header, part.type)) {
        return std::nullopt;
    }
    SIGNET_TRY(auto octets, pkcs7_octets(mail, part.body, part.encoding));
    SIGNET_TRY(auto opened, open_cms(std::move(octets), Trailer::anything));
    return opened;
}

}  // namespace signet::smime
