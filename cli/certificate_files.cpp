#include "cli/certificate_files.h"

#include "base/file_descriptor.h"

namespace signet::cli {
namespace {

// A bundle of some hundred authorities fits.
constexpr std::size_t max_file_size = std::size_t{4} << 20;
constexpr std::string_view pem_begin = "-----BEGIN ";

// What OpenSSL's queue says tells a person nothing.
Failure unreadable(const std::string& path, const Error& error) {
    const bool of_openssl = error.detail.starts_with("error:");
    return failure(error.code, error.operation,
                   path + ": " + (of_openssl ? "no certificate that can be read" : error.detail),
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
        return failure(ErrorCode::malformed, "certificate", "no certificate in it");
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
