#pragma once

#include "base/bytes.h"

namespace signet::ssh {

// Whether the X.509 certificate lets its key authenticate a person: key usage has digitalSignature or is
// absent, and extended key usage has clientAuth, secureShellClient (RFC 6187) or anyExtendedKeyUsage or is
// absent. A malformed one does not.
bool permits_authentication(ByteView certificate);

}  // namespace signet::ssh
