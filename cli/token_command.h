#pragma once

#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/touch_hint.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

// What the commands under `signet token` have in common.
namespace signet::cli {

struct TokenOptions {
    std::optional<std::string> token;
    bool json = false;
    // The descriptors that options such as --pin-fd name.
    std::map<std::string, int> secret_descriptors;
};

// An option with which a script hands over a secret, and what the secret is for.
struct SecretOption {
    const char* name;  // "--pin-fd"
    ipc::AdminSecret secret;
    bool hexadecimal = false;
};

void add_token_options(CLI::App& command, TokenOptions& options);
void add_secret_option(CLI::App& command, TokenOptions& options, const std::string& name,
                       const std::string& what);
// --management-key-fd and --pin-fd.
void add_authorization_options(CLI::App& command, TokenOptions& options);
// A slot by its name, in lower case.
CLI::Option* add_slot(CLI::App& command, const std::string& name, std::string& slot,
                      const std::string& description);
// --slot.
void add_slot_option(CLI::App& command, std::string& slot, bool required = true);

// One of the enumerators of E, by name.
template <class Enum>
void add_choice(CLI::App& command, const std::string& name, std::optional<Enum>& value,
                const std::string& description, Enum last) {
    std::map<std::string, Enum> choices;
    std::vector<std::string> names;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
        names.emplace_back(name_of(static_cast<Enum>(i)));
    }
    command
        .add_option_function<std::string>(
            name, [&value](const std::string& text) { value = from_name<Enum>(text); }, description)
        ->type_name("NAME")
        ->check(one_of(names));
}

// A token, chosen by --token, and the agent through which it is administered.
class AdministeredToken {
  public:
    static Result<AdministeredToken> open(const TokenOptions& options);

    [[nodiscard]] const ipc::Token& token() const { return m_token; }
    // The label, else the identity.
    [[nodiscard]] std::string name() const;
    [[nodiscard]] Agent& agent() { return m_agent; }

    // Reads the secrets of those of `secrets` that the command line names.
    Result<void> take_secrets(const TokenOptions& options, const std::vector<SecretOption>& secrets);
    // What --pin-fd of a command is for, besides changing a token that wants its PIN for that.
    enum class PinUse : std::uint8_t { none, unlocking };
    // The same for what the token wants to see before it is changed. A descriptor that nothing would be read
    // from is an error.
    Result<void> take_authorization(const TokenOptions& options, PinUse pin_use = PinUse::none);
    void pass(ipc::AdminSecret name, FileDescriptor source);

    // token() has the identity that it tells.
    Result<ipc::TokenDetails> details();
    // token() is what the agent lists now.
    Result<void> list_anew();
    // Takes along what was taken and passed before.
    Result<ipc::AdminReply> call(ipc::AdminCall call);

  private:
    AdministeredToken(Agent agent, ipc::Token token, TouchHint touch_hint)
        : m_agent(std::move(agent)), m_token(std::move(token)), m_touch_hint(std::move(touch_hint)) {}

    Agent m_agent;
    ipc::Token m_token;
    TouchHint m_touch_hint;
    std::vector<PassedDescriptor> m_passed;
};

// What a command says that has changed something: a sentence, or {"token": …} with `fields`.
Result<ExitStatus> report_change(const TokenOptions& options, const AdministeredToken& token,
                                 const std::string& sentence,
                                 const std::vector<std::pair<std::string, std::string>>& fields = {});

// Each declares commands under `token`.
void declare_token_show(CLI::App& token, Action& chosen);
void declare_token_pins(CLI::App& token, Action& chosen);
void declare_token_keys(CLI::App& token, Action& chosen);
void declare_token_request(CLI::App& token, Action& chosen);
void declare_token_certificates(CLI::App& token, Action& chosen);
void declare_token_objects(CLI::App& token, Action& chosen);

}  // namespace signet::cli
