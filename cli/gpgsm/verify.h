#pragma once

#include "base/result.h"
#include "cli/gpgsm/settings.h"
#include "cli/gpgsm/status.h"

#include <optional>
#include <string>

namespace signet::gpgsm {

struct VerifyRequest {
    std::string signature;
    std::optional<std::string> content;  // none: what the signature holds
};

// Reports on the signature, with one verdict: of several signers that on the first who is not good. True when
// all are good and trusted.
Result<bool> verify(const VerifyRequest& request, const Settings& settings, const StatusOutput& status);

}  // namespace signet::gpgsm
