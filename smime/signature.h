#pragma once

#include "smime/sign.h"
#include "x509/openssl.h"

#include <string_view>

namespace signet::smime {

// The hash to sign with, after options and key were found to fit: SignOptions.
Result<HashAlgorithm> checked_hash(const SignOptions& options);
std::string_view micalg_of(HashAlgorithm hash);

// SignedData with one signer and its attributes, certificates, and no content yet.
Result<x509::CmsPointer> prepare_signature(const SignOptions& options, HashAlgorithm hash);

// A token can answer with something else than a signature; such a mail must not leave. `cms`: what
// prepare_signature() gave, complete.
Result<void> check_own_signature(CMS_ContentInfo* cms, const x509::Certificate& certificate);

// Asks for the timestamp of a complete signature, and puts it there.
Result<void> add_timestamp(CMS_ContentInfo* cms, const SignOptions& options);

}  // namespace signet::smime
