// Time-stamp tokens of OpenSSL's authority, and wrong ones.
#include "smime/timestamp.h"

#include "smime/sign.h"
#include "smime/verify.h"
#include "tests/support/timestamp_server.h"
#include "tests/support/timestamps.h"

#include <gmock/gmock.h>

namespace signet::smime {
namespace {

using signet::test::CertificateUsage;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::time_t day = 86400;
const std::string signature = "the value of a signature";

class Timestamps : public testing::Test {
  protected:
    [[nodiscard]] signet::test::Identity authority(CertificateUsage usage = CertificateUsage::timestamps,
                                                   int last_day = 30) {
        return m_root.issue_identity(
            "rsa:2048",
            {.subject = "stamps", .email = {}, .usage = usage, .first_day = -40, .last_day = last_day});
    }
    [[nodiscard]] TimestampTrust trust() const {
        return {.anchors = {m_root.certificate()}, .intermediates = {}, .use_system_store = false};
    }
    Result<Timestamp> check(const signet::test::TokenContent& content) {
        return check_timestamp(signet::test::make_timestamp_token(content, m_authority), signature, trust());
    }
    static std::string reason_of(const Result<Timestamp>& result) {
        return result ? "good" : result.error().detail;
    }

    signet::test::TestAuthority m_root;
    signet::test::Identity m_authority = authority();
};

TEST_F(Timestamps, OfOpensslAreGood) {
    const signet::test::TimestampServer server(m_authority);
    const auto query = TimestampQuery::make(signature);
    ASSERT_TRUE(query);
    const auto token = query->token_of(server.reply_to(*query->der()), trust());
    ASSERT_TRUE(token) << token.error().detail;
    const auto timestamp = check_timestamp(*token, signature, trust());
    ASSERT_TRUE(timestamp) << timestamp.error().detail;
    EXPECT_NEAR(static_cast<double>(timestamp->time), static_cast<double>(std::time(nullptr)), 60);
    EXPECT_EQ(timestamp->authority, "CN=stamps");
}

TEST_F(Timestamps, AnswerTheQuestionThatWasAsked) {
    using Mood = signet::test::TimestampServer::Mood;
    signet::test::TimestampServer server(m_authority);
    const auto query = TimestampQuery::make(signature);
    const std::vector<std::pair<Mood, std::string>> moods{{Mood::other_question, "answers another question"},
                                                          {Mood::other_signature, "for another signature"},
                                                          {Mood::refusing, "the authority refuses"}};
    for (const auto& [mood, reason] : moods) {
        server.be(mood);
        const auto token = query->token_of(server.reply_to(*query->der()), trust());
        ASSERT_FALSE(token) << reason;
        EXPECT_THAT(token.error().detail, HasSubstr(reason));
    }
}

TEST_F(Timestamps, CountWithAnyDigestThatIsSafe) {
    for (const int digest : {NID_sha256, NID_sha384, NID_sha512}) {
        EXPECT_EQ(reason_of(check({.signature = signature, .digest = digest})), "good");
    }
    EXPECT_EQ(reason_of(check({.signature = signature, .digest = NID_sha1})),
              "the digest of the timestamp is not safe");
}

TEST_F(Timestamps, CountForTheirSignatureAlone) {
    EXPECT_EQ(reason_of(check({.signature = "another"})), "the timestamp is for another signature");
}

TEST_F(Timestamps, CountFromNowOn) {
    EXPECT_EQ(reason_of(check({.signature = signature, .time = std::time(nullptr) + 60})), "good");
    EXPECT_EQ(reason_of(check({.signature = signature, .time = std::time(nullptr) + day})),
              "the time of the timestamp has not come yet");
}

TEST_F(Timestamps, HaveNoExtensionThatMatters) {
    EXPECT_THAT(reason_of(check({.signature = signature, .unknown_critical_extension = true})),
                HasSubstr("critical"));
}

TEST_F(Timestamps, ComeFromAnAuthorityForTimestampsAlone) {
    m_authority = authority(CertificateUsage::sign);
    EXPECT_THAT(reason_of(check({.signature = signature})), HasSubstr("purpose"));
    m_authority = authority(CertificateUsage::no_mail);
    EXPECT_THAT(reason_of(check({.signature = signature})), HasSubstr("purpose"));
}

TEST_F(Timestamps, ComeFromAnAuthorityThatIsTrusted) {
    m_authority = signet::test::TestAuthority("Somebody")
                      .issue_identity(
                          "P-256", {.subject = "stamps", .email = {}, .usage = CertificateUsage::timestamps});
    EXPECT_THAT(reason_of(check({.signature = signature})), HasSubstr("unable to get local issuer"));
}

TEST_F(Timestamps, EndWithTheCertificateOfTheirAuthority) {
    m_authority = authority(CertificateUsage::timestamps, -1);
    EXPECT_THAT(reason_of(check({.signature = signature, .time = std::time(nullptr) - 5 * day})),
                HasSubstr("expired"));
}

TEST_F(Timestamps, AreReadInOnePieceOrNotAtAll) {
    const std::string token = signet::test::make_timestamp_token({.signature = signature}, m_authority);
    for (std::size_t size = 0; size < token.size(); size += 7) {
        EXPECT_FALSE(check_timestamp(token.substr(0, size), signature, trust()));
    }
    EXPECT_FALSE(check_timestamp(token + "x", signature, trust()));
    const auto too_long = check_timestamp(std::string(max_timestamp_size + 1, '0'), signature, trust());
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code, ErrorCode::too_large);
}

TEST_F(Timestamps, SayTheirTimeOrNothingWhereAnOctetChanged) {
    const std::string token = signet::test::make_timestamp_token({.signature = signature}, m_authority);
    const auto time = check_timestamp(token, signature, trust())->time;
    for (std::size_t at = 0; at < token.size(); at += 11) {
        std::string changed = token;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        const auto timestamp = check_timestamp(changed, signature, trust());
        EXPECT_TRUE(!timestamp || timestamp->time == time) << at;
    }
}

// A signature by somebody whose certificate ended ten days ago.
class StampedSignature : public Timestamps {
  protected:
    [[nodiscard]] SignerReport verified(const std::string& cms, bool use_timestamps = true) const {
        VerifyOptions options{.trust_anchors = {m_root.certificate()}, .intermediates = {}};
        if (use_timestamps) {
            options.timestamps = trust();
        }
        const TextSource content(m_content);
        const auto verification = verify_cms(TextSource(cms), &content, options);
        EXPECT_TRUE(verification) << verification.error().detail;
        return verification ? verification->signers.at(0) : SignerReport();
    }
    [[nodiscard]] std::string stamped(std::time_t time, const std::string& other = {}) const {
        const auto token = signet::test::make_timestamp_token(
            {.signature = other.empty() ? signet::test::signature_value(m_cms) : other, .time = time},
            m_authority);
        return signet::test::with_timestamp(m_cms, token);
    }
    std::string sign() {
        SignOptions how{.certificate = m_signer.certificate, .chain = {}};
        how.private_key = m_signer.key.get();
        TextSink out;
        EXPECT_TRUE(sign_content(TextSource(m_content), out, how));
        return out.take();
    }

