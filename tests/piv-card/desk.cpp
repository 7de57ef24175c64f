#include "tests/piv-card/desk.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

namespace signet::test {
namespace {

InsertedCardOptions with_state(InsertedCardOptions options, const piv_card::CardState& state,
                               const std::filesystem::path& path) {
    piv_card::save(state, path);
    options.state = path;
    return options;
}

}  // namespace

Desk::Desk(const InsertedCardOptions& options) {
    m_card.emplace(m_pcscd, options);
}

Desk::Desk(const piv_card::CardState& state, InsertedCardOptions options, PcscdOptions reader)
    : m_pcscd(std::move(reader)) {
    m_card.emplace(m_pcscd, with_state(std::move(options), state, m_directory / "card"));
}

ProcessResult Desk::run(const std::vector<std::string>& command) const {
    return test::run(command, {.variables = m_pcscd.variables(), .working_directory = m_directory.path()});
}

std::string Desk::succeed(const std::vector<std::string>& command) const {
    const auto result = run(command);
    EXPECT_EQ(result.exit_status, 0) << command[0] << ": " << result.output << result.error_output;
    return result.output;
}

std::vector<std::string> Desk::yubico(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"yubico-piv-tool", "--reader", "Yubico"});
    return arguments;
}

std::vector<std::string> Desk::pkcs11(const std::string& module, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"pkcs11-tool", "--module", module});
    return arguments;
}

void Desk::write_public_key(const std::string& name, const x509::Certificate& certificate) const {
    const x509::BioPointer file(BIO_new_file(path(name).c_str(), "w"));
    ASSERT_EQ(PEM_write_bio_PUBKEY(file.get(), X509_get0_pubkey(certificate.get())), 1);
}

FullCard full_card(TestAuthority& authority) {
    using piv_card::KeyAlgorithm;
    FullCard card{.state = piv_card::new_card(12345678, {5, 4, 3}), .certificates = {}};
    const std::map<std::uint8_t, KeyAlgorithm> algorithms{{0x9A, KeyAlgorithm::rsa_2048},
                                                          {0x9C, KeyAlgorithm::p256},
                                                          {0x9D, KeyAlgorithm::p384},
                                                          {0x82, KeyAlgorithm::rsa_2048}};
    for (const auto& [reference, algorithm] : algorithms) {
        const auto& key = piv_card::put_key(card.state, reference, algorithm);
        const auto name = "slot " + to_hex(Bytes{reference});
        auto certificate = authority.issue(key.get(), name, "card@example.test");
        piv_card::put_certificate(card.state, reference, certificate);
        card.certificates.emplace(reference, std::move(certificate));
    }
    piv_card::put_chuid(card.state, Bytes(16, 0x5A));
    piv_card::put_key_history(card.state, 1);
    return card;
}

}  // namespace signet::test
