#pragma once

#include "pkcs11/driver/driver.h"
#include "pkcs11/driver/key_operation.h"
#include "token/driver.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace signet::pkcs11 {

// Uses keys, in one thread, through sessions of its own that stay open with the handles of their keys. A
// session that went stale is opened anew once, unless a PIN was spent on it.
class Worker final : public token::Worker {
  public:
    explicit Worker(Driver& driver) : m_driver(driver) {}

    Result<Bytes> sign(const token::KeyName& name, const token::SignRequest& request,
                       const Secret* pin) override;
    Result<Bytes> decrypt(const token::KeyName& name, const token::DecryptRequest& request,
                          const Secret* pin) override;
    Result<Bytes> derive(const token::KeyName& name, const token::DeriveRequest& request,
                         const Secret* pin) override;

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

    Result<Bytes> use(const token::KeyName& name, const Secret* pin, const Work& work);
    Attempt attempt(const token::KeyName& name, const Secret* pin, const Work& work);
    Attempt repeated(const token::KeyName& name, const Secret* pin, const Work& work);
    Result<const OpenToken*> with_key(const token::KeyName& name);
    Result<const OpenToken*> open(const token::KeyName& name);
    [[nodiscard]] const OpenToken* opened(const std::string& token_id) const;
    void close(const std::string& token_id);

    Driver& m_driver;
    std::vector<OpenToken> m_tokens;
};

}  // namespace signet::pkcs11
