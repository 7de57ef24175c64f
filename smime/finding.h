#pragma once

#include "smime/verify.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signet::smime {

// What a person should know about a mail beyond that it is signed.
enum class FindingCode : std::uint8_t {
    // A signature; the same as SignatureStatus, one of which stands further below.
    malformed_signature,
    content_mismatch,
    unsupported_signature,
    no_certificate,
    bad_signature,
    weak_algorithm,
    untrusted_chain,
    wrong_usage,
    expired,
    address_mismatch,
    date_mismatch,
    // Where signatures stand.
    signers_disagree,              // some are good, some are not
    nested_signatures,             // a signature around another one
    signature_outside_encryption,  // says who sent the ciphertext, not who wrote the text
    signature_in_forwarded_mail,
    signature_in_multipart,           // of one part only
    unsigned_text_around_signature,   // which a reader shows together with signed text
    signed_attachment_poses_as_mail,  // an attachment that a reader may open in place of the mail
    // Encryption.
    encrypted_part,       // a part, not the mail
    not_authenticated,    // whoever changed it was not noticed: no remote content
    not_decrypted,        // no key fits, or it cannot be decrypted
    unsupported_content,  // encryption or compression that this OpenSSL or program cannot do
    // The mail's form.
    malformed_part,
    readers_disagree,  // GMime finds other parts
    nested_too_deeply,
    too_large,
    header_mismatch,  // a field differs between outside and the protected inside
};

// Stable code for scripts: the enumerator's name.
std::string_view name_of(FindingCode code);
// Of a status other than good.
FindingCode finding_for(SignatureStatus status);

struct Finding {
    FindingCode code = FindingCode::malformed_part;
    std::string path;    // of the part
    std::string reason;  // one sentence in English
};

}  // namespace signet::smime
