#include "smime/verify.h"

#include "smime/cms.h"
#include "smime/line_endings.h"
#include "tests/smime/mails.h"

#include <gmock/gmock.h>

#include <array>
#include <ctime>

namespace signet::smime {
namespace {

using signet::test::CertificateUsage;
using signet::test::LeafOptions;
using signet::test::TestAuthority;
using test::plain_mail;
using test::sign;
using test::sign_options;
using test::trusting;
using test::verdict;
using test::verify;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t position = text.find(from);
    EXPECT_NE(position, std::string::npos) << from;
    return text.replace(position, from.size(), to);
}

std::string date_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    std::array<char, 64> text{};
    gmtime_r(&now, &parts);
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &parts)};
}

class Verifying : public ::testing::Test {
  protected:
    std::string signed_by(const signet::test::Identity& identity, const std::string& mail = plain_mail()) {
        auto signed_mail = sign(mail, sign_options(identity));
        EXPECT_TRUE(signed_mail) << signed_mail.error().detail;
        return signed_mail.value_or("");
    }
    std::string verdict_of(const std::string& mail) { return verdict(mail, trusting(m_authority)); }

    TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
    std::string m_mail = signed_by(m_alice);
};

TEST_F(Verifying, NoticesEverySingleFlippedBitOfTheSignedContent) {
    const std::string content = verify(m_mail, trusting(m_authority))->content;
    const std::size_t begin = m_mail.find(content);
    for (std::size_t i = begin; i < begin + content.size(); ++i) {
        for (const int bit : {1, 0x20, 0x80}) {
            std::string damaged = m_mail;
            damaged[i] = static_cast<char>(damaged[i] ^ bit);
            EXPECT_NE(verdict_of(damaged), "good") << "offset " << i << " bit " << bit;
        }
    }
}

TEST_F(Verifying, ReturnsTheOriginalOctetsAlsoWhereAReserialisationWouldDiffer) {
    const std::string odd =
        "content-type:   text/plain ;  charset=us-ascii\r\nX-Odd:\t folded\r\n\t twice \r\n\r\nbody\r\n";
    const std::string mail = signed_by(m_alice, test::mail_with(odd));
    const auto verification = verify(mail, trusting(m_authority));
    ASSERT_TRUE(verification);
    EXPECT_TRUE(verification->good);
    EXPECT_NE(mail.find(verification->content), std::string::npos);
    EXPECT_TRUE(verification->content.starts_with("content-type:   text/plain ;  charset=us-ascii\r\n"));
}

TEST_F(Verifying, AcceptsAPreambleAndBlanksAfterBoundaries) {
    const std::size_t begin = m_mail.find("boundary=\"") + 10;
    const std::string boundary = "--" + m_mail.substr(begin, m_mail.find('"', begin) - begin);
    std::string mail = replaced(m_mail, boundary + "\r\n", boundary + " \t\r\n");
    mail = replaced(mail, "This is an S/MIME signed message.", "Another preamble\r\nof two lines");
    EXPECT_EQ(verdict_of(mail), "good");
    EXPECT_EQ(verdict_of(mail + "\r\n \t\r\n"), "good");
}

TEST_F(Verifying, NeedsNoLineBreakAtTheEndOfTheMail) {
    const std::string lf = to_lf(m_mail);
    for (const std::string& mail : {m_mail, lf}) {
        const std::size_t end = mail.find_last_not_of("\r\n") + 1;
        ASSERT_LT(end, mail.size());
        EXPECT_EQ(verdict_of(mail.substr(0, end)), "good");
    }
}

TEST_F(Verifying, ReportsWhatAMailingListAppends) {
    EXPECT_EQ(verdict_of(m_mail + "A footer of a mailing list.\r\n"), "unsigned_text_around_signature");
    EXPECT_EQ(verdict_of(m_mail + std::string(300000, ' ') + "\1"), "unsigned_text_around_signature");
}

