#pragma once

#include "ipc/client.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace signet::module {

// Connections to the agent: one for each call that runs, and those that wait for the next. They are made when
// they are needed, and made anew after the agent was restarted. Safe for threads; no lock is held during a
// call.
class Connections {
  public:
    // A connection for one caller; it waits for the next one afterwards.
    class Lease {
      public:
        Lease(Connections& owner, ipc::Client client) : m_owner(owner), m_client(std::move(client)) {}
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        [[nodiscard]] ipc::Client& client() { return m_client; }
        // No further call can be made on it: close it afterwards.
        void use_up() { m_used_up = true; }

      private:
        Connections& m_owner;
        ipc::Client m_client;
        bool m_used_up = false;
    };

    // One call on an idle connection, or on a new one. It is sent again on a new connection only when the
    // agent cannot have read it: the connection had died while it was idle.
    Result<ipc::Reply> call(std::string_view method, std::string_view parameters,
                            ipc::Deadline deadline = {});

    // A new connection.
    Result<std::unique_ptr<Lease>> open();

    // Counts the connections that were lost: when it has grown, another agent may answer.
    [[nodiscard]] std::uint64_t losses() const;

    // Ends the calls that run in other threads: they fail with agent_unavailable.
    void end_calls();

    // Around fork(), so that the child finds the lists whole; the child then closes what it inherited.
    void lock_for_fork() { m_mutex.lock(); }
    void unlock_after_fork() { m_mutex.unlock(); }
    void close_inherited();

  private:
    static Result<ipc::Client> connect();
    std::unique_ptr<Lease> take_idle();
    std::unique_ptr<Lease> lease(ipc::Client client);
    void take_back(ipc::Client client, bool used_up);

    mutable std::mutex m_mutex;
    std::vector<ipc::Client> m_idle;
    std::vector<int> m_busy;  // the sockets of leases, which close only after they are taken off
    std::uint64_t m_losses = 0;
};

}  // namespace signet::module
