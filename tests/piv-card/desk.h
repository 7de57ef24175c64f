#pragma once

#include "tests/support/certificates.h"
#include "tests/support/inserted_card.h"
#include "tests/support/piv_card/personalize.h"

#include <optional>

namespace signet::test {

// A reader with a card in it, and other people's programs beside it.
class Desk {
  public:
    explicit Desk(const InsertedCardOptions& options = {});
    // With a card of these contents.
    explicit Desk(const piv_card::CardState& state, InsertedCardOptions options = {},
                  PcscdOptions reader = {});

    [[nodiscard]] Pcscd& pcscd() { return m_pcscd; }
    [[nodiscard]] const Pcscd& pcscd() const { return m_pcscd; }
    [[nodiscard]] InsertedCard& card() { return *m_card; }
    [[nodiscard]] std::string path(std::string_view name) const { return m_directory / name; }

    // Runs a program in a folder of its own, with pcscd.
    [[nodiscard]] ProcessResult run(const std::vector<std::string>& command) const;
    // The same, and the test fails when it does not end well. Gives the output.
    // NOLINTNEXTLINE(modernize-use-nodiscard): many want only the success
    std::string succeed(const std::vector<std::string>& command) const;

    // yubico-piv-tool on this reader.
    [[nodiscard]] static std::vector<std::string> yubico(std::vector<std::string> arguments);
    // pkcs11-tool with a module.
    [[nodiscard]] static std::vector<std::string> pkcs11(const std::string& module,
                                                         std::vector<std::string> arguments);

    // A file with the public key, PEM, of a certificate.
    void write_public_key(const std::string& name, const x509::Certificate& certificate) const;

  private:
    TemporaryDirectory m_directory;
    Pcscd m_pcscd;
    std::optional<InsertedCard> m_card;
};

inline constexpr const char* opensc_module = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";
inline constexpr const char* ykcs11_module = "/usr/lib/x86_64-linux-gnu/libykcs11.so";

struct FullCard {
    piv_card::CardState state;
    std::map<std::uint8_t, x509::Certificate> certificates;  // by key reference
};

// RSA-2048 in 9A, P-256 in 9C, P-384 in 9D, RSA-2048 in 82 and in the key history, each with a certificate;
// CHUID.
FullCard full_card(TestAuthority& authority);

}  // namespace signet::test
