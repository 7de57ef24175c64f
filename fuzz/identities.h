#pragma once

#include "smime/decrypt.h"
#include "smime/sign.h"
#include "smime/verify.h"
#include "tests/support/certificates.h"

namespace signet::fuzz {

// Alice, whom we trust, and Mallory with the same name, whom we do not. Made once.
struct Identities {
    Identities();

    test::TestAuthority authority;
    test::TestAuthority stranger{"Stranger"};
    test::Identity alice = authority.issue_identity("P-256", "alice@example.test");
    test::Identity mallory = stranger.issue_identity("P-256", "alice@example.test");

    smime::VerifyOptions trust;
    std::vector<smime::DecryptionKey> keys;  // Alice's
};
const Identities& identities();

smime::SignOptions signed_by(const test::Identity& identity, smime::SignatureForm form);

// Aborts: a finding.
void require(bool condition, const char* what);

}  // namespace signet::fuzz
