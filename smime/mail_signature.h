#pragma once

#include "base/bytes.h"
#include "smime/cms_stream.h"
#include "smime/scan.h"
#include "smime/signer.h"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace signet::smime {

// A signature taken out of a mail, with the digests of what it signs. Nothing is judged yet.
struct Signature {
    x509::CmsPointer cms;  // SignedData; its content is not needed
    std::string octets;    // of it
    std::map<int, Bytes> digests;
    std::optional<Objection> flaw;  // why the whole cannot be good, whatever its signers say
};

// multipart/signed with an S/MIME protocol.
bool is_multipart_signed(const MimePart& part);
// What one or more of these, each in the other, are around; the part itself where it is none.
const MimePart& within_signatures(const MimePart& part);

// RFC 1847 section 2.1. The signed content is the first part, as it lies in the mail. not_found: signed, but
// not with S/MIME. malformed: not to be taken apart far enough to name signers. too_large: a signature part
// of more than 4 MiB.
Result<Signature> detached_signature(const Source& source, const MimePart& multipart);

// Signed data with content and at least one signer. Its content is written to `copy`.
Result<Signature> opaque_signature(OpenedCms cms, Sink& copy);

// Signed data beside its content, which is hashed as it is.
Result<Signature> signature_of(OpenedCms cms, const Source& content);

// What speaks against a signature on parts that GMime finds elsewhere.
Objection gmime_objection();

// Every signer in the order of the structure, judged for a mail with these headers: outside and, where
// the mail protects one, inside. malformed: no signer. too_large: more than max_signers.
Result<std::vector<SignerReport>> judge(const Signature& signature, std::span<const Header* const> headers,
                                        const VerifyOptions& options);

bool all_good(std::span<const SignerReport> signers);

}  // namespace signet::smime
