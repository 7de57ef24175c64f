#include "smime/encrypt.h"

#include "smime/cms.h"
#include "smime/line_endings.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/support/mail_peers.h"

#include <gmock/gmock.h>

#include <array>

namespace signet::smime {
namespace {

using signet::test::CertificateUsage;
using signet::test::Identity;
using signet::test::TestAuthority;
using test::decrypt;
using test::encrypt;
using test::key_of;
using test::plain_mail;
using test::sign;
using test::sign_options;
using test::trusting;
using test::verdict;
using ::testing::HasSubstr;

Result<std::string> decrypt_with(std::string_view mail, const Identity& identity) {
    const std::array keys{key_of(identity)};
    return decrypt(mail, keys);
}

using Cell = std::tuple<std::string, ContentCipher, bool>;

class EncryptingToEveryKey : public ::testing::TestWithParam<Cell> {};

TEST_P(EncryptingToEveryKey, IsReadByItsOwner) {
    const auto& [kind, cipher, oaep] = GetParam();
    TestAuthority authority;
    const auto bob = authority.issue_identity(kind, "bob@example.test", CertificateUsage::encrypt);
    const auto encrypted =
        encrypt(plain_mail(), {.recipients = {bob.certificate}, .cipher = cipher, .oaep = oaep});
    ASSERT_TRUE(encrypted) << encrypted.error().detail;
    const auto decrypted = decrypt_with(*encrypted, bob);
    ASSERT_TRUE(decrypted) << decrypted.error().detail;
    EXPECT_EQ(*decrypted, plain_mail());
}

INSTANTIATE_TEST_SUITE_P(
    Keys, EncryptingToEveryKey,
    ::testing::Combine(::testing::Values("rsa:2048", "rsa:3072", "P-256", "P-384"),
                       ::testing::Values(ContentCipher::aes128_cbc, ContentCipher::aes256_cbc,
                                         ContentCipher::aes128_gcm, ContentCipher::aes256_gcm),
                       ::testing::Bool()),
    [](const auto& parameter) {
        std::string name = std::get<0>(parameter.param) + "_" +
                           std::string(name_of(std::get<1>(parameter.param))) +
                           (std::get<2>(parameter.param) ? "_oaep" : "");
        std::replace_if(
            name.begin(), name.end(), [](char c) { return c == ':' || c == '-'; }, '_');
        return name;
    });

class Encrypting : public ::testing::Test {
  protected:
    std::string encrypted(const std::string& mail, std::vector<x509::Certificate> recipients) {
        auto result = encrypt(mail, {.recipients = std::move(recipients)});
        EXPECT_TRUE(result) << result.error().detail;
        return result.value_or("");
    }

