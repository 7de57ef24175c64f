#pragma once

#include "smime/scan.h"

#include <string_view>

// Which parts of a mail are signed or encrypted by themselves. Layers are not opened. Errors are those of the
// source.
namespace signet::smime {

// The operation of errors that say that some part alone is.
inline constexpr std::string_view only_a_part = "open a part of the mail";

// Below the root of a mail that is neither as a whole. Parts of forwarded mails count.
Result<bool> has_encrypted_part(const Source& mail, const MimePart& root);
Result<bool> has_signed_part(const Source& mail, const MimePart& root);

// Whether what is signed is encrypted, or some part of it. What forwarded mails hold does not count.
Result<bool> is_encrypted_within(const Source& source, const MimePart& payload);

}  // namespace signet::smime
