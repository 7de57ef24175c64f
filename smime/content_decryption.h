#pragma once

#include "smime/decrypt.h"

namespace signet::smime {

// The one answer to wrong padding, wrong key, wrong tag and nonsense inside (Bleichenbacher, Vaudenay,
// EFAIL).
Failure cannot_decrypt();

// decrypt_content(), to a place of the caller's. It is written anew for each key that is tried, and after an
// error it holds what must not be seen.
Result<void> decrypt_into(const OpenedCms& cms, WithheldSink& plaintext, std::span<const DecryptionKey> keys);

}  // namespace signet::smime
