#pragma once

#include "base/secret.h"
#include "pkcs11/driver/gate.h"
#include "pkcs11/driver/known_objects.h"
#include "pkcs11/driver/module.h"
#include "pkcs11/driver/session.h"
#include "pkcs11/driver/tokens.h"
#include "token/driver.h"
#include "token/rejection_secrets.h"

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace signet::pkcs11 {

struct DriverSettings {
    std::string module;
    int sessions = 1;  // operations that may be inside the module at the same time
    std::filesystem::path state_directory;
};

// One module with all its tokens. It owns the logins: a session stays open for each token that is logged in,
// since Cryptoki ends a login with the last session. Safe to use from several threads; keys are used through
// a Worker for each thread.
class Driver final : public token::Driver {
  public:
    static Result<std::unique_ptr<Driver>> open(const DriverSettings& settings);
    Driver(const Module& module, const DriverSettings& settings);
    ~Driver() override;

    // waits_for_events is an expectation until wait_for_change() was tried; one_at_a_time: the module cannot
    // lock.
    Result<token::Inventory> inventory() override;
    Result<void> login(const std::string& token_id, const Secret* pin) override;
    Result<void> logout(const std::string& token_id) override;
    void logout_all() override;

    // Blocks inside the module, beside the gate.
    Result<void> wait_for_change() override;

    std::unique_ptr<token::Worker> worker() override;
    token::Administration* administration() override;

    [[nodiscard]] const Module& module() const { return m_module; }
    // Held while somebody else logs in to this token or out.
    [[nodiscard]] std::unique_lock<std::mutex> lock_login(const std::string& token_id);
    [[nodiscard]] Gate& gate() { return m_gate; }
    [[nodiscard]] const token::RejectionSecrets& rejection_secrets() const { return m_rejection_secrets; }

  private:
    // A login waits for its own token only: a person may be at a pin pad.
    struct Login {
        std::mutex mutex;
        std::optional<Session> session;  // open while logged in
    };
    Login& login_of(const std::string& token_id);
    Result<const Session*> login_session(Login& login, CK_SLOT_ID slot);

    // With m_known_mutex.
    Result<const TokenObjects*> objects_of(const PresentToken& token);
    void close_reading_of(const std::string& token_id);

    Module m_module;
    Gate m_gate;
    token::RejectionSecrets m_rejection_secrets;
    std::unique_ptr<token::Administration> m_administration;
    std::atomic<bool> m_waits_for_events;
    std::mutex m_logins_mutex;
    std::map<std::string, Login> m_logins;  // by token, guarded by m_logins_mutex; none is ever removed
    std::mutex m_known_mutex;
    std::map<std::string, KnownObjects> m_known;  // by token, guarded by m_known_mutex
};

}  // namespace signet::pkcs11
