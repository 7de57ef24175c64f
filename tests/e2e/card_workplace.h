#pragma once

#include "tests/piv-card/desk.h"
#include "tests/support/agent.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::test {

// A reader with a PIV card in it, and an agent before it that drives nothing else.
class CardWorkplace {
  public:
    // With the card of full_card(), or one of this memory. The agent is not started.
    explicit CardWorkplace(const InsertedCardOptions& card = {}, AgentOptions agent = {});
    CardWorkplace(const std::optional<piv_card::CardState>& state, const InsertedCardOptions& card,
                  AgentOptions agent, PcscdOptions reader = {});

    [[nodiscard]] RunningAgent& agent() { return m_agent; }
    [[nodiscard]] Desk& desk() { return m_desk; }
    [[nodiscard]] InsertedCard& card() { return m_desk.card(); }
    [[nodiscard]] TestAuthority& authority() { return m_authority; }

    // Starts the agent, and waits until it lists so many tokens.
    void start(std::size_t tokens = 1);
    [[nodiscard]] bool comes_to_list(std::size_t tokens) const;
    // The card in the first slot, which is listed.
    [[nodiscard]] ipc::Token token() const;

    struct ListedKey {
        ipc::Key key;
        ipc::KeyUse use;
    };
    // The one in a slot ("9a").
    [[nodiscard]] Result<ListedKey> key(std::string_view slot) const;
    // Use the key in a slot, and see whether what comes out is right; bad_signature where it is not
    // (malformed for a key agreement, of which nobody but the other side can tell),
    // key_not_found where no such key is listed.
    [[nodiscard]] Result<void> sign(std::string_view slot) const;
    [[nodiscard]] Result<void> decrypt(std::string_view slot) const;

    // Runs a program that finds the agent, the module and pcscd.
    [[nodiscard]] ProcessResult run(const std::vector<std::string>& arguments,
                                    const std::string& input = {}) const;
    [[nodiscard]] ProcessResult signet(std::vector<std::string> arguments,
                                       const std::string& input = {}) const;
    [[nodiscard]] std::string path(std::string_view name) const { return (m_folder / name).string(); }

  private:
    TestAuthority m_authority;
    TemporaryDirectory m_folder;
    Desk m_desk;
    RunningAgent m_agent;
};

}  // namespace signet::test
