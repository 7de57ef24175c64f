#pragma once

#include "smime/header_protection.h"

#include <optional>
#include <string>

namespace signet::smime {

// Why a field outside cannot be the author's, in one sentence; nothing where it may stand as it does.
std::optional<std::string> contradiction(const ComparedField& field, HeaderProtectionForm form);

}  // namespace signet::smime
