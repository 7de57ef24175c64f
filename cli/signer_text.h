#pragma once

#include "cli/terminal.h"
#include "smime/verify.h"

#include <string>
#include <string_view>

// How signers are reported, by every command that does.
namespace signet::cli {

std::string json_of(const smime::SignerReport& signer);

// Lines for people, each after `indentation`.
std::string text_of(const smime::SignerReport& signer, const Style& style, std::string_view indentation);

}  // namespace signet::cli
