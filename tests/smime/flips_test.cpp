// One octet of a mail is changed, wherever it is: whoever reads it is told nothing else than of the honest
// mail, or is told that it is not good.
#include "smime/wrap.h"
#include "tests/smime/decryption.h"
#include "tests/smime/reading.h"

#include <algorithm>

namespace signet::smime {
namespace {

using test::Claims;
using test::plain_mail;
using test::sign_options;

constexpr std::size_t bits = 8;
constexpr std::size_t sampled = 3;
// What a sanitizer looks for shows at every fifth octet too; that all are noticed is for the other builds.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t stride = 5;
#else
constexpr std::size_t stride = 1;
#endif

class FlippedOctets : public test::ReadingTest {
  protected:
    // One bit of every octet in a range, or of every third one, and another bit each time.
    static void for_each_flip(const std::string& mail, std::size_t begin, std::size_t end,
                              const std::function<void(const std::string&)>& check, std::size_t step = 1) {
        ASSERT_LT(begin, end);
        ASSERT_LE(end, mail.size());
        std::string damaged = mail;
        for (std::size_t i = begin; i < end; i += step * stride) {
            SCOPED_TRACE("offset " + std::to_string(i) + " of " + std::to_string(mail.size()));
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % bits)));
            check(damaged);
            damaged[i] = mail[i];
        }
    }
    void expect_noticed(const std::string& mail, std::size_t begin, std::size_t end) {
        ASSERT_TRUE(claims(mail).good);
        for_each_flip(mail, begin, end,
                      [this](const std::string& damaged) { EXPECT_FALSE(claims(damaged).good); });
    }
    // Good still means the same person, and the same parts.
    void expect_nothing_else_claimed(const std::string& mail) {
        const Claims honest = claims(mail);
        ASSERT_TRUE(honest.good);
        const auto check = [&](const std::string& damaged) {
            const Claims claimed = claims(damaged);
            if (claimed.good) {
                EXPECT_EQ(claimed.signed_by, honest.signed_by);
                EXPECT_EQ(claimed.signed_parts, honest.signed_parts);
                EXPECT_EQ(claimed.encrypted, honest.encrypted);
            }
            EXPECT_TRUE(claimed.good || !claimed.encrypted || claimed.not_authenticated ||
                        claimed.protected_parts.empty() || claimed.protected_parts == honest.protected_parts);
        };
        for_each_flip(mail, 0, mail.size(), check, sampled);
    }
    void expect_never_good(const std::string& mail) {
        ASSERT_FALSE(claims(mail).good);
        const auto check = [this](const std::string& damaged) { EXPECT_FALSE(claims(damaged).good); };
        for_each_flip(mail, 0, mail.size(), check, sampled);
    }

    // CMS in base64 behind the header, with every octet of the structure flipped.
    static void for_each_flip_of_structure(const std::string& mail, std::size_t begin,
                                           const std::function<void(const std::string&)>& check) {
        const std::size_t end = std::min(mail.find("\r\n--", begin), mail.size());
        std::string base64 = mail.substr(begin, end - begin);
        std::erase_if(base64, [](char c) { return c == '\r' || c == '\n'; });
        const Bytes octets = from_base64(base64).value();
        const std::string structure(as_text(octets));
        for_each_flip(structure, 0, structure.size(), [&](const std::string& damaged) {
            check(std::string(mail).replace(begin, end - begin, to_base64(as_bytes(damaged))));
        });
    }
    static std::size_t behind_header(const std::string& mail, std::size_t from = 0) {
        return mail.find("\r\n\r\n", from) + 4;
    }
};

TEST_F(FlippedOctets, OfSignedContentAreNoticed) {
    const std::string mail = signed_mail();
    const std::size_t begin = mail.find("Content-Type: text/plain");
    expect_noticed(mail, begin, mail.find("this is signed.\r\n") + 17);
}

TEST_F(FlippedOctets, OfADetachedSignatureClaimNothingElse) {
    const std::string mail = signed_mail();
    const Claims honest = claims(mail);
    const std::size_t part = mail.find("Content-Type: application/pkcs7-signature");
    for_each_flip_of_structure(mail, behind_header(mail, part), [&](const std::string& damaged) {
        const Claims claimed = claims(damaged);
        EXPECT_TRUE(!claimed.good || claimed.signed_by == honest.signed_by);
        EXPECT_FALSE(claimed.encrypted);
    });
}

