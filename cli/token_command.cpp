#include "cli/token_command.h"

#include "base/letter_case.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/secret_input.h"
#include "cli/token_selection.h"

#include <algorithm>
#include <array>

namespace signet::cli {
namespace {

constexpr SecretOption management_key{"--management-key-fd", ipc::AdminSecret::authorization, true};
constexpr SecretOption pin{"--pin-fd", ipc::AdminSecret::authorization};
constexpr SecretOption unlocking_pin{"--pin-fd", ipc::AdminSecret::pin};

// Descriptors are read to their end: what comes second from the same one is empty.
void add_secret_descriptor(TokenOptions& options, const std::string& name, int number) {
    for (const auto& [other, taken] : options.secret_descriptors) {
        if (taken == number) {
            throw CLI::ValidationError(
                name, std::to_string(number) + " is the descriptor of " + other + " already");
        }
    }
    options.secret_descriptors[name] = number;
}

// What an administrative call has not found. The wire names neither the slot nor the object.
Error not_found_by(const ipc::AdminCall& call) {
    if (call.method == ipc::AdminMethod::get_object) {
        return {.code = ErrorCode::not_found,
                .operation = "object",
                .detail = "the token has no object " + call.object};
    }
    const char* what = call.method == ipc::AdminMethod::delete_certificate ? "certificate" : "key";
    return {.code = ErrorCode::not_found,
            .operation = "slot",
            .detail = std::string("no ") + what + " is in slot " + call.slot};
}

// What the administrative call lacks or has wrong, in the words of the command line.
Error explained(Error error, const ipc::AdminCall& call) {
    if (error.code == ErrorCode::invalid_parameter) {
        error.detail = parameter_text(error.detail);
    } else if (error.code == ErrorCode::key_not_found &&
               (call.method == ipc::AdminMethod::get_object || !call.slot.empty())) {
        return not_found_by(call);
    } else if (error.code == ErrorCode::cancelled) {
        error.operation = administration;
    }
    return error;
}

// From hexadecimal digits. What is shorter would count as a PIN, and one of its tries be spent.
Result<Secret> management_key_from(const Secret& digits, const char* option) {
    constexpr std::array<std::size_t, 3> lengths{16, 24, 32};
    auto octets = digits.from_hex_digits();
    if (!octets || std::find(lengths.begin(), lengths.end(), octets->size()) == lengths.end()) {
        return failure(ErrorCode::invalid_parameter, option,
                       std::string(option) + ": not a key of 32, 48 or 64 hexadecimal digits");
    }
    return *std::move(octets);
}

bool is_slot(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

}  // namespace

void add_token_options(CLI::App& command, TokenOptions& options) {
    command.add_option("--token", options.token, "Identity, label or PKCS#11 URI of the token")
        ->type_name("TOKEN");
    command.add_flag("--json", options.json, "Print JSON");
}

void add_secret_option(CLI::App& command, TokenOptions& options, const std::string& name,
                       const std::string& what) {
    command
        .add_option_function<int>(
            name, [&options, name](int number) { add_secret_descriptor(options, name, number); },
            "Read " + what + " from this file descriptor")
        ->type_name("N");
}

void add_authorization_options(CLI::App& command, TokenOptions& options) {
    add_secret_option(command, options, management_key.name, "the management key in hexadecimal digits");
    add_secret_option(command, options, pin.name, "the PIN of a token without a management key");
}

CLI::Option* add_slot(CLI::App& command, const std::string& name, std::string& slot,
                      const std::string& description) {
    return command.add_option(name, slot, description)
        ->type_name("SLOT")
        ->check([](const std::string& text) {
            return is_slot(text) ? std::string() : "not hexadecimal digits: " + text;
        })
        ->transform([](const std::string& text) { return lower_case(text); });
}

void add_slot_option(CLI::App& command, std::string& slot, bool required) {
    add_slot(command, "--slot", slot, "Place of the key: 9a, 9c, 9d, 9e, 82 to 95; a PKCS#11 CKA_ID")
        ->required(required);
}

Result<AdministeredToken> AdministeredToken::open(const TokenOptions& options) {
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    SIGNET_TRY(const auto* token, select_token(inventory, options.token, Unnamed::any));
    return AdministeredToken(std::move(agent), *token, TouchHint(inventory));
}

std::string AdministeredToken::name() const {
    return m_token.label.empty() ? m_token.id : m_token.label;
}

Result<void> AdministeredToken::take_secrets(const TokenOptions& options,
                                             const std::vector<SecretOption>& secrets) {
    for (const SecretOption& option : secrets) {
        const auto given = options.secret_descriptors.find(option.name);
        if (given == options.secret_descriptors.end()) {
            continue;
        }
        SIGNET_TRY(auto secret, read_secret(given->second, option.name));
        // A PKCS#12 file may be without a password.
        if (secret.empty() && option.secret != ipc::AdminSecret::password) {
            return failure(ErrorCode::invalid_parameter, option.name,
                           std::string(option.name) + " " + std::to_string(given->second) +
                               ": nothing but the end came from this descriptor");
        }
        if (option.hexadecimal) {
            SIGNET_TRY(secret, management_key_from(secret, option.name));
        }
        SIGNET_TRY(auto pipe, secret.to_pipe());
        pass(option.secret, std::move(pipe));
    }
    return {};
}

// A management key that went to a token which takes it for a PIN would spend a try.
Result<void> AdministeredToken::take_authorization(const TokenOptions& options, PinUse pin_use) {
    const auto given = [&options](const SecretOption& option) {
        return options.secret_descriptors.contains(option.name);
    };
    if (!given(management_key) && !given(pin)) {
        return {};
    }
    SIGNET_TRY(const auto shown, details());
    const bool by_pin = shown.authorization == Authorization::pin;
    // A PIV card that keeps its management key behind the PIN takes either.
    const bool by_either = by_pin && shown.management_algorithm;
    const bool by_key = !by_pin || (by_either && given(management_key));
    const SecretOption& wanted = by_key ? management_key : pin;
    if (!given(wanted)) {
        return failure(ErrorCode::invalid_parameter, wanted.name,
                       name() + " wants " + (by_pin ? "its PIN" : "its management key") + " (" + wanted.name +
                           ") before it is changed");
    }
    const bool pin_unlocks = pin_use == PinUse::unlocking;
    const SecretOption& other = by_key ? pin : management_key;
    if (given(other) && !(by_key && pin_unlocks)) {
        return failure(ErrorCode::invalid_parameter, other.name,
                       std::string(other.name) + " would not be read: " + name() + " wants its " +
                           (by_key ? "management key" : "PIN") + " alone");
    }
    if (by_key) {
        SIGNET_CHECK(take_secrets(options, {management_key}));
    }
    // The agent takes one PIN for both.
    return take_secrets(options, {by_key || pin_unlocks ? unlocking_pin : pin});
}

void AdministeredToken::pass(ipc::AdminSecret name, FileDescriptor source) {
    m_passed.push_back({.name = name, .source = std::move(source)});
}

Result<ipc::TokenDetails> AdministeredToken::details() {
    SIGNET_TRY(auto reply, m_agent.administer({.method = ipc::AdminMethod::show, .token = m_token.id}));
    auto shown = std::get<ipc::TokenDetails>(std::move(reply));
    // Without a serial number a card is called by what others may have written on it since it was listed.
    m_token.id = shown.id;
    return shown;
}

Result<void> AdministeredToken::list_anew() {
    SIGNET_TRY(const auto inventory, m_agent.inventory());
    SIGNET_TRY(const auto* token, select_token(inventory, m_token.id, Unnamed::any));
    m_token = *token;
    return {};
}

Result<ipc::AdminReply> AdministeredToken::call(ipc::AdminCall call) {
    call.token = m_token.id;
    auto reply = m_agent.administer(call, std::exchange(m_passed, {}));
    return reply ? std::move(reply) : Failure(explained(std::move(reply).error(), call));
}

Result<ExitStatus> report_change(const TokenOptions& options, const AdministeredToken& token,
                                 const std::string& sentence,
                                 const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string text = sentence + "\n";
    if (options.json) {
        ipc::Writer writer;
        writer.text("token", token.token().id);
        for (const auto& [name, value] : fields) {
            writer.text(name, value);
        }
        text = writer.finish() + "\n";
    }
    SIGNET_CHECK(write_output("-", text));
    return ExitStatus::good;
}

}  // namespace signet::cli
