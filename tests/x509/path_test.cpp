#include "x509/path.h"

#include "tests/support/certificates.h"

#include <gtest/gtest.h>

namespace signet::x509 {
namespace {

using test::CertificateUsage;
using test::LeafOptions;
using test::TestAuthority;

constexpr std::time_t one_day = 86400;

class CheckingAPath : public ::testing::Test {
  protected:
    PathStatus status(const Certificate& certificate, const PathOptions& options) {
        const auto report = check_path(certificate, options);
        EXPECT_TRUE(report) << report.error().detail;
        EXPECT_EQ(report->reason.empty(), report->status == PathStatus::good) << report->reason;
        return report->status;
    }
    PathOptions trusting(const Certificate& anchor) {
        PathOptions options;
        options.trust_anchors = {anchor};
        return options;
    }

    TestAuthority m_root;
    Certificate m_leaf = m_root.issue_identity("P-256", "alice@example.test").certificate;
};

TEST_F(CheckingAPath, IsGoodFromALeafToItsAnchor) {
    EXPECT_EQ(status(m_leaf, trusting(m_root.certificate())), PathStatus::good);
}

TEST_F(CheckingAPath, IsUntrustedWithoutAnAnchor) {
    EXPECT_EQ(status(m_leaf, {}), PathStatus::untrusted);
    EXPECT_EQ(status(m_leaf, trusting(TestAuthority().certificate())), PathStatus::untrusted);
}

TEST_F(CheckingAPath, DoesNotTrustAnIntermediate) {
    PathOptions options;
    options.intermediates = {m_root.certificate()};
    EXPECT_EQ(status(m_leaf, options), PathStatus::untrusted);
}

TEST_F(CheckingAPath, TakesTheLeafItselfAsAnAnchor) {
    EXPECT_EQ(status(m_leaf, trusting(m_leaf)), PathStatus::good);
}

TEST_F(CheckingAPath, FindsItsWayThroughIntermediates) {
    TestAuthority middle = m_root.issue_authority("Middle");
    const Certificate leaf = middle.issue_identity("P-256", "alice@example.test").certificate;
    PathOptions options = trusting(m_root.certificate());
    options.intermediates = {middle.certificate()};
    EXPECT_EQ(status(leaf, options), PathStatus::good);
}

TEST_F(CheckingAPath, DoesNotLetALeafCertifyAnother) {
    const auto mallory = m_root.issue_identity("P-256", "mallory@example.test");
    const auto key = test::generate_key("P-256");
    const X509Pointer forged(X509_dup(m_leaf.get()));
    X509_set_issuer_name(forged.get(), X509_get_subject_name(mallory.certificate.get()));
    X509_set_pubkey(forged.get(), key.get());
    X509_sign(forged.get(), mallory.key.get(), EVP_sha256());
    PathOptions options = trusting(m_root.certificate());
    options.intermediates = {mallory.certificate};
    EXPECT_EQ(status(Certificate::from_x509(forged.get()), options), PathStatus::untrusted);
}

TEST_F(CheckingAPath, ReportsTimesOutsideTheValidity) {
    PathOptions options = trusting(m_root.certificate());
    options.at = std::time(nullptr) + 31 * one_day;
    EXPECT_EQ(status(m_leaf, options), PathStatus::expired);
    options.at = std::time(nullptr) - 2 * one_day;
    EXPECT_EQ(status(m_leaf, options), PathStatus::expired);
}

TEST_F(CheckingAPath, ReportsACertificateThatIsNotForSigningMail) {
    for (const auto usage : {CertificateUsage::no_mail, CertificateUsage::encrypt}) {
        const Certificate other = m_root.issue_identity("P-256", "alice@example.test", usage).certificate;
        EXPECT_EQ(status(other, trusting(m_root.certificate())), PathStatus::wrong_usage);
    }
}

TEST_F(CheckingAPath, ReportsAShortKey) {
    const Certificate weak = m_root.issue_identity("rsa:1024", "alice@example.test").certificate;
    EXPECT_EQ(status(weak, trusting(m_root.certificate())), PathStatus::weak);
}

}  // namespace
}  // namespace signet::x509
