#pragma once

#include "piv/driver.h"
#include "piv/key_operation.h"

#include <functional>

namespace signet::piv {

// Uses the keys of the card, one turn for each use. What fails because the card or pcscd has gone in the
// middle, or because the answer was damaged, is done once more, unless a PIN was typed for it alone.
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
    struct Attempt {
        Result<Bytes> answer;
        bool may_be_repeated;
    };
    // What is asked of which key.
    struct Work {
        std::function<bool(const CardKey&)> fits;
        std::function<Result<Bytes>(const CardKey&, const CardOperation&)> run;
        bool agreement = false;
    };

    Result<Bytes> use(const token::KeyName& name, const Secret* pin, const Work& work);
    Attempt attempt(const token::KeyName& name, const Secret* pin, const Work& work);

    Driver& m_driver;
};

}  // namespace signet::piv
