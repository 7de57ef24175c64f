#pragma once

#include "smime/scan.h"
#include "smime/signer.h"

#include <optional>

namespace signet::smime {

// What speaks against a multipart/signed of two parts, whatever its signature says: text or parts that nobody
// signed and that some program shows with it, or instead of it. Errors are those of the source.
Result<std::optional<Objection>> objection_to_surroundings(const Source& source, const MimePart& multipart);

}  // namespace signet::smime
