#pragma once

#include "pkcs11/driver/driver.h"
#include "pkcs11/driver/key_operation.h"
#include "token/description.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace signet::pkcs11 {

struct KeyName {
    std::string token;
    std::string key;
};

// Uses keys, in one thread, through sessions of its own that stay open with the handles of their keys. A
// session that went stale is opened anew once, unless a PIN was spent on it.
class Worker {
  public:
    explicit Worker(Driver& driver) : m_driver(driver) {}

    // `pin` is for a key that wants one for each use, else null.
    Result<Bytes> sign(const KeyName& name, const token::SignRequest& request, const Secret* pin);
    Result<Bytes> decrypt(const KeyName& name, const token::DecryptRequest& request, const Secret* pin);
    Result<Bytes> derive(const KeyName& name, const token::DeriveRequest& request, const Secret* pin);

  private:
    struct OpenToken {
        std::string id;
        Session session;
        bool pin_pad;
        std::vector<KeyEntry> keys;

        [[nodiscard]] const KeyEntry* usable_key(const std::string& key_id) const;
    };
    struct Attempt {
        Result<Bytes> answer;
        bool may_be_repeated;
    };
    using Work = std::function<Result<Bytes>(KeyOperation&)>;

    Result<Bytes> use(const KeyName& name, const Secret* pin, const Work& work);
    Attempt attempt(const KeyName& name, const Secret* pin, const Work& work);
    Attempt repeated(const KeyName& name, const Secret* pin, const Work& work);
    Result<const OpenToken*> with_key(const KeyName& name);
    Result<const OpenToken*> open(const KeyName& name);
    [[nodiscard]] const OpenToken* opened(const std::string& token_id) const;
    void close(const std::string& token_id);

    Driver& m_driver;
    std::vector<OpenToken> m_tokens;
};

}  // namespace signet::pkcs11
