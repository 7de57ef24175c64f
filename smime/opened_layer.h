#pragma once

#include "smime/mail_signature.h"
#include "smime/read.h"
#include "smime/spool.h"

#include <memory>
#include <optional>
#include <span>

namespace signet::smime {

// What an application/pkcs7-mime part turned out to be.
struct OpenedLayer {
    Layer layer;
    std::unique_ptr<Spool> content;      // what is in it, when it could be opened
    std::optional<Signature> signature;  // of signed data with signers
    std::optional<Finding> finding;      // without a path: why it stays closed
};

// At most `limit` octets come out. Errors are those of the source, and a cancelled prompt.
Result<OpenedLayer> open_layer(const Source& source, const MimePart& part,
                               std::span<const DecryptionKey> keys, std::uint64_t limit);

}  // namespace signet::smime
