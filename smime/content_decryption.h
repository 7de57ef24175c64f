#pragma once

#include "smime/decrypt.h"

namespace signet::smime {

// The one answer to wrong padding, wrong key, wrong tag and nonsense inside (Bleichenbacher, Vaudenay,
// EFAIL).
Failure cannot_decrypt();

}  // namespace signet::smime
