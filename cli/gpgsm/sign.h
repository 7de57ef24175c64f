#pragma once

#include "base/result.h"
#include "cli/gpgsm/settings.h"
#include "cli/gpgsm/status.h"

#include <string>

namespace signet::gpgsm {

struct SignRequest {
    std::string key;           // -u: address, "Name <address>", fingerprint, subject or PKCS#11 URI
    std::string input = "-";   // what is signed
    std::string output = "-";  // the signature
    bool detached = false;
    bool armour = false;
};

// Signs with a key on a token. The status lines come once the signature is written.
Result<void> sign(const SignRequest& request, const Settings& settings, const StatusOutput& status);

}  // namespace signet::gpgsm
