#include "x509/path.h"

#include "tests/support/certificates.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <tuple>
#include <vector>

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

    // Self-signed, which as its own anchor is judged by its usages like any other.
    static Certificate certificate_for(const char* key_usage, const char* extended_key_usage) {
        const auto identity = TestAuthority().issue_identity("P-256", "alice@example.test");
        const X509Pointer certificate(X509_dup(identity.certificate.get()));
        while (X509_get_ext_count(certificate.get()) > 0) {
            X509_EXTENSION_free(X509_delete_ext(certificate.get(), 0));
        }
        add_extension(certificate.get(), NID_key_usage, key_usage);
        add_extension(certificate.get(), NID_ext_key_usage, extended_key_usage);
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
        X509_sign(certificate.get(), identity.key.get(), EVP_sha256());
        return Certificate::from_x509(certificate.get());
    }
    static void add_extension(X509* certificate, int nid, const char* value) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
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

TEST_F(CheckingAPath, TakesACertificateForAnyUsageAsOneForMail) {
    const std::vector<std::tuple<const char*, const char*, PathStatus>> cases{
        {"digitalSignature", "emailProtection", PathStatus::good},
        {"digitalSignature", "anyExtendedKeyUsage", PathStatus::good},
        {"nonRepudiation", "serverAuth,anyExtendedKeyUsage", PathStatus::good},
        {"keyAgreement", "anyExtendedKeyUsage", PathStatus::wrong_usage},
        {"digitalSignature", "serverAuth", PathStatus::wrong_usage},
    };
    for (const auto& [key_usage, extended, expected] : cases) {
        const Certificate leaf = certificate_for(key_usage, extended);
        EXPECT_EQ(status(leaf, trusting(leaf)), expected) << key_usage << ' ' << extended;
    }
}

TEST_F(CheckingAPath, ReportsAShortKey) {
    const Certificate weak = m_root.issue_identity("rsa:1024", "alice@example.test").certificate;
    EXPECT_EQ(status(weak, trusting(m_root.certificate())), PathStatus::weak);
}

}  // namespace
}  // namespace signet::x509
