#pragma once

#include "piv/administration.h"
#include "piv/card_session.h"
#include "token/driver.h"
#include "token/rejection_secrets.h"

#include <filesystem>
#include <memory>
#include <string>

namespace signet::piv {

struct DriverSettings {
    std::string reader;
    std::filesystem::path state_directory;
    std::filesystem::path cache_directory;
    bool deauthenticate = true;
};

// The PIV card in one reader. Safe to use from several threads; they take turns at the card.
class Driver final : public token::Driver {
  public:
    // Neither pcscd nor the reader need to be there.
    static Result<std::unique_ptr<Driver>> open(const DriverSettings& settings);
    explicit Driver(const DriverSettings& settings);
    ~Driver() override;

    // No token: no card, or one that is no PIV card.
    Result<token::Inventory> inventory() override;
    // The PIN is kept in this process until logout, removal of the card or a restart of pcscd.
    Result<void> login(const std::string& token_id, const Secret* pin) override;
    Result<void> logout(const std::string& token_id) override;
    void logout_all() override;
    // unsupported: piv::watch_readers() tells of cards that come and go, and each one gets a driver of its
    // own.
    Result<void> wait_for_change() override;

    std::unique_ptr<token::Worker> worker() override;
    token::Administration* administration() override { return &m_administration; }

    [[nodiscard]] CardSession& session() { return m_session; }
    [[nodiscard]] const token::RejectionSecrets& rejection_secrets() const { return m_rejection_secrets; }

  private:
    Result<token::Token> read_token();
    // Null: whatever token it is.
    Result<void> end_login(const std::string* token_id);

    CardSession m_session;
    token::RejectionSecrets m_rejection_secrets;
    Administration m_administration;
};

}  // namespace signet::piv
