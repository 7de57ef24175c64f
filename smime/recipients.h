#pragma once

#include "smime/cms.h"
#include "smime/decrypt.h"

#include <vector>

namespace signet::smime {

// One way into an encrypted mail: a key transport, or one key of a key agreement.
struct RecipientSlot {
    CMS_RecipientInfo* recipient;              // borrowed from the structure
    CMS_RecipientEncryptedKey* encrypted_key;  // of a key agreement; null for key transport
};

// The structure of an encrypted mail. not_found when it is not one.
Result<x509::CmsPointer> encrypted_body_of(const Entity& mail);
// Slots that a certificate can open, in the order of the mail. Passwords and shared keys are left out.
Result<std::vector<RecipientSlot>> recipient_slots(CMS_ContentInfo* cms);
bool names(const RecipientSlot& slot, const x509::Certificate& certificate);
RecipientIdentifier identifier_of(const RecipientSlot& slot);

}  // namespace signet::smime
