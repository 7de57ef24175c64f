#pragma once

#include "smime/scan.h"

#include <string_view>

// For mails that are not signed or encrypted as a whole: whether some of their parts are.
namespace signet::smime {

// The operation of errors that say so.
inline constexpr std::string_view only_a_part = "open a part of the mail";

// Parts of forwarded mails count. Layers are not opened. Fails only where the mail cannot be read.
Result<bool> has_encrypted_part(const Source& mail, const MimePart& root);
Result<bool> has_signed_part(const Source& mail, const MimePart& root);

}  // namespace signet::smime
