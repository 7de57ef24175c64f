#include "tests/clients/tls_server.h"

#include <stdexcept>

namespace signet::test {

TlsServer::TlsServer(Workplace& place) : m_place(place) {
    const auto identity = place.authority().issue_identity(
        "P-256",
        {.subject = "server", .email = {}, .usage = CertificateUsage::no_mail, .address = "127.0.0.1"});
    place.write("server.pem", to_pem(identity.certificate));
    place.write("server.key", to_pem(identity.key.get()));
    m_process = std::make_unique<BackgroundProcess>(
        std::vector<std::string>{"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                                 place.path("server.pem"), "-key", place.path("server.key"), "-CAfile",
                                 place.path("root.pem"), "-Verify", "1", "-verify_return_error"},
        Variables{}, place.path("server.log"));
    if (!eventually([this] { return !address().empty(); })) {
        throw std::runtime_error("openssl s_server: " + log());
    }
}

std::string TlsServer::address() const {
    constexpr std::string_view begin = "ACCEPT ";
    const auto text = log();
    const auto at = text.find(begin);
    const auto end = text.find('\n', at);
    return end == std::string::npos ? std::string() : text.substr(at + begin.size(), end - at - begin.size());
}

std::string TlsServer::port() const {
    const auto whole = address();
    return whole.substr(whole.find(':') + 1);
}

bool TlsServer::has_seen(const std::string& name) const {
    return log().find("CN = " + name) != std::string::npos;
}

}  // namespace signet::test
