#pragma once

#include "agent/administration.h"
#include "agent/cancel_memory.h"
#include "agent/config.h"
#include "agent/desktop.h"
#include "agent/inventory.h"
#include "agent/notices.h"
#include "agent/permission.h"
#include "agent/prompts.h"
#include "agent/slots.h"
#include "agent/unlocking.h"
#include "ipc/server.h"

namespace signet::agent {

// The methods of org.signet.agent, and those of org.signet.admin, over the parts that do the work.
class Agent {
  public:
    Agent(ipc::EventLoop& loop, const Config& config, Slots slots,
          const std::filesystem::path& state_directory);

    // Starts the helper processes.
    void start(const Config& config);
    // Ends them, and with them every call that waits. To be called before the object goes.
    void stop();

    void handle(const ipc::CallPointer& call);
    void reconfigure(const Config& config);

    // Nothing is unlocked, asked for or under way: nobody would notice a restart.
    [[nodiscard]] bool idle() const;

  private:
    struct KeyOperation;

    void dispatch(const ipc::CallPointer& call, Method method);
    void get_inventory(const ipc::CallPointer& call);
    void get_absent_tokens(const ipc::CallPointer& call);
    void watch(const ipc::CallPointer& call);
    void unlock(const ipc::CallPointer& call);
    void lock(const ipc::CallPointer& call);
    void sign(const ipc::CallPointer& call);
    void decrypt(const ipc::CallPointer& call);
    void derive(const ipc::CallPointer& call);

    template <class Decoded>
    void use_key(const ipc::CallPointer& call, Result<Decoded> decoded, std::string_view method,
                 std::string_view answer_field, const std::string& purpose, const ipc::Asking& asking = {});
    void run(const std::shared_ptr<KeyOperation>& operation);
    void run_allowed(const std::shared_ptr<KeyOperation>& operation, const FoundKey& found);
    void confirm(const std::shared_ptr<KeyOperation>& operation, const FoundKey& found);
    void repeat(const std::shared_ptr<KeyOperation>& operation);
    [[nodiscard]] bool needs_pin(const FoundKey& found) const;
    void run_with_passed_pin(const std::shared_ptr<KeyOperation>& operation, const FoundKey& found);
    void run_with_prompt(const std::shared_ptr<KeyOperation>& operation, const FoundKey& found);
    void send(const std::shared_ptr<KeyOperation>& operation, const FoundKey& found, const Secret* pin,
              std::function<void(Result<void>)> finished);

    Prompts m_prompts;
    Inventory m_inventory;
    Unlocking m_unlocking;
    Desktop m_desktop;
    Notices m_notices;
    Administration m_administration;
    Rights m_rights;
    CancelMemory m_refused;  // uses of keys to which the person has just said no
};

}  // namespace signet::agent
