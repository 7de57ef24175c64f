#include "ssh/certificate_usage.h"

#include "base/der.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace signet::ssh {
namespace {

constexpr std::uint8_t bit_string_tag = 0x03;
constexpr std::uint8_t sequence_tag = 0x30;
constexpr std::uint8_t digital_signature = 0x80;  // the first bit, RFC 5280 section 4.2.1.3

// Contents of object identifiers.
constexpr std::string_view key_usage = "\x55\x1d\x0f";
constexpr std::string_view extended_key_usage = "\x55\x1d\x25";
constexpr std::array<std::string_view, 3> authentication_purposes{
    std::string_view("\x55\x1d\x25\x00", 4),               // anyExtendedKeyUsage
    std::string_view("\x2b\x06\x01\x05\x05\x07\x03\x02"),  // id-kp-clientAuth
    std::string_view("\x2b\x06\x01\x05\x05\x07\x03\x15"),  // id-kp-secureShellClient
};

bool has_digital_signature(ByteView value) {
    DerReader reader(value);
    const auto bits = reader.next(bit_string_tag);
    // The first octet counts the unused bits.
    return bits && bits->content.size() >= 2 && (bits->content[1] & digital_signature) != 0;
}

bool has_authentication_purpose(ByteView value) {
    DerReader reader(value);
    const auto purposes = reader.next(sequence_tag);
    if (!purposes) {
        return false;
    }
    DerReader list(purposes->content);
    while (const auto purpose = list.next(object_identifier_tag)) {
        if (std::find(authentication_purposes.begin(), authentication_purposes.end(),
                      as_text(purpose->content)) != authentication_purposes.end()) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool permits_authentication(ByteView certificate) {
    const auto extensions = parse_extensions(certificate);
    return extensions &&
           std::all_of(extensions->begin(), extensions->end(), [](const CertificateExtension& extension) {
               const std::string_view identifier = as_text(extension.identifier);
               return (identifier != key_usage || has_digital_signature(extension.value)) &&
                      (identifier != extended_key_usage || has_authentication_purpose(extension.value));
           });
}

}  // namespace signet::ssh
