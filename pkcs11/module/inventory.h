#pragma once

#include "pkcs11/module/connections.h"
#include "pkcs11/module/object.h"

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace signet::module {

// Slots 0 to 15 are always there. The agent says which token sits in which; further tokens are not shown.
inline constexpr CK_SLOT_ID slot_count = 16;

// A token that is present. Never changes; a change makes a new one.
struct PresentToken {
    ipc::Token token;
    std::vector<Object> objects;

    [[nodiscard]] const Object* find(CK_OBJECT_HANDLE handle) const;
};
using TokenPointer = std::shared_ptr<const PresentToken>;
using Slots = std::array<TokenPointer, slot_count>;  // null: no token

// What the agent last said about the tokens. Safe for threads; no lock is held while the agent is asked.
class Inventory {
  public:
    explicit Inventory(Connections& connections) : m_connections(connections) {}

    // Asks the agent; it answers briefly when nothing has changed. Without an agent there are no tokens.
    Slots read();
    // As it was at most a second ago: one listing makes dozens of calls and asks once.
    Slots recent();
    // As last heard; asks the agent only when it was never asked, or what it said turned out wrong.
    Slots known();

    // By identity, in whatever slot; asks the agent when it is not among the known ones. Null when it is not
    // there.
    TokenPointer find_token(const std::string& id);

    // What is known is wrong: the next recent() or known() asks.
    void expire();

    // The first slot whose token is another one than at the last call; the first call ever compares with what
    // was known before.
    std::optional<CK_SLOT_ID> next_change();
    // Whether next_change() would find one.
    bool has_change();

    void lock_for_fork() { m_mutex.lock(); }
    void unlock_after_fork() { m_mutex.unlock(); }

  private:
    struct Answer {
        std::optional<ipc::Inventory> inventory;  // nothing: no agent
        std::uint64_t losses;
    };

    [[nodiscard]] std::optional<CK_SLOT_ID> first_difference() const;
    Answer ask();
    Result<ipc::Inventory> ask_once(std::optional<std::int64_t> known_generation);
    void install(std::vector<ipc::Token> tokens);
    TokenPointer adopt(ipc::Token token);

    Connections& m_connections;
    std::mutex m_mutex;
    Slots m_slots;
    std::array<std::string, slot_count> m_reported;  // token identities that next_change() has told
    std::optional<std::int64_t> m_generation;
    std::uint64_t m_losses = 0;  // of m_connections, when m_generation was heard
    std::chrono::steady_clock::time_point m_heard;
    bool m_asked = false;
    bool m_expired = true;
    std::map<std::string, CK_OBJECT_HANDLE> m_handles;
};

// Handles of session objects and token objects come from one sequence.
CK_OBJECT_HANDLE new_object_handle();

}  // namespace signet::module
