#pragma once

#include "agent/requester.h"
#include "ipc/admin_types.h"
#include "ipc/types.h"

#include <string>

namespace signet::agent {

// What the prompts for administrative calls say.
struct AdminQuestion {
    const ipc::Token& token;
    const ipc::TokenDetails& details;
    const ipc::AdminCall& call;
    ipc::AdminSecret secret;
    bool again = false;  // a new secret, for the second time
};

// Before the field: "New PIN:".
std::string prompt_label(const AdminQuestion& question);
std::string question_description(const AdminQuestion& question, const Requester& requester);
// "PIN", "PUK", "SO PIN": what a PinIncorrect to this call tells of.
std::string refused_name(const ipc::AdminCall& call, const ipc::TokenDetails& details);

// Of the PIN, PUK or SO PIN that is asked for; nothing for other secrets, or where the token does not tell.
std::optional<std::uint32_t> tries_left(const AdminQuestion& question);

// How many hexadecimal digits the management key that is asked for has; nothing where the token does not
// tell.
std::optional<std::size_t> management_key_digits(const AdminQuestion& question);

}  // namespace signet::agent
