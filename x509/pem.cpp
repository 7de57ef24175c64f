#include "x509/pem.h"

namespace signet::x509 {

std::string to_pem(std::string_view label, ByteView der) {
    constexpr std::size_t line_length = 64;
    const std::string base64 = to_base64(der);
    std::string text = "-----BEGIN " + std::string(label) + "-----\n";
    for (std::size_t at = 0; at < base64.size(); at += line_length) {
        text += base64.substr(at, line_length) + "\n";
    }
    return text + "-----END " + std::string(label) + "-----\n";
}

}  // namespace signet::x509