// Nobody is shown it, and whether it is decoded depends on the padding of base64.
TEST_F(Verifying, PassesOverTextBehindTheSignatureInItsPart) {
    for (int i = 0; i < 8; ++i) {
        std::string mail = signed_by(m_alice);
        mail.insert(mail.rfind("\r\n--"), "\r\nThe list");
        EXPECT_EQ(verdict_of(mail), "good");
    }
}

TEST_F(Verifying, AcceptsTheOldTypeNames) {
    std::string mail = replaced(m_mail, "protocol=\"application/pkcs7", "protocol=\"application/x-pkcs7");
    mail = replaced(mail, "Content-Type: application/pkcs7-signature",
                    "Content-Type: application/x-pkcs7-signature");
    EXPECT_EQ(verdict_of(mail), "good");
}

TEST_F(Verifying, ReportsAMailThatIsNotSignedAsNotFound) {
    EXPECT_EQ(verdict_of(plain_mail()), "NotFound");
    EXPECT_EQ(verdict_of(
                  test::mail_with("Content-Type: multipart/signed; boundary=b; "
                                  "protocol=\"application/pgp-signature\"\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")),
              "NotFound");
}

TEST_F(Verifying, ReportsATruncatedMailAsMalformed) {
    EXPECT_EQ(verdict_of(m_mail.substr(0, m_mail.size() / 2)), "Malformed");
    EXPECT_EQ(verdict_of(m_mail.substr(0, m_mail.size() - 6)), "Malformed");
}

TEST_F(Verifying, ReportsAThirdPartAsMalformed) {
    const std::size_t begin = m_mail.find("boundary=\"") + 10;
    const std::string boundary = "--" + m_mail.substr(begin, m_mail.find('"', begin) - begin);
    EXPECT_EQ(verdict_of(replaced(m_mail, boundary + "--", boundary + "\r\n\r\nmore\r\n" + boundary + "--")),
              "Malformed");
}

TEST_F(Verifying, ReportsAnotherFromAddress) {
    EXPECT_EQ(verdict_of(replaced(m_mail, "alice@example.test", "mallory@example.test")), "address_mismatch");
}

TEST_F(Verifying, ComparesAddressesWithoutRegardToCase) {
    EXPECT_EQ(verdict_of(replaced(m_mail, "alice@example.test", "Alice@EXAMPLE.test")), "good");
}

TEST_F(Verifying, IsNotFooledByASecondAddress) {
    EXPECT_EQ(verdict_of(replaced(m_mail, "From: Alice", "From: mallory@example.test, Alice")),
              "address_mismatch");
    EXPECT_EQ(verdict_of("From: mallory@example.test\r\n" + m_mail), "address_mismatch");
    EXPECT_EQ(verdict_of("Sender: mallory@example.test\r\n" + m_mail), "address_mismatch");
    EXPECT_EQ(verdict_of(replaced(m_mail, "From: Alice <alice@example.test>",
                                  "From: \"alice@example.test\" <mallory@example.test>")),
              "address_mismatch");
    EXPECT_EQ(verdict_of(replaced(m_mail, "From: Alice <alice@example.test>", "From: nobody")),
              "address_mismatch");
}

TEST_F(Verifying, ReportsADateThatContradictsTheSigningTime) {
    EXPECT_EQ(verdict_of("Date: Thu, 01 Jan 2015 00:00:00 +0000\r\n" + m_mail), "date_mismatch");
}

TEST_F(Verifying, ReportsADateThatIsUnreadableOrNotTheOnlyOne) {
    for (const char* date : {"2001-01-01T00:00:00Z", "Tomorrow", "Mon, 1 Jan 99999 00:00:00 +0000", ""}) {
        EXPECT_EQ(verdict_of("Date: " + std::string(date) + "\r\n" + m_mail), "date_mismatch") << date;
    }
    const std::string right = "Date: " + date_now() + "\r\n";
    EXPECT_EQ(verdict_of(right + m_mail), "good");
    EXPECT_EQ(verdict_of(right + right + m_mail), "date_mismatch");
    EXPECT_EQ(verdict_of(right + "date: Thu, 01 Jan 2015 00:00:00 +0000\r\n" + m_mail), "date_mismatch");
}

