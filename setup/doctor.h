#pragma once

#include "ipc/readers.h"
#include "ipc/types.h"
#include "setup/client.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Looks for what is wrong between a card and the programs that are to use it. Nothing here changes anything,
// and no try of a PIN is spent.
namespace signet::setup {

enum class Verdict : std::uint8_t {
    ok,
    note,     // works, and should be known
    broken,   // something does not work
    skipped,  // there was nothing to look at
};
constexpr std::string_view name_of(Verdict verdict) {
    constexpr std::string_view names[] = {"ok", "note", "broken", "skipped"};
    return names[static_cast<std::size_t>(verdict)];
}

struct Finding {
    std::string check;  // what was looked at: "pcscd"
    Verdict verdict{};
    std::string cause;   // what was found
    std::string remedy;  // what to do; empty where there is nothing to do
};
using Findings = std::vector<Finding>;

// The agent as it answers.
struct AgentObservation {
    std::string failure;  // why there is no answer; then the rest is empty
    std::string version;
    bool started = false;  // it did not run before it was asked
    ipc::Inventory inventory;
    std::map<std::string, int> tries_left;  // by Token::id, of PINs whose state is not ok
};

// What a program uses in place of what signet wrote for it.
struct OtherUse {
    std::string cause;
    std::string remedy;
    Verdict verdict = Verdict::broken;
};

// What running programs say, as opposed to what lies in files. Tests give their own.
struct Observation {
    AgentObservation agent;
    std::string configuration_failure;  // what signet-agent says of signet.toml; empty: nothing
    std::map<std::string, std::string> wrong_settings;  // what is wrong in other files, by their names
    std::string module_failure;                 // why programs cannot load signet-pkcs11.so; empty: they can
    std::optional<ipc::ReadersReply> readers;   // nothing: not asked, as there is no pcscd
    std::map<ClientName, OtherUse> other_uses;  // of programs that were asked
    bool pcscd_started = false;                 // it did not run before it was asked
    std::string today;                          // RFC 3339, UTC
    std::string in_a_month;
};

// Asks agent, module and pcscd. Each has seconds to answer.
Observation observe(const Surroundings& surroundings);
// Loads a PKCS#11 module in a process of its own; empty when that is well.
std::string module_failure(const std::filesystem::path& module);

// Asks the programs that are set up what they make of all their settings.
std::map<ClientName, OtherUse> ask_programs(const Surroundings& surroundings);

// Where programs reach pcscd: the socket, which may not be there.
std::filesystem::path pcscd_socket(const Surroundings& surroundings);

// All checks, from the card to the programs.
Findings diagnose(const Surroundings& surroundings, const Observation& observation);

Findings check_udev(const Surroundings& surroundings);
Findings check_pcscd(const Surroundings& surroundings, const Observation& observation);
Findings check_readers(const Observation& observation);
Findings check_holders(const Surroundings& surroundings, const Observation& observation);
Findings check_agent(const Surroundings& surroundings, const Observation& observation);
Findings check_settings(const Observation& observation);
Findings check_tokens(const Observation& observation);
Findings check_pins(const Observation& observation);
Findings check_certificates(const Observation& observation);
Findings check_module(const Surroundings& surroundings, const Observation& observation);
Findings check_p11_kit(const Surroundings& surroundings);
Findings check_clients(const Surroundings& surroundings, const Observation& observation);

// What the token is called in a sentence.
std::string display_name(const ipc::Token& token);
// A reader with a card in it that the agent has no token for.
std::vector<std::string> unknown_cards(const Observation& observation);

}  // namespace signet::setup
