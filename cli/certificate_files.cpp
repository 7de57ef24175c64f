#include "cli/certificate_files.h"

#include "base/file_descriptor.h"

namespace signet::cli {
namespace {

// A bundle of some hundred authorities fits.
constexpr std::size_t max_file_size = std::size_t{4} << 20;
constexpr std::string_view pem_begin = "-----BEGIN ";

// What a parser says of octets that are something else helps nobody.
Failure unreadable(const std::string& path, const Error& error) {
    const bool malformed = error.code == ErrorCode::malformed;
    return failure(error.code, error.operation,
                   path + ": " + (malformed ? "no certificate in PEM or DER" : error.detail),
                   error.native_code);
}

Result<std::vector<x509::Certificate>> parse_pem(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    std::vector<x509::Certificate> certificates;
    for (auto at = pem.find(begin); at != std::string_view::npos; at = pem.find(begin, at + begin.size())) {
        SIGNET_TRY(auto certificate, x509::Certificate::from_pem(pem.substr(at)));
        certificates.push_back(std::move(certificate));
    }
    if (certificates.empty()) {
        return failure(ErrorCode::malformed, "certificate");
    }
    return certificates;
}

Result<std::vector<x509::Certificate>> parse_der(std::string_view der) {
    SIGNET_TRY(auto certificate, x509::Certificate::from_der(as_bytes(der)));
    return std::vector{std::move(certificate)};
}

}  // namespace

Result<std::vector<x509::Certificate>> read_certificates(const std::string& path) {
    SIGNET_TRY(const auto content, read_file(path, max_file_size));
    const bool pem = content.find(pem_begin) != std::string::npos;
    auto certificates = pem ? parse_pem(content) : parse_der(content);
    if (!certificates) {
        return unreadable(path, certificates.error());
    }
    return certificates;
}

Result<std::vector<x509::Certificate>> read_certificates(const std::vector<std::string>& paths) {
    std::vector<x509::Certificate> all;
    for (const auto& path : paths) {
        SIGNET_TRY(auto certificates, read_certificates(path));
        all.insert(all.end(), certificates.begin(), certificates.end());
    }
    return all;
}

}  // namespace signet::cli
