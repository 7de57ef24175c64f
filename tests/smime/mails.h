#pragma once

#include "smime/encrypt.h"
#include "smime/sign.h"
#include "smime/verify.h"
#include "tests/support/certificates.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::smime::test {

// A mail from alice@example.test to bob@example.test with CRLF line breaks; `body` starts with its Content-*
// fields.
std::string mail_with(std::string_view body);

// Named mails that between them hold everything that signing must protect. All have CRLF line breaks.
struct NamedMail {
    std::string name;
    std::string mail;
};
const std::vector<NamedMail>& awkward_mails();
std::string plain_mail();

SignOptions sign_options(const signet::test::Identity& identity);
// In memory.
Result<std::string> sign(std::string_view mail, const SignOptions& options);
Result<std::string> encrypt(std::string_view mail, const EncryptOptions& options);
// The entity inside an application/pkcs7-mime mail as OpenSSL decrypts it.
std::string decrypted_by_openssl(std::string_view mail, const signet::test::Identity& identity);
VerifyOptions trusting(const signet::test::TestAuthority& authority);

// A verification of a mail in memory, with what was signed as text.
struct TextVerification {
    bool good = false;
    std::vector<SignerReport> signers;
    std::string content;
};
Result<TextVerification> verify(std::string_view mail, const VerifyOptions& options);

// "good", the status of the first signer that is not, or the error's name.
std::string verdict(std::string_view mail, const VerifyOptions& options);

}  // namespace signet::smime::test
