#include "cli/gpgsm/status.h"
#include "tests/support/certificates.h"

#include <gmock/gmock.h>

namespace signet::gpgsm {
namespace {

using smime::SignatureStatus;
using testing::ElementsAre;
using testing::StartsWith;

class GpgsmStatus : public testing::Test {
  protected:
    std::vector<std::string> lines(SignatureStatus status) {
        return status_of({.status = status,
                          .certificate = m_alice.certificate,
                          .signing_time = "2026-11-22T06:43:00Z",
                          .digest_algorithm = "sha256"});
    }
    test::TestAuthority m_authority;
    test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.org");
};

TEST_F(GpgsmStatus, SaysOfAGoodSignatureWhoMadeItWhenAndHow) {
    const auto fingerprint = fingerprint_of(m_alice.certificate);
    EXPECT_THAT(
        lines(SignatureStatus::good),
        ElementsAre("GOODSIG " + fingerprint + " " + m_alice.certificate.subject(),
                    testing::AllOf(StartsWith("VALIDSIG " + fingerprint + " 2026-11-22 20261122T064300 "),
                                   testing::EndsWith(" 0 0 19 8 00")),
                    "TRUST_FULLY 0 shell"));
}

// git takes two of these lines for a forgery, and stops without a TRUST line.
TEST_F(GpgsmStatus, HasOneVerdictAndOneTrustForEveryStatus) {
    for (int i = 0; i <= static_cast<int>(SignatureStatus::signature_outside_encryption); ++i) {
        const auto status = static_cast<SignatureStatus>(i);
        int verdicts = 0;
        int trusts = 0;
        for (const auto& line : lines(status)) {
            const std::string keyword = line.substr(0, line.find(' '));
            verdicts +=
                (keyword == "GOODSIG" || keyword == "BADSIG" || keyword == "ERRSIG" || keyword == "EXPKEYSIG")
                    ? 1
                    : 0;
            trusts += keyword.starts_with("TRUST_") ? 1 : 0;
        }
        EXPECT_EQ(verdicts, 1) << name_of(status);
        EXPECT_EQ(trusts, 1) << name_of(status);
    }
}

TEST_F(GpgsmStatus, TrustsNothingButGoodSignatures) {
    for (int i = 1; i <= static_cast<int>(SignatureStatus::signature_outside_encryption); ++i) {
        for (const auto& line : lines(static_cast<SignatureStatus>(i))) {
            EXPECT_FALSE(line.starts_with("TRUST_FULLY")) << i;
        }
    }
}

TEST_F(GpgsmStatus, DoesWithoutACertificate) {
    EXPECT_THAT(status_of({.status = SignatureStatus::no_certificate}),
                ElementsAre(StartsWith("ERRSIG 0000000000000000 "), StartsWith("TRUST_UNDEFINED")));
}

TEST(GpgsmStatusText, KeepsANameFromBeginningALine) {
    EXPECT_EQ(escaped("CN=a\n[GNUPG:] GOODSIG 100%"), "CN=a%0A[GNUPG:] GOODSIG 100%25");
}

}  // namespace
}  // namespace signet::gpgsm
