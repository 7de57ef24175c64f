#include "tests/smime/ber_writer.h"

#include <openssl/objects.h>

#include <cstdint>

namespace signet::smime::test {
namespace {

std::string big_endian(std::uint64_t number, std::size_t size) {
    std::string octets(size, '\0');
    for (std::size_t i = size; i-- > 0; number >>= 8) {
        octets[i] = static_cast<char>(number);
    }
    return octets;
}

constexpr std::string_view version_0("\x02\x01\x00", 3);
constexpr std::string_view version_1("\x02\x01\x01", 3);
constexpr const char* data_identifier = "1.2.840.113549.1.7.1";

}  // namespace

std::string element(unsigned char tag, std::string_view content) {
    std::string length(1, static_cast<char>(content.size()));
    if (content.size() >= 0x80) {
        const std::size_t size = content.size() < 0x100 ? 1 : content.size() < 0x10000 ? 2 : 4;
        length = static_cast<char>(0x80 + size) + big_endian(content.size(), size);
    }
    return static_cast<char>(tag) + length + std::string(content);
}

std::string indefinite(unsigned char tag, std::string_view content) {
    return static_cast<char>(tag) + ("\x80" + std::string(content)) + std::string(2, '\0');
}

std::string padded(unsigned char tag, std::string_view content) {
    return static_cast<char>(tag) + ("\x88" + big_endian(content.size(), 8)) + std::string(content);
}

std::string identifier(const char* dotted) {
    ASN1_OBJECT* object = OBJ_txt2obj(dotted, 1);
    unsigned char* der = nullptr;
    const int size = i2d_ASN1_OBJECT(object, &der);
    std::string octets(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    ASN1_OBJECT_free(object);
    return octets;
}

std::string algorithm(const char* dotted, std::string_view parameters) {
    return element(sequence, identifier(dotted) + std::string(parameters));
}

std::string signed_data(std::string_view content, Writing write) {
    const std::string inside = content.empty() ? "" : write(context_0, content);
    const std::string body = std::string(version_1) + element(set, "") +
                             write(sequence, identifier(data_identifier) + inside) + element(set, "");
    return write(sequence, identifier("1.2.840.113549.1.7.2") + write(context_0, write(sequence, body)));
}

std::string compressed_data(std::string_view compressed) {
    const std::string content = element(context_0, element(octet_string, compressed));
    const std::string body = std::string(version_0) + algorithm("1.2.840.113549.1.9.16.3.8") +
                             element(sequence, identifier(data_identifier) + content);
    return element(sequence,
                   identifier("1.2.840.113549.1.9.16.1.9") + element(context_0, element(sequence, body)));
}

}  // namespace signet::smime::test