TEST_F(FlippedOctets, OfAttributesAndSignatureAreNoticed) {
    const std::string mail = signed_mail(plain_mail(), SignatureForm::opaque);
    const std::size_t begin = behind_header(mail);
    std::string base64 = mail.substr(begin);
    std::erase_if(base64, [](char c) { return c == '\r' || c == '\n'; });
    const std::string structure(as_text(from_base64(base64).value()));
    // The SignerInfo is the last element; its signed attributes begin with the content type.
    const std::string content_type_attribute = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
    const std::size_t attributes = structure.rfind(content_type_attribute);
    const std::size_t end = structure.find_last_not_of('\0') + 1;
    const std::string header = mail.substr(0, begin);
    for_each_flip(structure, attributes - 2, end, [&](const std::string& damaged) {
        EXPECT_FALSE(claims(header + to_base64(as_bytes(damaged))).good);
    });
}

TEST_F(FlippedOctets, OfASignedMailClaimNothingElse) {
    expect_nothing_else_claimed(signed_mail());
}

TEST_F(FlippedOctets, OfAnOpaqueSignatureClaimNothingElse) {
    expect_nothing_else_claimed(signed_mail(plain_mail(), SignatureForm::opaque));
}

TEST_F(FlippedOctets, OfASignatureInsideEncryptionClaimNothingElse) {
    expect_nothing_else_claimed(encrypted_mail(signed_mail(plain_mail(), SignatureForm::opaque)));
}

TEST_F(FlippedOctets, OfAProtectedHeaderClaimNothingElse) {
    SignOptions options = sign_options(m_alice);
    options.header_protection = HeaderProtection::clear;
    expect_nothing_else_claimed(test::sign(plain_mail(), options).value());
}

TEST_F(FlippedOctets, OfATripleWrapClaimNothingElse) {
    TextSink wrapped;
    SignOptions inner = sign_options(m_alice);
    inner.form = SignatureForm::opaque;
    ASSERT_TRUE(
        triple_wrap(TextSource(plain_mail()), wrapped, inner, {.recipients = {m_alice.certificate}}, inner));
    expect_nothing_else_claimed(wrapped.text());
}

TEST_F(FlippedOctets, OfAuthEnvelopedDataNeverDecryptToSomethingElse) {
    const std::string mail = encrypted_mail(plain_mail(), ContentCipher::aes128_gcm);
    const Claims honest = claims(mail);
    ASSERT_FALSE(honest.protected_parts.empty());
    for_each_flip_of_structure(mail, behind_header(mail), [&](const std::string& damaged) {
        const Claims claimed = claims(damaged);
        EXPECT_TRUE(claimed.protected_parts.empty() || claimed.protected_parts == honest.protected_parts);
        EXPECT_FALSE(claimed.good);
    });
}

TEST_F(FlippedOctets, OfGcmCiphertextAndTagAreNoticed) {
    const std::string content = "Content-Type: text/plain\r\n\r\nthe secret\r\n";
    TextSink cms;
    ASSERT_TRUE(encrypt_content(TextSource(content), cms,
                                {.recipients = {m_alice.certificate}, .cipher = ContentCipher::aes256_gcm}));
    const std::string structure = cms.take();
    const std::vector<DecryptionKey> keys{test::key_of(m_alice)};
    ASSERT_EQ(test::decrypt_cms(structure, keys), content);
    // OCTET STRINGs: the ciphertext, and behind it the tag.
    constexpr std::size_t tag_size = 16;
    const std::size_t tag = structure.rfind("\x04\x10") + 2;
    const std::size_t ciphertext = structure.rfind({'\x04', static_cast<char>(content.size())}, tag) + 2;
    const auto expect_noticed = [&keys](const std::string& damaged) {
        EXPECT_FALSE(test::decrypt_cms(damaged, keys));
    };
    for_each_flip(structure, ciphertext, ciphertext + content.size(), expect_noticed);
    for_each_flip(structure, tag, tag + tag_size, expect_noticed);
}

TEST_F(FlippedOctets, MakeNoChangedContentGood) {
    std::string mail = signed_mail();
    expect_never_good(mail.replace(mail.find("Hello Bob"), 9, "Dear Boss"));
}

TEST_F(FlippedOctets, MakeNoSignatureOfAStrangerGood) {
    const signet::test::TestAuthority stranger("Stranger");
    signet::test::TestAuthority authority = stranger;
    const auto mallory = authority.issue_identity("P-256", "alice@example.test");
    expect_never_good(test::sign(plain_mail(), sign_options(mallory)).value());
}

TEST_F(FlippedOctets, MakeNoPartTheMail) {
    expect_never_good(
        "From: Alice <alice@example.test>\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
        "--o\r\n\r\nPay Mallory.\r\n--o\r\n" +
        entity_of(signed_mail()) + "\r\n--o--\r\n");
}

TEST_F(FlippedOctets, MakeNoFooterPartOfTheMail) {
    expect_never_good(signed_mail() + "Pay Mallory.\r\n");
}

}  // namespace
}  // namespace signet::smime
