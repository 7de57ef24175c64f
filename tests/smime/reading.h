#pragma once

#include "smime/read.h"
#include "tests/smime/mails.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace signet::smime::test {

using Findings = std::set<std::string>;  // "code path"

// What a person would be told: who signed, whether it is encrypted, and every finding with its place.
struct Claims {
    bool good = false;
    bool encrypted = false;
    bool not_authenticated = false;
    std::vector<std::string> signed_by;
    Findings findings;
    // Path, type, file name and decoded content of every part that some layer protects, layers left out.
    std::string protected_parts;
    std::string signed_parts;  // of every part in a signature, with layers
};

// Mails that Alice signs and reads.
class ReadingTest : public ::testing::Test {
  protected:
    std::string signed_mail(const std::string& mail = plain_mail(),
                            SignatureForm form = SignatureForm::detached) const;
    std::string encrypted_mail(const std::string& mail,
                               ContentCipher cipher = ContentCipher::aes128_cbc) const;
    // The signed or encrypted entity alone, without the fields of its mail.
    static std::string entity_of(const std::string& mail);

    // multipart/signed with these octets as its first part.
    std::string signed_payload(const std::string& payload) const;
    std::string encrypted_payload(const std::string& payload) const;

    Claims claims(const std::string& mail) const;
    Findings findings(const std::string& mail) const { return claims(mail).findings; }

    signet::test::TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
};

}  // namespace signet::smime::test
