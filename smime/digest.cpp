#include "smime/digest.h"

#include <openssl/err.h>
#include <openssl/objects.h>

namespace signet::smime {

DigestSink::DigestSink(const std::set<int>& algorithms) {
    for (const int algorithm : algorithms) {
        const EVP_MD* digest = EVP_get_digestbynid(algorithm);
        x509::DigestContextPointer context(EVP_MD_CTX_new());
        if (digest != nullptr && context && EVP_DigestInit_ex(context.get(), digest, nullptr) == 1) {
            m_contexts.emplace(algorithm, std::move(context));
        }
    }
    ERR_clear_error();
}

Result<void> DigestSink::write(std::string_view octets) {
    for (const auto& [algorithm, context] : m_contexts) {
        if (EVP_DigestUpdate(context.get(), octets.data(), octets.size()) != 1) {
            return x509::openssl_failure("EVP_DigestUpdate");
        }
    }
    return {};
}

Result<std::map<int, Bytes>> DigestSink::finish() {
    std::map<int, Bytes> digests;
    for (const auto& [algorithm, context] : m_contexts) {
        Bytes digest(EVP_MAX_MD_SIZE);
        unsigned int size = 0;
        if (EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) {
            return x509::openssl_failure("EVP_DigestFinal_ex");
        }
        digest.resize(size);
        digests.emplace(algorithm, std::move(digest));
    }
    return digests;
}

Result<void> CrlfSink::write(std::string_view octets) {
    m_converted.clear();
    while (!octets.empty()) {
        const std::size_t end = octets.find('\n');
        if (end == std::string_view::npos) {
            m_converted += octets;
            m_after_cr = octets.back() == '\r';
            break;
        }
        m_converted += octets.substr(0, end);
        const bool paired = end > 0 ? octets[end - 1] == '\r' : m_after_cr;
        m_converted += paired ? "\n" : "\r\n";
        m_after_cr = false;
        octets.remove_prefix(end + 1);
    }
    return m_next.write(m_converted);
}

Result<void> LfSink::write(std::string_view octets) {
    m_converted.clear();
    if (octets.empty()) {
        return {};
    }
    if (m_after_cr && octets.front() != '\n') {
        m_converted += '\r';
    }
    m_after_cr = octets.back() == '\r';
    if (m_after_cr) {
        octets.remove_suffix(1);
    }
    for (;;) {
        const std::size_t end = octets.find("\r\n");
        m_converted += octets.substr(0, end);
        if (end == std::string_view::npos) {
            return m_next.write(m_converted);
        }
        octets.remove_prefix(end + 1);
    }
}

}  // namespace signet::smime
