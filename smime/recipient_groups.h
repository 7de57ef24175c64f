#pragma once

#include "base/result.h"
#include "smime/stream.h"
#include "x509/certificate.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace signet::smime {

// Whom one encrypted message is for. A message names all of its recipients, so those of the Bcc field need
// messages of their own.
struct RecipientGroup {
    std::vector<std::string> addresses;
    std::vector<x509::Certificate> certificates;  // of the addresses, and the sender's
};
using CertificateLookup = std::function<Result<x509::Certificate>(const std::string& address)>;

// The groups of a mail: first the addresses of To and Cc together (left out where there are none), then each
// of Bcc by itself. `self` is added to every group. Encrypt the mail once for each, with drop_bcc.
//
// not_found: the mail names nobody. malformed: no header, or addresses that cannot be read. Errors of the
// lookup are passed on.
Result<std::vector<RecipientGroup>> recipient_groups(const Source& mail, const CertificateLookup& lookup,
                                                     std::span<const x509::Certificate> self);

}  // namespace signet::smime
