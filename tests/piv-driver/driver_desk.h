#pragma once

#include "piv/driver.h"
#include "tests/piv-card/desk.h"
#include "tests/support/octets.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {

// The driver at a reader with an emulated card in it.
class DriverDesk : public testing::Test {
  protected:
    void SetUp() override { SIGNET_REQUIRE_PCSCD(); }

    // Puts this card into the reader.
    void insert(const piv_card::CardState& state, const std::vector<std::string>& settings = {},
                const PcscdOptions& reader = {});
    // full_card() with settings. Its certificates are in m_card.
    void insert_full_card(const std::vector<std::string>& settings = {}, const PcscdOptions& reader = {});
    // A driver as of a new process. It finds the caches of those before it.
    void start_driver(bool deauthenticate = true);

    piv::Driver& driver() { return *m_driver; }
    InsertedCard& card() { return m_desk->card(); }
    // Forgets the commands so far.
    void start_counting() { (void)card().new_apdus(); }
    // Instruction bytes of the commands since then: "a4 20 20 87".
    std::string commands();

    // The only token; the test fails when there is not exactly one.
    token::Token token();
    std::string key_of(std::uint8_t reference);
    token::KeyName name_of(std::uint8_t reference);

    void login(std::string_view pin = InsertedCard::pin);
    // A signature over a message with SHA-256, checked with OpenSSL.
    Result<Bytes> sign(std::uint8_t reference, const Secret* pin = nullptr);
    bool is_right(std::uint8_t reference, ByteView signature);
    [[nodiscard]] int tries_left() { return piv_card::load(card().state()).pin.tries_left; }

    TestAuthority m_authority;
    std::optional<FullCard> m_card;
    TemporaryDirectory m_files;
    std::optional<Desk> m_desk;
    std::unique_ptr<piv::Driver> m_driver;
    std::unique_ptr<token::Worker> m_worker;
    std::string m_token;  // set by token()
};

}  // namespace signet::test
