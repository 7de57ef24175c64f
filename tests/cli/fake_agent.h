#pragma once

#include "base/file_descriptor.h"
#include "ipc/admin_types.h"
#include "ipc/blocking_server.h"
#include "ipc/types.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace signet::test {

// A call of org.signet.admin, and what its descriptors held.
struct SeenAdminCall {
    ipc::AdminCall call;
    std::map<ipc::AdminSecret, Bytes> secrets;
};

// Speaks org.signet.agent and org.signet.admin from a list of tokens, on a socket of its own. What it answers
// is fixed before the programs under test start.
class FakeAgent {
  public:
    explicit FakeAgent(ipc::Inventory inventory);
    ~FakeAgent();
    FakeAgent(const FakeAgent&) = delete;
    FakeAgent& operator=(const FakeAgent&) = delete;

    // Answers calls of this method ("Unlock") with an error.
    void refuse(const std::string& method, Error error);
    // Administrative calls without an answer of their own get the empty one.
    void answer_with(ipc::AdminMethod method, ipc::AdminReply reply);
    void sign_with(std::function<Bytes(const ipc::SignCall&)> sign);
    // What Watch reports, after which it ends with an error.
    void report_changes(std::vector<ipc::Change> changes);

    // The environment in which programs find this agent.
    [[nodiscard]] Variables variables() const;

    // Seen so far: methods without the interface, and what Unlock and Lock asked for.
    std::vector<std::string> methods();
    std::vector<ipc::UnlockCall> unlock_calls();
    std::vector<ipc::LockCall> lock_calls();
    std::string received_pin();
    std::vector<SeenAdminCall> admin_calls();

  private:
    void accept_connections();
    Result<std::string> answer(const ipc::IncomingCall& call);
    Result<std::string> answer_admin(const ipc::IncomingCall& call, ipc::AdminMethod method);
    Result<std::string> answer_unlock(const ipc::IncomingCall& call);
    Result<std::string> answer_lock(const ipc::IncomingCall& call);
    Result<std::string> answer_watch(const ipc::IncomingCall& call);

    TemporaryDirectory m_folder;
    ipc::Inventory m_inventory;
    std::map<std::string, Error> m_refusals;
    std::map<ipc::AdminMethod, ipc::AdminReply> m_admin_replies;
    std::function<Bytes(const ipc::SignCall&)> m_sign;
    std::vector<ipc::Change> m_changes;
    FileDescriptor m_listener;

    std::mutex m_mutex;  // guards what follows
    std::vector<std::string> m_methods;
    std::vector<ipc::UnlockCall> m_unlock_calls;
    std::vector<ipc::LockCall> m_lock_calls;
    std::string m_pin;
    std::vector<SeenAdminCall> m_admin_calls;
    std::list<FileDescriptor> m_connections;
    std::vector<std::thread> m_threads;

    std::thread m_acceptor;  // last: it uses all the others
};

}  // namespace signet::test
