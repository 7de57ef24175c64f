#include "agent/administration_text.h"

#include "agent/prompt_text.h"
#include "base/bytes.h"

namespace signet::agent {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;

// A name that the caller chose, as far as a prompt has room for it.
std::string shown(const std::string& name) {
    constexpr std::size_t most = 40;
    return printable_utf8(std::string_view(name).substr(0, most));
}

std::string in_slot(const ipc::AdminCall& call) {
    return call.slot.empty() ? std::string() : " in slot " + shown(call.slot);
}

std::string purpose(const ipc::AdminCall& call) {
    switch (call.method) {
        case AdminMethod::set_management_key:
            return "set a new management key";
        case AdminMethod::protect_management_key:
            return "keep a new management key behind the PIN";
        case AdminMethod::set_retries:
            return "set how many tries PIN and PUK have, and both to their first values";
        case AdminMethod::generate_key:
            return "make a key" + in_slot(call);
        case AdminMethod::import_key:
            return "import a key" + in_slot(call);
        case AdminMethod::store_certificate:
            return "store a certificate" + in_slot(call);
        case AdminMethod::delete_certificate:
            return "delete the certificate" + in_slot(call);
        case AdminMethod::move_key:
            return "move the key" + in_slot(call) + " to slot " + shown(call.target);
        case AdminMethod::delete_key:
            return "delete the key" + in_slot(call);
        case AdminMethod::put_object:
            return "write the object " + shown(call.object);
        case AdminMethod::personalize:
            return "write its card objects";
        case AdminMethod::unblock_pin:
            return "set a new PIN";
        default:
            return {};
    }
}

std::string unblocking_name(const ipc::TokenDetails& details) {
    return details.application == "PKCS#11" ? "SO PIN" : "PUK";
}

std::string changed_pin_name(const ipc::AdminCall& call, const ipc::TokenDetails& details) {
    return call.kind == PinKind::unblocking ? unblocking_name(details) : "PIN";
}

std::string secret_name(const AdminQuestion& question) {
    switch (question.secret) {
        case AdminSecret::old_pin:
        case AdminSecret::new_pin:
            return changed_pin_name(question.call, question.details);
        case AdminSecret::unblocking:
            return unblocking_name(question.details);
        case AdminSecret::new_key:
            return "management key";
        case AdminSecret::password:
            return "password";
        case AdminSecret::authorization:
            return question.details.authorization == Authorization::pin ? "PIN" : "management key";
        default:
            return "PIN";
    }
}

std::string digits_text(const AdminQuestion& question) {
    const auto digits = management_key_digits(question);
    return digits ? " (" + std::to_string(*digits) + " hexadecimal digits)" : " (hexadecimal digits)";
}

bool asks_for_management_key(const AdminQuestion& question) {
    return secret_name(question) == "management key";
}

std::string tries_text(const AdminQuestion& question) {
    const auto left = tries_left(question);
    if (!left) {
        return {};
    }
    return *left == 1 ? "\n\nThis is the last try: a wrong " + secret_name(question) + " blocks it."
                      : "\n\n" + std::to_string(*left) + " tries are left.";
}

std::string request_text(const AdminQuestion& question) {
    const std::string name = secret_name(question);
    const std::string of_token = " of the token \"" + display_name(question.token) + "\"";
    const std::string form = asks_for_management_key(question) ? digits_text(question) : "";
    if (question.secret == AdminSecret::password) {
        return "Enter the password of the PKCS#12 file whose key goes to the token \"" +
               display_name(question.token) + "\".";
    }
    if (question.again) {
        return "Enter the new " + name + of_token + " again.";
    }
    if (is_new(question.secret)) {
        return "Choose a new " + name + of_token + form + ".";
    }
    const std::string aim = question.secret == AdminSecret::old_pin ? "change it" : purpose(question.call);
    return "Enter the " + name + of_token + form + " to " + aim + ".";
}

}  // namespace

std::string prompt_label(const AdminQuestion& question) {
    std::string name = secret_name(question);
    if (question.again) {
        return "Again:";
    }
    if (is_new(question.secret)) {
        return "New " + name + ":";
    }
    name.front() = static_cast<char>(name.front() & ~0x20);
    return name + ":";
}

std::string question_description(const AdminQuestion& question, const Requester& requester) {
    return request_text(question) + "\n\nAsked for by " + requester.description() + "." +
           tries_text(question);
}

std::string refused_name(const ipc::AdminCall& call, const ipc::TokenDetails& details) {
    switch (call.method) {
        case AdminMethod::change_pin:
            return changed_pin_name(call, details);
        case AdminMethod::unblock_pin:
            return unblocking_name(details);
        default:
            return "PIN";
    }
}

std::optional<std::uint32_t> tries_left(const AdminQuestion& question) {
    if (is_new(question.secret) || asks_for_management_key(question) ||
        question.secret == AdminSecret::password) {
        return std::nullopt;
    }
    return secret_name(question) == "PIN" ? question.details.pin.tries_left
                                          : question.details.unblocking.tries_left;
}

std::optional<std::size_t> management_key_digits(const AdminQuestion& question) {
    const auto algorithm = question.secret == AdminSecret::new_key ? question.call.management_algorithm
                                                                   : question.details.management_algorithm;
    if (!algorithm) {
        return std::nullopt;
    }
    switch (*algorithm) {
        case ManagementAlgorithm::aes128:
            return 32;
        case ManagementAlgorithm::aes256:
            return 64;
        default:
            return 48;
    }
}

}  // namespace signet::agent
