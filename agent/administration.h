#pragma once

#include "agent/inventory.h"
#include "agent/notices.h"
#include "agent/prompts.h"
#include "agent/unlocking.h"
#include "ipc/admin_types.h"

#include <memory>

namespace signet::agent {

struct AdminOperation;

// The methods of org.signet.admin: asks the person for the secrets that the caller did not pass, forwards the
// call to the token's host, and has the list of tokens read anew.
class Administration {
  public:
    Administration(ipc::EventLoop& loop, Prompts& prompts, Inventory& inventory, Unlocking& unlocking,
                   Notices& notices)
        : m_loop(loop),
          m_prompts(prompts),
          m_inventory(inventory),
          m_unlocking(unlocking),
          m_notices(notices) {}

    void handle(const ipc::CallPointer& call);

  private:
    using OperationPointer = std::shared_ptr<AdminOperation>;

    void begin(const OperationPointer& operation);
    void go_on(const OperationPointer& operation);
    void look(const OperationPointer& operation);
    void ask(const OperationPointer& operation, ipc::AdminSecret secret);
    void unlock_and_send(const OperationPointer& operation);
    void unpack(const OperationPointer& operation);
    void send(const OperationPointer& operation);
    void call_host(const OperationPointer& operation, ipc::AdminCall call, ipc::Channel::Answer answer);
    void answered(const OperationPointer& operation, const Result<ipc::Reply>& reply);
    void done(const OperationPointer& operation, const ipc::AdminReply& answer);
    void shown(const OperationPointer& operation, const ipc::TokenDetails& details,
               std::function<void()> done);
    void failed(const OperationPointer& operation, const Error& error);
    void card_changed(const OperationPointer& operation);
    void ask_again(const OperationPointer& operation, ipc::AdminSecret secret, std::string refusal);
    void read_anew(const OperationPointer& operation, std::function<void()> done);

    ipc::EventLoop& m_loop;
    Prompts& m_prompts;
    Inventory& m_inventory;
    Unlocking& m_unlocking;
    Notices& m_notices;
};

}  // namespace signet::agent