    std::string m_content = "the content";
    signet::test::Identity m_signer = m_root.issue_identity(
        "P-256", {.subject = "old", .email = "old@example.test", .first_day = -30, .last_day = -10});
    std::string m_cms = sign();
};

TEST_F(StampedSignature, IsGoodWhereItsCertificateEndedLater) {
    EXPECT_EQ(verified(m_cms).status, SignatureStatus::expired);
    const auto report = verified(stamped(std::time(nullptr) - 20 * day));
    EXPECT_EQ(report.status, SignatureStatus::good) << report.reason;
    ASSERT_TRUE(report.timestamp);
    EXPECT_EQ(report.timestamp->reason, "");
    EXPECT_EQ(report.timestamp->authority, "CN=stamps");
    EXPECT_THAT(report.timestamp->time, testing::EndsWith("Z"));
}

TEST_F(StampedSignature, IsNotGoodWhereItsCertificateHadEnded) {
    EXPECT_EQ(verified(stamped(std::time(nullptr) - 5 * day)).status, SignatureStatus::expired);
    EXPECT_EQ(verified(stamped(std::time(nullptr) - 35 * day)).status, SignatureStatus::expired);
}

TEST_F(StampedSignature, IsJudgedAsWithoutAStampThatDoesNotCount) {
    const auto report = verified(stamped(std::time(nullptr) - 20 * day, "another"));
    EXPECT_EQ(report.status, SignatureStatus::expired);
    ASSERT_TRUE(report.timestamp);
    EXPECT_EQ(report.timestamp->time, "");
    EXPECT_EQ(report.timestamp->reason, "the timestamp is for another signature");
    const auto garbage =
        verified(signet::test::with_timestamp(m_cms, std::string("\x30\x03\x02\x01\x05", 5)));
    EXPECT_EQ(garbage.status, SignatureStatus::expired);
    EXPECT_EQ(garbage.timestamp->reason, "this is no time-stamp token");
}

TEST_F(StampedSignature, IsJudgedAsOfNowByWhoDoesNotLookAtStamps) {
    const auto report = verified(stamped(std::time(nullptr) - 20 * day), false);
    EXPECT_EQ(report.status, SignatureStatus::expired);
    EXPECT_FALSE(report.timestamp);
}

TEST_F(StampedSignature, GetsItsStampWhenItIsMade) {
    SignOptions how{.certificate = m_signer.certificate, .chain = {}};
    how.private_key = m_signer.key.get();
    std::string asked;
    how.timestamp = [this, &asked](std::string_view value) -> Result<std::string> {
        asked = value;
        return signet::test::make_timestamp_token({.signature = asked, .time = std::time(nullptr) - 20 * day},
                                                  m_authority);
    };
    TextSink out;
    ASSERT_TRUE(sign_content(TextSource(m_content), out, how));
    const auto cms = out.take();
    EXPECT_EQ(asked, signet::test::signature_value(cms));
    EXPECT_EQ(verified(cms).status, SignatureStatus::good);
    how.form = SignatureForm::opaque;
    const auto opaque = sign_content(TextSource(m_content), out, how);
    ASSERT_FALSE(opaque);
    EXPECT_EQ(opaque.error().code, ErrorCode::unsupported);
}

TEST_F(StampedSignature, IsNotMadeWithoutItsStamp) {
    SignOptions how{.certificate = m_signer.certificate, .chain = {}};
    how.private_key = m_signer.key.get();
    how.timestamp = [](std::string_view) -> Result<std::string> {
        return failure(ErrorCode::timeout, "ask", "nobody answers");
    };
    TextSink out;
    const auto result = sign_content(TextSource(m_content), out, how);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::timeout);
    EXPECT_EQ(out.take(), "");
}

}  // namespace
}  // namespace signet::smime
