#pragma once

#include "agent/consents.h"
#include "agent/inventory.h"
#include "agent/notices.h"
#include "agent/prompts.h"
#include "agent/unlocking.h"
#include "ipc/types.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace signet::agent {

struct KeyOperation;

// Sign, Decrypt and Derive of org.signet.agent: asks the person for consent and for the PIN where the key,
// its token or the caller wants that, and has the token's host use the key.
class KeyUse {
  public:
    KeyUse(Prompts& prompts, Inventory& inventory, Unlocking& unlocking, Notices& notices)
        : m_consents(prompts), m_inventory(inventory), m_unlocking(unlocking), m_notices(notices) {}

    void sign(const ipc::CallPointer& call);
    void decrypt(const ipc::CallPointer& call);
    void derive(const ipc::CallPointer& call);

  private:
    using OperationPointer = std::shared_ptr<KeyOperation>;

    template <class Decoded>
    void begin(const ipc::CallPointer& call, Result<Decoded> decoded, std::string_view method,
               std::string_view answer_field, const std::string& purpose, const ipc::Asking& asking = {});
    void run(const OperationPointer& operation);
    void run_allowed(const OperationPointer& operation, const FoundKey& found);
    void confirm(const OperationPointer& operation, const FoundKey& found);
    void repeat(const OperationPointer& operation);
    [[nodiscard]] bool needs_pin(const FoundKey& found) const;
    void run_with_passed_pin(const OperationPointer& operation, const FoundKey& found);
    void run_with_prompt(const OperationPointer& operation, const FoundKey& found);
    void send(const OperationPointer& operation, const FoundKey& found, const Secret* pin,
              std::function<void(Result<void>)> finished);

    Consents m_consents;
    Inventory& m_inventory;
    Unlocking& m_unlocking;
    Notices& m_notices;
};

}  // namespace signet::agent
