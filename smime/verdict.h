#pragma once

#include "smime/mail_signature.h"
#include "smime/read.h"

#include <vector>

namespace signet::smime {

// A signature that was found, with the header of the mail or forwarded mail it stands in.
struct PendingSignature {
    Part* part;
    Signature signature;
    const Header* header;
};

// Judges every signature, and then the mail: `report` holds the open tree and gets signers, findings and
// all that is said of the mail as a whole.
Result<void> reach_verdict(Report& report, std::vector<PendingSignature> signatures,
                           const VerifyOptions& trust);

}  // namespace signet::smime
