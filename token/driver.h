#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "token/description.h"

#include <memory>
#include <string>
#include <vector>

namespace signet::token {

class Administration;

// What a driver sees now.
struct Inventory {
    std::vector<Token> tokens;
    bool waits_for_events = false;  // wait_for_change() works, as far as is known
    bool one_at_a_time = false;     // a second operation waits for the first
};

// A key on a token, by the identities in its description.
struct KeyName {
    std::string token;
    std::string key;
};

// Uses keys. One thread; workers of one driver may be used at the same time.
class Worker {
  public:
    virtual ~Worker() = default;

    // `pin` is for a key that wants one for each use, else null. org.signet.token.varlink says what each
    // answer is. Common errors: token_not_found, token_removed, key_not_found, pin_required, pin_incorrect,
    // pin_blocked, unsupported, invalid_parameter, driver_failed.
    virtual Result<Bytes> sign(const KeyName& name, const SignRequest& request, const Secret* pin) = 0;
    virtual Result<Bytes> decrypt(const KeyName& name, const DecryptRequest& request, const Secret* pin) = 0;
    virtual Result<Bytes> derive(const KeyName& name, const DeriveRequest& request, const Secret* pin) = 0;
};

// What drives tokens, and owns their logins. Safe to use from several threads.
class Driver {
  public:
    virtual ~Driver() = default;

    // Every token as it is now; one that cannot be read is left out.
    virtual Result<Inventory> inventory() = 0;
    // `pin` may be null when the token has a pin pad.
    virtual Result<void> login(const std::string& token_id, const Secret* pin) = 0;
    virtual Result<void> logout(const std::string& token_id) = 0;
    // For the end of the process.
    virtual void logout_all() = 0;
    // Blocks until a token comes or goes. unsupported where the driver cannot tell.
    virtual Result<void> wait_for_change() = 0;

    virtual std::unique_ptr<Worker> worker() = 0;
    // Null where tokens cannot be administered.
    virtual Administration* administration() = 0;
};

}  // namespace signet::token
