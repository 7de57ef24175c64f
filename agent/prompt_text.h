#pragma once

#include "agent/requester.h"
#include "ipc/types.h"

#include <string>
#include <string_view>

namespace signet::agent {

// What PIN prompts say.

// The token's label, else its identity.
std::string display_name(const ipc::Token& token);
// An address that the key is certified for, else its label, else the start of its identifier.
std::string display_name(const ipc::Token& token, const ipc::Key& key);

std::string unlock_description(const ipc::Token& token, const Requester& requester);
// `purpose` is "sign" or "decrypt".
std::string use_description(const ipc::Token& token, const ipc::Key& key, std::string_view purpose,
                            const Requester& requester);
// A question, without a PIN.
std::string confirmation_description(const ipc::Token& token, const ipc::Key& key, std::string_view purpose,
                                     const Requester& requester);
// Why the last PIN was refused, from a pin_incorrect or malformed. `what`: "PIN", "PUK".
std::string refusal_text(const Error& error, const std::string& what = "PIN");

}  // namespace signet::agent