TEST_F(Verifying, ReportsAnUnknownAuthority) {
    TestAuthority other;
    EXPECT_EQ(verdict(m_mail, trusting(other)), "untrusted_chain");
    EXPECT_EQ(verdict(m_mail, VerifyOptions{}), "untrusted_chain");
}

TEST_F(Verifying, TrustsACertificateThatIsPinned) {
    EXPECT_EQ(verdict(m_mail, {.trust_anchors = {m_alice.certificate}, .intermediates = {}}), "good");
}

TEST_F(Verifying, FindsThePathThroughIntermediatesOfTheCaller) {
    TestAuthority subordinate = m_authority.issue_authority("Subordinate");
    const auto alice = subordinate.issue_identity("P-256", "alice@example.test");
    const std::string mail = signed_by(alice);
    VerifyOptions options = trusting(m_authority);
    EXPECT_EQ(verdict(mail, options), "untrusted_chain");
    options.intermediates = {subordinate.certificate()};
    EXPECT_EQ(verdict(mail, options), "good");
}

TEST_F(Verifying, FindsTheCertificateOfTheSignerAmongAnyNumber) {
    // A set in DER is sorted, the shortest first.
    const x509::X509StackPointer others(sk_X509_new_null());
    SignOptions too_many = sign_options(m_alice);
    for (int i = 0; i < 300; ++i) {
        const auto other = m_authority.issue_identity("P-256", "a@b");
        sk_X509_push(others.get(), other.certificate.get());
        X509_up_ref(other.certificate.get());
        too_many.chain.push_back(other.certificate);
    }
    const x509::BioPointer content = x509::memory_reader(as_bytes(std::string_view("text")));
    const x509::CmsPointer cms(
        CMS_sign(m_alice.certificate.get(), m_alice.key.get(), others.get(), content.get(), CMS_BINARY));
    const auto der = to_der(cms.get()).value();
    const auto verification = verify_cms(TextSource(der), nullptr, trusting(m_authority));
    ASSERT_TRUE(verification);
    EXPECT_EQ(name_of(verification->signers.front().status), "good");
    EXPECT_EQ(sign(plain_mail(), too_many).error().code, ErrorCode::invalid_parameter);
}

TEST_F(Verifying, ReportsAnExpiredCertificate) {
    const auto expired = m_authority.issue_identity(
        "P-256",
        LeafOptions{.subject = "Alice", .email = "alice@example.test", .first_day = -9, .last_day = -2});
    EXPECT_EQ(verdict_of(signed_by(expired)), "expired");
}

TEST_F(Verifying, ReportsACertificateThatIsNotForMail) {
    const auto server = m_authority.issue_identity("P-256", "alice@example.test", CertificateUsage::no_mail);
    EXPECT_EQ(verdict_of(signed_by(server)), "wrong_usage");
    const auto encryption =
        m_authority.issue_identity("P-256", "alice@example.test", CertificateUsage::encrypt);
    EXPECT_EQ(verdict_of(signed_by(encryption)), "wrong_usage");
}

TEST_F(Verifying, ReportsAShortKeyAsWeak) {
    const auto weak = m_authority.issue_identity("rsa:1024", "alice@example.test");
    EXPECT_EQ(verdict_of(signed_by(weak)), "weak_algorithm");
}

TEST_F(Verifying, RefusesHeadersThatReadersUnderstandDifferently) {
    EXPECT_EQ(verdict_of("no field at all\r\n" + m_mail), "Malformed");
    EXPECT_EQ(verdict_of("X-A: b\rFrom: mallory@example.test\r\n" + m_mail), "Malformed");
    EXPECT_EQ(verdict_of(" folded from nothing\r\n" + m_mail), "Malformed");
}

}  // namespace
}  // namespace signet::smime
