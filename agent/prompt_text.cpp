#include "agent/prompt_text.h"

namespace signet::agent {
namespace {

constexpr std::size_t shown_identifier_digits = 16;

std::string warning_of(ipc::PinState state) {
    switch (state) {
        case ipc::PinState::low:
            return "\n\nA wrong PIN was entered since the last right one.";
        case ipc::PinState::final_try:
            return "\n\nThis is the last try: a wrong PIN blocks the token.";
        default:
            return {};
    }
}

std::string asked_by(const Requester& requester) {
    return "\n\nAsked for by " + requester.description() + (requester.purpose.empty() ? "" : ", ") +
           requester.purpose + ".";
}

std::string description(const ipc::Token& token, const std::string& aim, const Requester& requester) {
    return "Enter the PIN of the token \"" + display_name(token) + "\"" + aim + "." + asked_by(requester) +
           warning_of(token.pin);
}

}  // namespace

std::string display_name(const ipc::Token& token) {
    return token.label.empty() ? token.id : token.label;
}

std::string display_name(const ipc::Token& token, const ipc::Key& key) {
    for (const auto& certificate : token.certificates) {
        if (certificate.key == key.id && !certificate.emails.empty()) {
            return certificate.emails.front();
        }
    }
    return key.label.empty() ? key.id.substr(0, shown_identifier_digits) : key.label;
}

std::string unlock_description(const ipc::Token& token, const Requester& requester) {
    return description(token, {}, requester);
}

std::string use_description(const ipc::Token& token, const ipc::Key& key, std::string_view purpose,
                            const Requester& requester) {
    return description(token, " to " + std::string(purpose) + " with the key of " + display_name(token, key),
                       requester);
}

std::string confirmation_description(const ipc::Token& token, const ipc::Key& key, std::string_view purpose,
                                     const Requester& requester) {
    return "May the key of " + display_name(token, key) + " on the token \"" + display_name(token) +
           "\" be used to " + std::string(purpose) + " now?" + asked_by(requester);
}

std::string refusal_text(const Error& error, const std::string& what) {
    if (error.code == ErrorCode::malformed) {
        return error.detail;
    }
    if (error.tries_left == 1) {
        return "Wrong " + what + ". One try is left; another wrong " + what + " blocks the token.";
    }
    if (error.tries_left > 1) {
        return "Wrong " + what + ". " + std::to_string(error.tries_left) + " tries are left.";
    }
    return "Wrong " + what + ".";
}

}  // namespace signet::agent
