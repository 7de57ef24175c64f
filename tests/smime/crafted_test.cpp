// Signatures that no honest program writes, made with OpenSSL directly.
#include "smime/verify.h"
#include "tests/smime/mails.h"

#include <gtest/gtest.h>

namespace signet::smime {
namespace {

using signet::test::Identity;
using signet::test::TestAuthority;
using test::trusting;
using test::verdict;
using test::verify;

const std::string content = "Content-Type: text/plain\r\n\r\nsigned\r\n";

class CraftedSignature : public ::testing::Test {
  protected:
    // Adds one signer per digest, all Alice.
    x509::CmsPointer signature(const std::string& signed_text, unsigned int flags,
                               const std::vector<const EVP_MD*>& digests) {
        flags |= CMS_BINARY;
        const x509::BioPointer text = x509::memory_reader(as_bytes(signed_text));
        x509::CmsPointer cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags | CMS_PARTIAL));
        for (const EVP_MD* digest : digests) {
            CMS_add1_signer(cms.get(), m_alice.certificate.get(), m_alice.key.get(), digest,
                            flags | CMS_PARTIAL | CMS_NOCERTS);
        }
        CMS_add1_cert(cms.get(), m_alice.certificate.get());
        EXPECT_EQ(CMS_final(cms.get(), text.get(), nullptr, flags), 1);
        return cms;
    }

    std::string base64_of(CMS_ContentInfo* cms) {
        const x509::BioPointer bio(BIO_new(BIO_s_mem()));
        i2d_CMS_bio(bio.get(), cms);
        return to_base64(x509::memory_content(bio.get()));
    }

    std::string detached(CMS_ContentInfo* cms, const std::string& visible = content) {
        return "From: alice@example.test\r\nContent-Type: multipart/signed; boundary=b;\r\n"
               " protocol=\"application/pkcs7-signature\"; micalg=sha-256\r\n\r\n--b\r\n" +
               visible +
               "\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n" +
               base64_of(cms) + "\r\n--b--\r\n";
    }
    std::string opaque(CMS_ContentInfo* cms) {
        return "From: alice@example.test\r\nContent-Type: application/pkcs7-mime\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n" +
               base64_of(cms) + "\r\n";
    }
    std::string verdict_of(const std::string& mail) { return verdict(mail, trusting(m_authority)); }

    TestAuthority m_authority;
    Identity m_alice = m_authority.issue_identity("rsa:2048", "alice@example.test");
};

TEST_F(CraftedSignature, IsGoodWhenItIsHonest) {
    EXPECT_EQ(verdict_of(detached(signature(content, CMS_DETACHED, {EVP_sha256()}).get())), "good");
    EXPECT_EQ(verdict_of(opaque(signature(content, 0, {EVP_sha256()}).get())), "good");
}

TEST_F(CraftedSignature, IsNotGoodWithContentOfItsOwnInAMultipart) {
    EXPECT_EQ(verdict_of(detached(signature(content, 0, {EVP_sha256()}).get())), "content_mismatch");
    EXPECT_EQ(verdict_of(detached(signature(content, 0, {EVP_sha256()}).get(), "\r\nanother text\r\n")),
              "bad_signature");
}

TEST_F(CraftedSignature, WithAnOctetOfGpgsmBeforeItIsBadAndToldSo) {
    const auto cms = signature(content, CMS_DETACHED, {EVP_sha256()});
    ASN1_OCTET_STRING* octets =
        CMS_SignerInfo_get0_signature(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0));
    Bytes longer{0};
    longer.insert(longer.end(), octets->data, octets->data + octets->length);
    ASN1_OCTET_STRING_set(octets, longer.data(), static_cast<int>(longer.size()));
    const auto verification = verify(detached(cms.get()), trusting(m_authority));
    ASSERT_TRUE(verification);
    EXPECT_EQ(verification->signers.at(0).status, SignatureStatus::bad_signature);
    EXPECT_EQ(verification->signers.at(0).reason,
              "the signature is an octet too long, as gpgsm 2.2 writes some with a card");
}

TEST_F(CraftedSignature, IsMalformedWithoutSignedAttributes) {
    const auto cms = signature(content, CMS_DETACHED | CMS_NOATTR, {EVP_sha256()});
    EXPECT_EQ(verdict_of(detached(cms.get())), "malformed");
}

TEST_F(CraftedSignature, IsWeakWithSha1OrMd5) {
    EXPECT_EQ(verdict_of(detached(signature(content, CMS_DETACHED, {EVP_sha1()}).get())), "weak_algorithm");
    EXPECT_EQ(verdict_of(detached(signature(content, CMS_DETACHED, {EVP_md5()}).get())), "weak_algorithm");
}

TEST_F(CraftedSignature, OfSeveralSignersIsGoodOnlyWhenAllAre) {
    const std::string both = detached(signature(content, CMS_DETACHED, {EVP_sha256(), EVP_sha512()}).get());
    EXPECT_EQ(verdict_of(both), "good");
    const std::string mixed = detached(signature(content, CMS_DETACHED, {EVP_sha256(), EVP_sha1()}).get());
    const auto verification = verify(mixed, trusting(m_authority));
    ASSERT_TRUE(verification);
    ASSERT_EQ(verification->signers.size(), 2U);
    EXPECT_FALSE(verification->good);
    EXPECT_NE(verification->signers[0].status, verification->signers[1].status);
}

TEST_F(CraftedSignature, WithoutItsCertificateNeedsItFromTheCaller) {
    const x509::BioPointer text = x509::memory_reader(as_bytes(content));
    const unsigned int flags = CMS_BINARY | CMS_DETACHED | CMS_NOCERTS;
    const x509::CmsPointer cms(
        CMS_sign(m_alice.certificate.get(), m_alice.key.get(), nullptr, text.get(), flags));
    EXPECT_EQ(verdict_of(detached(cms.get())), "no_certificate");
    VerifyOptions options = trusting(m_authority);
    options.intermediates = {m_alice.certificate};
    EXPECT_EQ(verdict(detached(cms.get()), options), "good");
}

TEST_F(CraftedSignature, ThatIsDetachedIsNoOpaqueMail) {
    EXPECT_EQ(verdict_of(opaque(signature(content, CMS_DETACHED, {EVP_sha256()}).get())), "Malformed");
}

TEST_F(CraftedSignature, IsNotFoundInABagOfCertificates) {
    const x509::CmsPointer bag(CMS_sign(nullptr, nullptr, nullptr, nullptr, CMS_PARTIAL));
    CMS_add1_cert(bag.get(), m_alice.certificate.get());
    EXPECT_EQ(verdict_of(opaque(bag.get())), "NotFound");
}

TEST_F(CraftedSignature, IsMalformedWhenTheStructureIsNonsense) {
    const std::string mail = "From: a@b\r\nContent-Type: application/pkcs7-mime\r\n\r\n";
    EXPECT_EQ(verdict_of(mail), "Malformed");
    EXPECT_EQ(verdict_of(mail + "MIIB\r\n"), "Malformed");
    EXPECT_EQ(verdict_of(mail + std::string(100000, '0')), "Malformed");
}

}  // namespace
}  // namespace signet::smime