    TestAuthority m_authority;
    Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
    Identity m_bob = m_authority.issue_identity("P-256", "bob@example.test");
    Identity m_carol = m_authority.issue_identity("rsa:2048", "carol@example.test");
};

TEST_F(Encrypting, IsReadByEveryRecipientAndByNobodyElse) {
    const std::string mail = encrypted(plain_mail(), {m_bob.certificate, m_carol.certificate});
    EXPECT_EQ(decrypt_with(mail, m_bob).value_or(""), plain_mail());
    EXPECT_EQ(decrypt_with(mail, m_carol).value_or(""), plain_mail());
    const auto refused = decrypt_with(mail, m_alice);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
    EXPECT_THAT(refused.error().detail, HasSubstr(m_bob.certificate.serial_number()));
    EXPECT_THAT(refused.error().detail, HasSubstr(m_carol.certificate.serial_number()));
}

TEST_F(Encrypting, NamesItsRecipients) {
    const std::string mail = encrypted(plain_mail(), {m_bob.certificate, m_carol.certificate});
    const auto named = recipients(TextSource(mail));
    ASSERT_TRUE(named);
    std::vector<std::string> serials;
    for (const auto& recipient : *named) {
        serials.push_back(recipient.serial_number);
        EXPECT_EQ(recipient.issuer, "CN=Signet Test Root");
    }
    EXPECT_THAT(serials, ::testing::UnorderedElementsAre(m_bob.certificate.serial_number(),
                                                         m_carol.certificate.serial_number()));
}

TEST_F(Encrypting, OpensOnlyTheKeyThatIsNamed) {
    int alice_opened = 0;
    int bob_opened = 0;
    const std::array keys{key_of(m_alice, &alice_opened), key_of(m_bob, &bob_opened)};
    EXPECT_TRUE(decrypt(encrypted(plain_mail(), {m_bob.certificate}), keys));
    EXPECT_EQ(alice_opened, 0);
    EXPECT_EQ(bob_opened, 1);
}

TEST_F(Encrypting, PassesOnWhyAKeyCouldNotBeOpened) {
    const std::array keys{
        DecryptionKey{test::outline_of(m_bob.certificate),
                      []() -> Result<x509::KeyPointer> { return failure(ErrorCode::cancelled, "open"); }}};
    EXPECT_EQ(decrypt(encrypted(plain_mail(), {m_bob.certificate}), keys).error().code, ErrorCode::cancelled);
}

TEST_F(Encrypting, GoesOnToAnotherKeyWhenOneCannotBeOpened) {
    const std::array keys{
        DecryptionKey{test::outline_of(m_bob.certificate),
                      []() -> Result<x509::KeyPointer> { return failure(ErrorCode::token_removed, "open"); }},
        key_of(m_carol)};
    EXPECT_TRUE(decrypt(encrypted(plain_mail(), {m_bob.certificate, m_carol.certificate}), keys));
}

TEST_F(Encrypting, HidesTheBodyFieldsAndKeepsTheOthers) {
    const std::string mail = encrypted(plain_mail(), {m_bob.certificate});
    EXPECT_THAT(mail, HasSubstr("Subject: a folded\r\n subject\r\n"));
    EXPECT_THAT(mail, HasSubstr("application/pkcs7-mime; smime-type=enveloped-data"));
    EXPECT_THAT(mail, ::testing::Not(HasSubstr("text/plain")));
}

TEST_F(Encrypting, KeepsASignatureGoodInsideWithEitherLineEnding) {
    for (const std::string& mail : {plain_mail(), to_lf(plain_mail())}) {
        const auto signed_mail = sign(mail, sign_options(m_alice));
        ASSERT_TRUE(signed_mail);
        const auto decrypted = decrypt_with(encrypted(*signed_mail, {m_bob.certificate}), m_bob);
        ASSERT_TRUE(decrypted);
        EXPECT_EQ(*decrypted, *signed_mail);
        EXPECT_EQ(verdict(*decrypted, trusting(m_authority)), "good");
    }
}

TEST_F(Encrypting, ReadsTheOldTypeAndAnUnknownFileTypeWithThatName) {
    const std::string mail = encrypted(plain_mail(), {m_bob.certificate});
    for (const std::string_view type : {"application/x-pkcs7-mime", "application/octet-stream",
                                        "application/pkcs7-mime; smime-type=signed-data"}) {
        std::string other = mail;
        const std::string_view written = "application/pkcs7-mime; smime-type=enveloped-data";
        other.replace(other.find(written), written.size(), type);
        EXPECT_EQ(decrypt_with(other, m_bob).value_or(""), plain_mail()) << type;
    }
}

class EncryptingAwkwardMail : public Encrypting, public ::testing::WithParamInterface<test::NamedMail> {};

TEST_P(EncryptingAwkwardMail, GivesBackAMailThatSignsAndVerifies) {
    for (const std::string& mail : {GetParam().mail, to_lf(GetParam().mail)}) {
        const auto decrypted = decrypt_with(encrypted(mail, {m_bob.certificate}), m_bob);
        ASSERT_TRUE(decrypted) << decrypted.error().detail;
        EXPECT_EQ(line_ending_of(*decrypted), line_ending_of(mail));
        EXPECT_EQ(encrypted(*decrypted, {m_bob.certificate}).empty(), false);
        EXPECT_EQ(decrypt_with(encrypted(*decrypted, {m_bob.certificate}), m_bob).value_or(""), *decrypted);
    }
}

INSTANTIATE_TEST_SUITE_P(Mails, EncryptingAwkwardMail, ::testing::ValuesIn(test::awkward_mails()),
                         [](const auto& parameter) { return parameter.param.name; });

x509::CmsPointer envelope_in(const std::string& mail) {
    return parse_cms(signet::test::cms_of_mail(mail)).value();
}

TEST_F(Encrypting, NamesRsaRecipientsFirst) {
    const auto cms =
        envelope_in(encrypted(plain_mail(), {m_alice.certificate, m_carol.certificate, m_bob.certificate}));
    STACK_OF(CMS_RecipientInfo)* recipients = CMS_get0_RecipientInfos(cms.get());
    ASSERT_EQ(sk_CMS_RecipientInfo_num(recipients), 3);
    EXPECT_EQ(CMS_RecipientInfo_type(sk_CMS_RecipientInfo_value(recipients, 0)), CMS_RECIPINFO_TRANS);
    EXPECT_EQ(CMS_RecipientInfo_type(sk_CMS_RecipientInfo_value(recipients, 1)), CMS_RECIPINFO_AGREE);
    EXPECT_EQ(CMS_RecipientInfo_type(sk_CMS_RecipientInfo_value(recipients, 2)), CMS_RECIPINFO_AGREE);
}

TEST_F(Encrypting, WrapsTheKeyAsStronglyAsTheContent) {
    // KeyEncryptionAlgorithm: dhSinglePass-stdDH-sha256kdf-scheme with aes128-wrap or aes256-wrap.
    for (const auto& [cipher, wrap] : {std::pair(ContentCipher::aes128_cbc, "608648016503040105"),
                                       std::pair(ContentCipher::aes256_cbc, "60864801650304012d"),
                                       std::pair(ContentCipher::aes256_gcm, "60864801650304012d")}) {
        const auto mail = encrypt(plain_mail(), {.recipients = {m_bob.certificate}, .cipher = cipher});
        ASSERT_TRUE(mail);
        const std::string der = to_hex(as_bytes(signet::test::cms_of_mail(*mail)));
        EXPECT_THAT(der, HasSubstr("06062b8104010b01300b0609" + std::string(wrap))) << name_of(cipher);
    }
}

TEST_F(Encrypting, HandlesMoreThanABlock) {
    const std::string mail =
        test::mail_with("Content-Type: text/plain\r\n\r\n" + std::string(3 * stream_block_size, '\n'));
    for (const ContentCipher cipher : {ContentCipher::aes128_cbc, ContentCipher::aes256_gcm}) {
        const auto encrypted = encrypt(mail, {.recipients = {m_bob.certificate}, .cipher = cipher});
        ASSERT_TRUE(encrypted);
        EXPECT_TRUE(test::decrypted_by_openssl(*encrypted, m_bob) ==
                    to_crlf(mail).substr(mail.find("Content-Type")));
    }
}

TEST_F(Encrypting, EncryptsBareContentAsItIs) {
    for (const std::string& content : {std::string("any\noctets \0\r", 14), std::string()}) {
        for (const ContentCipher cipher : {ContentCipher::aes128_cbc, ContentCipher::aes128_gcm}) {
            TextSink out;
            const auto result = encrypt_content(TextSource(content), out,
                                                {.recipients = {m_bob.certificate}, .cipher = cipher});
            ASSERT_TRUE(result) << result.error().detail;
            EXPECT_EQ(test::decrypted_by_openssl(signet::test::pkcs7_mime(out.text()), m_bob), content);
            EXPECT_EQ(test::decrypt_cms(out.text(), std::array{test::key_of(m_bob)}).value_or("?"), content);
        }
    }
}

TEST_F(Encrypting, LeavesTheBccFieldOutWhenAsked) {
    const std::string mail = "Bcc: dave@example.test\r\n" + plain_mail();
    EXPECT_THAT(encrypted(mail, {m_bob.certificate}), ::testing::StartsWith("Bcc: dave"));
    const auto without = encrypt(mail, {.recipients = {m_bob.certificate}, .drop_bcc = true});
    ASSERT_TRUE(without);
    EXPECT_THAT(*without, ::testing::Not(HasSubstr("Bcc:")));
}

TEST_F(Encrypting, RefusesACertificateThatIsNotForEncryption) {
    const auto signer = m_authority.issue_identity("rsa:2048", "dave@example.test", CertificateUsage::sign);
    EXPECT_EQ(encrypt(plain_mail(), {.recipients = {signer.certificate}}).error().code,
              ErrorCode::invalid_parameter);
    EXPECT_EQ(encrypt(plain_mail(), {.recipients = {}}).error().code, ErrorCode::invalid_parameter);
}

// The base64 text between header and end, decoded, changed at `offset` from its end, and put back.
std::string with_damaged_ciphertext(const std::string& mail, std::size_t offset) {
    const std::size_t body = mail.find("\r\n\r\n") + 4;
    std::string text = mail.substr(body);
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    Bytes der = from_base64(text).value();
    der.at(der.size() - offset) ^= 1;
    return mail.substr(0, body) + to_base64(der) + "\r\n";
}

TEST_F(Encrypting, GivesOneAnswerForEveryDamage) {
    const auto cbc = encrypt(plain_mail(), {.recipients = {m_carol.certificate}});
    const auto gcm =
        encrypt(plain_mail(), {.recipients = {m_carol.certificate}, .cipher = ContentCipher::aes256_gcm});
    ASSERT_TRUE(cbc && gcm);
    // Behind the ciphertext are five pairs of end-of-contents octets; in its middle, the head of a last
    // piece.
    const auto bad_padding = decrypt_with(with_damaged_ciphertext(*cbc, 10 + 16 + 2 + 1), m_carol);
    // Behind the tag there are three of them, and two before it.
    const auto bad_tag = decrypt_with(with_damaged_ciphertext(*gcm, 6 + 1), m_carol);
    const auto bad_content = decrypt_with(with_damaged_ciphertext(*gcm, 6 + 16 + 2 + 4 + 1), m_carol);
    ASSERT_FALSE(bad_padding || bad_tag || bad_content);
    for (const Error& error : {bad_padding.error(), bad_tag.error(), bad_content.error()}) {
        EXPECT_EQ(error.code, ErrorCode::crypto);
        EXPECT_EQ(error.detail, "the content cannot be decrypted");
    }
}

TEST_F(Encrypting, GivesTheSameAnswerForAWrappedKeyOfAnotherKeyPair) {
    const Identity impostor{m_carol.certificate, signet::test::generate_key("rsa:2048")};
    for (int i = 0; i < 20; ++i) {
        const auto decrypted = decrypt_with(encrypted(plain_mail(), {m_carol.certificate}), impostor);
        ASSERT_FALSE(decrypted);
        EXPECT_EQ(decrypted.error().code, ErrorCode::crypto);
        EXPECT_EQ(decrypted.error().detail, "the content cannot be decrypted");
    }
}

TEST_F(Encrypting, ReportsAMailThatIsNotEncrypted) {
    EXPECT_EQ(decrypt_with(plain_mail(), m_bob).error().code, ErrorCode::not_found);
    EXPECT_EQ(recipients(TextSource(plain_mail())).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace signet::smime
