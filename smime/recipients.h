#pragma once

#include "smime/decrypt.h"

#include <vector>

namespace signet::smime {

// One way into an encrypted mail.
struct RecipientSlot {
    RecipientKind kind;
    CMS_RecipientInfo* recipient;              // borrowed from the structure
    CMS_RecipientEncryptedKey* encrypted_key;  // one of a key agreement; else null
};

// In the order of the mail. too_large: more than max_recipients.
Result<std::vector<RecipientSlot>> recipient_slots(CMS_ContentInfo* cms);
// Whether the slot is for the certificate's key; never for passwords and shared keys.
bool names(const RecipientSlot& slot, const x509::CertificateOutline& certificate);
RecipientIdentifier identifier_of(const RecipientSlot& slot);

}  // namespace signet::smime
