#pragma once

#include "cli/terminal.h"
#include "smime/public/signet/smime.h"

#include <string>
#include <string_view>

// How signers are reported, by every command that does.
namespace signet::cli {

std::string json_of(const mail::Signer& signer);

// Lines for people, each after `indentation`.
std::string text_of(const mail::Signer& signer, const Style& style, std::string_view indentation);

}  // namespace signet::cli
