#include "x509/certificate_outline.h"

#include "tests/support/certificates.h"

#include <gtest/gtest.h>

namespace signet::x509 {
namespace {

class Outline : public testing::Test {
  protected:
    test::TestAuthority m_authority;
    const test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.org");
    const Bytes m_der = m_alice.certificate.der();
};

TEST_F(Outline, SaysWhatTheWholeCertificateSays) {
    const auto outline = CertificateOutline::from_der(m_der);
    ASSERT_TRUE(outline) << outline.error().detail;
    X509* whole = m_alice.certificate.get();
    EXPECT_EQ(X509_NAME_cmp(outline->issuer(), X509_get_issuer_name(whole)), 0);
    EXPECT_EQ(ASN1_INTEGER_cmp(outline->serial_number(), X509_get0_serialNumber(whole)), 0);
    EXPECT_EQ(outline->public_key_info(), m_alice.certificate.public_key_info());
}

TEST_F(Outline, IsRefusedWithOctetsBehindItOrMissing) {
    Bytes longer = m_der;
    longer.push_back(0);
    EXPECT_EQ(CertificateOutline::from_der(longer).error().code, ErrorCode::malformed);
    EXPECT_EQ(CertificateOutline::from_der(ByteView(m_der).first(m_der.size() - 1)).error().code,
              ErrorCode::malformed);
    EXPECT_EQ(CertificateOutline::from_der({}).error().code, ErrorCode::malformed);
}

TEST_F(Outline, IsRefusedWhenItIsLongerThanAnyCertificate) {
    const Bytes zeros((std::size_t{64} << 10) + 1);
    EXPECT_EQ(CertificateOutline::from_der(zeros).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace signet::x509
