#include "base/der.h"

namespace signet {
namespace {

constexpr std::uint8_t integer_tag = 0x02;
constexpr std::uint8_t bit_string_tag = 0x03;
constexpr std::uint8_t octet_string_tag = 0x04;
constexpr std::uint8_t sequence_tag = 0x30;
constexpr std::uint8_t boolean_tag = 0x01;
constexpr std::uint8_t version_tag = 0xa0;
constexpr std::uint8_t issuer_unique_id_tag = 0x81;
constexpr std::uint8_t subject_unique_id_tag = 0x82;
constexpr std::uint8_t extensions_tag = 0xa3;

struct Length {
    std::size_t value;
    std::size_t octets;  // that it takes itself
};

// X.690 section 8.1.3 with the restrictions of section 10.1.
std::optional<Length> parse_length(ByteView octets) {
    if (octets.empty()) {
        return std::nullopt;
    }
    const std::uint8_t first = octets[0];
    if (first < 0x80) {
        return Length{.value = first, .octets = 1};
    }
    const std::size_t count = first & 0x7f;
    if (count == 0 || count > 4 || octets.size() < count + 1 || octets[1] == 0) {
        return std::nullopt;
    }
    std::size_t value = 0;
    for (std::size_t i = 1; i <= count; ++i) {
        value = value << 8 | octets[i];
    }
    return value < 0x80 ? std::nullopt : std::optional(Length{.value = value, .octets = count + 1});
}

// The one SEQUENCE that fills `der`.
std::optional<DerReader> open_sequence(ByteView der) {
    DerReader reader(der);
    const auto sequence = reader.next(sequence_tag);
    return sequence && reader.at_end() ? std::optional(DerReader(sequence->content)) : std::nullopt;
}

// A positive INTEGER without its leading zero octets; nothing for zero and for negative numbers.
std::optional<ByteView> next_positive_integer(DerReader& reader) {
    const auto integer = reader.next(integer_tag);
    if (!integer || integer->content.empty() || (integer->content[0] & 0x80) != 0) {
        return std::nullopt;
    }
    ByteView digits = integer->content;
    while (!digits.empty() && digits[0] == 0) {
        digits = digits.subspan(1);
    }
    return digits.empty() ? std::nullopt : std::optional(digits);
}

// Up to subjectPublicKeyInfo; `fields` stands behind it afterwards.
std::optional<CertificateFields> read_certificate_fields(DerReader& fields) {
    // RFC 5280 section 4.1: version, serialNumber, signature, issuer, validity, subject,
    // subjectPublicKeyInfo.
    fields.next(version_tag);
    const auto serial_number = fields.next(integer_tag);
    const auto signature = fields.next(sequence_tag);
    const auto issuer = fields.next(sequence_tag);
    const auto validity = fields.next(sequence_tag);
    const auto subject = fields.next(sequence_tag);
    const auto public_key_info = fields.next(sequence_tag);
    if (!serial_number || !signature || !issuer || !validity || !subject || !public_key_info) {
        return std::nullopt;
    }
    return CertificateFields{.serial_number = serial_number->whole,
                             .issuer = issuer->whole,
                             .subject = subject->whole,
                             .public_key_info = public_key_info->whole};
}

// The fields of the TBSCertificate.
std::optional<DerReader> open_certificate(ByteView der) {
    auto certificate = open_sequence(der);
    const auto to_be_signed = certificate ? certificate->next(sequence_tag) : std::nullopt;
    return to_be_signed ? std::optional(DerReader(to_be_signed->content)) : std::nullopt;
}

std::optional<CertificateExtension> parse_extension(ByteView content) {
    DerReader reader(content);
    const auto identifier = reader.next(object_identifier_tag);
    reader.next(boolean_tag);  // critical
    const auto value = reader.next(octet_string_tag);
    if (!identifier || !value || !reader.at_end()) {
        return std::nullopt;
    }
    return CertificateExtension{.identifier = identifier->content, .value = value->content};
}

}  // namespace

std::optional<DerElement> DerReader::next() {
    if (m_rest.empty() || (m_rest[0] & 0x1f) == 0x1f) {
        return std::nullopt;
    }
    const auto length = parse_length(m_rest.subspan(1));
    if (!length || length->value > m_rest.size() - 1 - length->octets) {
        return std::nullopt;
    }
    const std::size_t header = 1 + length->octets;
    const DerElement element{.tag = m_rest[0],
                             .content = m_rest.subspan(header, length->value),
                             .whole = m_rest.first(header + length->value)};
    m_rest = m_rest.subspan(element.whole.size());
    return element;
}

std::optional<DerElement> DerReader::next(std::uint8_t tag) {
    return !m_rest.empty() && m_rest[0] == tag ? next() : std::nullopt;
}

std::optional<PublicKeyInfo> parse_public_key_info(ByteView der) {
    auto info = open_sequence(der);
    if (!info) {
        return std::nullopt;
    }
    const auto algorithm = info->next(sequence_tag);
    const auto key = info->next(bit_string_tag);
    if (!algorithm || !key || key->content.empty() || key->content[0] != 0 || !info->at_end()) {
        return std::nullopt;
    }
    DerReader identifier(algorithm->content);
    const auto object_identifier = identifier.next(object_identifier_tag);
    if (!object_identifier) {
        return std::nullopt;
    }
    const auto parameters = identifier.next();
    if (!identifier.at_end()) {
        return std::nullopt;
    }
    return PublicKeyInfo{.algorithm = object_identifier->content,
                         .parameters = parameters ? parameters->whole : ByteView(),
                         .key = key->content.subspan(1)};
}

std::optional<RsaPublicKey> parse_rsa_public_key(ByteView der) {
    auto key = open_sequence(der);
    if (!key) {
        return std::nullopt;
    }
    const auto modulus = next_positive_integer(*key);
    const auto exponent = next_positive_integer(*key);
    if (!modulus || !exponent || !key->at_end()) {
        return std::nullopt;
    }
    return RsaPublicKey{.modulus = *modulus, .exponent = *exponent};
}

std::optional<CertificateFields> parse_certificate(ByteView der) {
    auto fields = open_certificate(der);
    return fields ? read_certificate_fields(*fields) : std::nullopt;
}

std::optional<std::vector<CertificateExtension>> parse_extensions(ByteView certificate) {
    auto fields = open_certificate(certificate);
    if (!fields || !read_certificate_fields(*fields)) {
        return std::nullopt;
    }
    fields->next(issuer_unique_id_tag);
    fields->next(subject_unique_id_tag);
    std::vector<CertificateExtension> extensions;
    const auto wrapped = fields->next(extensions_tag);
    if (!wrapped) {
        return fields->at_end() ? std::optional(extensions) : std::nullopt;
    }
    auto list = open_sequence(wrapped->content);
    while (list && !list->at_end()) {
        const auto element = list->next(sequence_tag);
        const auto extension = element ? parse_extension(element->content) : std::nullopt;
        if (!extension) {
            return std::nullopt;
        }
        extensions.push_back(*extension);
    }
    return list && fields->at_end() ? std::optional(extensions) : std::nullopt;
}

std::optional<ByteView> parse_octet_string(ByteView der) {
    DerReader reader(der);
    const auto element = reader.next(octet_string_tag);
    return element && reader.at_end() ? std::optional(element->content) : std::nullopt;
}

Bytes encode_octet_string(ByteView content) {
    Bytes der{octet_string_tag};
    if (content.size() < 0x80) {
        der.push_back(static_cast<std::uint8_t>(content.size()));
    } else if (content.size() < 0x100) {
        der.insert(der.end(), {0x81, static_cast<std::uint8_t>(content.size())});
    } else {
        der.insert(der.end(), {0x82, static_cast<std::uint8_t>(content.size() >> 8),
                               static_cast<std::uint8_t>(content.size())});
    }
    der.insert(der.end(), content.begin(), content.end());
    return der;
}

}  // namespace signet
