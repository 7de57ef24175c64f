#include "tests/piv-driver/driver_desk.h"

#include "tests/support/shown_card.h"
#include "tests/token/verify.h"
#include "x509/certificate.h"

namespace signet::test {
namespace {

constexpr std::string_view message = "what is signed";

bool is_rsa(const x509::Certificate& certificate) {
    return EVP_PKEY_get_base_id(X509_get0_pubkey(certificate.get())) == EVP_PKEY_RSA;
}

}  // namespace

void DriverDesk::insert(const piv_card::CardState& state, const std::vector<std::string>& settings,
                        const PcscdOptions& reader) {
    m_desk.emplace(state, InsertedCardOptions{.settings = settings}, reader);
    // libpcsclite reads it once in a process.
    for (const auto& [name, value] : m_desk->pcscd().variables()) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    ASSERT_TRUE(pcscd_comes_to_show_a_card());
}

void DriverDesk::insert_full_card(const std::vector<std::string>& settings, const PcscdOptions& reader) {
    m_card = full_card(m_authority);
    insert(m_card->state, settings, reader);
}

void DriverDesk::start_driver(bool deauthenticate) {
    m_worker.reset();
    m_driver.reset();
    m_driver = std::make_unique<piv::Driver>(piv::DriverSettings{.reader = m_desk->pcscd().slot_name(),
                                                                 .state_directory = m_files / "state",
                                                                 .cache_directory = m_files / "cache" / "piv",
                                                                 .deauthenticate = deauthenticate});
    m_worker = m_driver->worker();
}

std::string DriverDesk::commands() {
    std::string text;
    for (const LoggedApdu& apdu : card().new_apdus()) {
        text += (text.empty() ? "" : " ") + apdu.instruction();
    }
    return text;
}

token::Token DriverDesk::token() {
    auto inventory = driver().inventory();
    // pcscd may still be at a removal before the last insertion.
    (void)eventually([&] {
        if (inventory && inventory->tokens.empty()) {
            inventory = driver().inventory();
        }
        return !inventory || !inventory->tokens.empty();
    });
    EXPECT_TRUE(inventory) << inventory.error().operation << ": " << inventory.error().detail;
    if (!inventory || inventory->tokens.size() != 1) {
        ADD_FAILURE() << "not one token";
        return {};
    }
    m_token = inventory->tokens.front().id;
    return inventory->tokens.front();
}

std::string DriverDesk::key_of(std::uint8_t reference) {
    return x509::key_identifier(m_card->certificates.at(reference).public_key_info());
}

token::KeyName DriverDesk::name_of(std::uint8_t reference) {
    return {.token = m_token, .key = key_of(reference)};
}

void DriverDesk::login(std::string_view pin) {
    const Secret typed = secret(pin);
    const auto result = driver().login(m_token, &typed);
    ASSERT_TRUE(result) << result.error().operation << ": " << result.error().detail;
}

Result<Bytes> DriverDesk::sign(std::uint8_t reference, const Secret* pin) {
    const bool rsa = is_rsa(m_card->certificates.at(reference));
    const ByteView data = as_bytes(message);
    return m_worker->sign(name_of(reference),
                          {.scheme = rsa ? SignatureScheme::rsa_pkcs1 : SignatureScheme::ecdsa,
                           .hash = HashAlgorithm::sha256,
                           .data = Bytes(data.begin(), data.end()),
                           .data_is_message = true},
                          pin);
}

bool DriverDesk::is_right(std::uint8_t reference, ByteView signature) {
    const x509::Certificate& certificate = m_card->certificates.at(reference);
    const Bytes info = certificate.public_key_info();
    return is_rsa(certificate) ? verifies_pkcs1(info, HashAlgorithm::sha256, as_bytes(message), signature)
                               : verifies_ecdsa(info, HashAlgorithm::sha256, as_bytes(message), signature);
}

}  // namespace signet::test
