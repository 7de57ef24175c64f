#pragma once

#include "agent/administration.h"
#include "agent/config.h"
#include "agent/desktop.h"
#include "agent/inventory.h"
#include "agent/key_use.h"
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
    void dispatch(const ipc::CallPointer& call, Method method);
    void get_inventory(const ipc::CallPointer& call);
    void get_absent_tokens(const ipc::CallPointer& call);
    void watch(const ipc::CallPointer& call);
    void unlock(const ipc::CallPointer& call);
    void lock(const ipc::CallPointer& call);

    Prompts m_prompts;
    Inventory m_inventory;
    Unlocking m_unlocking;
    Desktop m_desktop;
    Notices m_notices;
    KeyUse m_key_use;
    Administration m_administration;
    Rights m_rights;
};

}  // namespace signet::agent
