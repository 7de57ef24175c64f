#include "smime/sign.h"

#include "smime/cms.h"
#include "smime/line_endings.h"
#include "smime/mime.h"
#include "tests/smime/mails.h"
#include "tests/smime/transfer_decoding.h"

#include <gmock/gmock.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

namespace signet::smime {
namespace {

using signet::test::CertificateUsage;
using signet::test::TestAuthority;
using test::decode_transfer;
using test::plain_mail;
using test::sign;
using test::sign_options;
using test::trusting;
using test::verdict;
using test::verify;
using ::testing::HasSubstr;
using ::testing::Not;

struct KeyCase {
    std::string name;
    std::string kind;
    bool pss;
    std::string digest;
};

class SigningWithEveryKey : public ::testing::TestWithParam<KeyCase> {};

TEST_P(SigningWithEveryKey, MakesAGoodSignatureWithTheDigestThatFitsTheKey) {
    TestAuthority authority;
    const auto alice =
        authority.issue_identity(GetParam().kind, "alice@example.test", CertificateUsage::sign);
    SignOptions options = sign_options(alice);
    options.pss = GetParam().pss;
    const auto signed_mail = sign(plain_mail(), options);
    ASSERT_TRUE(signed_mail) << signed_mail.error().detail;
    const auto verification = verify(*signed_mail, trusting(authority));
    ASSERT_TRUE(verification) << verification.error().detail;
    EXPECT_TRUE(verification->good) << verification->signers.at(0).reason;
    EXPECT_EQ(verification->signers.at(0).digest_algorithm, GetParam().digest);
    EXPECT_EQ(verification->signers.at(0).emails, std::vector<std::string>{"alice@example.test"});
    options.form = SignatureForm::opaque;
    const auto opaque = sign(plain_mail(), options);
    ASSERT_TRUE(opaque) << opaque.error().detail;
    EXPECT_EQ(verdict(*opaque, trusting(authority)), "good");
}

INSTANTIATE_TEST_SUITE_P(Keys, SigningWithEveryKey,
                         ::testing::Values(KeyCase{"Rsa2048", "rsa:2048", false, "sha256"},
                                           KeyCase{"Rsa3072", "rsa:3072", false, "sha256"},
                                           KeyCase{"Rsa2048Pss", "rsa:2048", true, "sha256"},
                                           KeyCase{"P256", "P-256", false, "sha256"},
                                           KeyCase{"P384", "P-384", false, "sha384"},
                                           KeyCase{"P521", "P-521", false, "sha512"}),
                         [](const auto& parameter) { return parameter.param.name; });

class Signing : public ::testing::Test {
  protected:
    TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");

    static x509::CmsPointer signature_in(const std::string& mail) {
        const std::size_t part = mail.find("Content-Type: application/pkcs7-signature");
        std::string text = mail.substr(mail.find("\r\n\r\n", part) + 4);
        text.resize(text.find("--"));
        return parse_cms(decode_transfer(text, TransferEncoding::base64)).value();
    }
    static CMS_SignerInfo* first_signer(const x509::CmsPointer& cms) {
        return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0);
    }
};

class SigningAwkwardMail : public Signing, public ::testing::WithParamInterface<test::NamedMail> {
  protected:
    void expect_good(const std::string& mail) {
        const auto signed_mail = sign(mail, sign_options(m_alice));
        ASSERT_TRUE(signed_mail) << signed_mail.error().detail;
        EXPECT_EQ(verdict(*signed_mail, trusting(m_authority)), "good") << *signed_mail;
        EXPECT_EQ(verdict(to_crlf(*signed_mail), trusting(m_authority)), "good");
        EXPECT_EQ(verdict(to_lf(*signed_mail), trusting(m_authority)), "good");
    }
};

TEST_P(SigningAwkwardMail, IsGoodWithCrlf) {
    expect_good(GetParam().mail);
}

TEST_P(SigningAwkwardMail, IsGoodWithLf) {
    expect_good(to_lf(GetParam().mail));
}

TEST_P(SigningAwkwardMail, LeavesNothingThatATransportWouldChange) {
    const auto signed_mail = sign(GetParam().mail, sign_options(m_alice));
    ASSERT_TRUE(signed_mail);
    std::string_view rest = *signed_mail;
    while (!rest.empty()) {
        const std::string_view line = without_line_break(take_line(rest));
        EXPECT_LE(line.size(), 998U);
        EXPECT_FALSE(line.starts_with("From "));
        EXPECT_FALSE(line.ends_with(' ') || line.ends_with('\t')) << line;
        EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) {
            return c == '\t' || (c >= 0x20 && c < 0x7f);
        })) << line;
    }
}

INSTANTIATE_TEST_SUITE_P(Mails, SigningAwkwardMail, ::testing::ValuesIn(test::awkward_mails()),
                         [](const auto& parameter) { return parameter.param.name; });

TEST_F(Signing, KeepsTheHeaderOutsideAndMovesTheBodyFieldsInside) {
    const auto signed_mail = sign(plain_mail(), sign_options(m_alice));
    ASSERT_TRUE(signed_mail);
    const std::string outside = signed_mail->substr(0, signed_mail->find("\r\n\r\n"));
    EXPECT_THAT(outside, HasSubstr("Subject: a folded\r\n subject\r\n"));
    EXPECT_THAT(outside, HasSubstr("multipart/signed; protocol=\"application/pkcs7-signature\""));
    EXPECT_THAT(outside, HasSubstr("micalg=sha-256"));
    EXPECT_THAT(outside, Not(HasSubstr("text/plain")));
    const auto verification = verify(*signed_mail, trusting(m_authority));
    EXPECT_EQ(verification->content,
              "Content-Type: text/plain; charset=us-ascii\r\n\r\nHello Bob,\r\nthis is signed.\r\n");
}

TEST_F(Signing, LeavesAMailThatIsSignedAlreadyAsItIs) {
    const auto once = sign(plain_mail(), sign_options(m_alice));
    ASSERT_TRUE(once);
    const auto twice = sign(*once, sign_options(m_alice));
    ASSERT_TRUE(twice);
    const auto outer = verify(*twice, trusting(m_authority));
    ASSERT_TRUE(outer);
    EXPECT_TRUE(outer->good);
    EXPECT_EQ(verdict("From: alice@example.test\r\n" + outer->content, trusting(m_authority)), "good");
}

TEST_F(Signing, AnnouncesTheEncryptionCertificateAndIncludesIt) {
    const auto encryption =
        m_authority.issue_identity("P-256", "alice@example.test", CertificateUsage::encrypt);
    SignOptions options = sign_options(m_alice);
    options.encryption_certificate = encryption.certificate;
    options.chain = {m_authority.certificate(), m_alice.certificate};
    const auto signed_mail = sign(plain_mail(), options);
    ASSERT_TRUE(signed_mail) << signed_mail.error().detail;
    EXPECT_EQ(verdict(*signed_mail, trusting(m_authority)), "good");
    const x509::CmsPointer cms = signature_in(*signed_mail);
    EXPECT_GE(CMS_signed_get_attr_by_NID(first_signer(cms), NID_id_smime_aa_encrypKeyPref, -1), 0);
    const x509::X509StackPointer included(CMS_get1_certs(cms.get()));
    EXPECT_EQ(sk_X509_num(included.get()), 3);
}

TEST_F(Signing, SignsTheAttributesThatMailPromises) {
    const auto signed_mail = sign(plain_mail(), sign_options(m_alice));
    ASSERT_TRUE(signed_mail);
    const x509::CmsPointer cms = signature_in(*signed_mail);
    for (const int attribute : {NID_pkcs9_contentType, NID_pkcs9_messageDigest, NID_pkcs9_signingTime,
                                NID_SMIMECapabilities, NID_id_smime_aa_signingCertificateV2}) {
        EXPECT_GE(CMS_signed_get_attr_by_NID(first_signer(cms), attribute, -1), 0) << OBJ_nid2sn(attribute);
    }
}

TEST_F(Signing, AnnouncesTheCiphersAskedForWithoutParameters) {
    SignOptions options = sign_options(m_alice);
    options.capabilities = {ContentCipher::aes256_gcm, ContentCipher::aes128_cbc};
    const auto signed_mail = sign(plain_mail(), options);
    ASSERT_TRUE(signed_mail);
    const x509::CmsPointer cms = signature_in(*signed_mail);
    const auto* list = static_cast<const ASN1_STRING*>(CMS_signed_get0_data_by_OBJ(
        first_signer(cms), OBJ_nid2obj(NID_SMIMECapabilities), -3, V_ASN1_SEQUENCE));
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(to_hex({list->data, static_cast<std::size_t>(list->length)}),
              "301a"
              "300b060960864801650304012e"
              "300b0609608648016503040102");
}

TEST_F(Signing, PutsTheContentIntoAnOpaqueSignature) {
    SignOptions options = sign_options(m_alice);
    options.form = SignatureForm::opaque;
    for (const std::string& mail : {plain_mail(), to_lf(plain_mail())}) {
        const auto signed_mail = sign(mail, options);
        ASSERT_TRUE(signed_mail) << signed_mail.error().detail;
        EXPECT_THAT(*signed_mail, HasSubstr("application/pkcs7-mime; smime-type=signed-data;"));
        EXPECT_THAT(*signed_mail, Not(HasSubstr("this is signed")));
        EXPECT_EQ(line_ending_of(*signed_mail), line_ending_of(mail));
        const auto verification = verify(*signed_mail, trusting(m_authority));
        ASSERT_TRUE(verification && verification->good);
        EXPECT_EQ(verification->content,
                  "Content-Type: text/plain; charset=us-ascii\r\n\r\nHello Bob,\r\nthis is signed.\r\n");
    }
}

TEST_F(Signing, HandlesMoreThanABlock) {
    std::string body = "Content-Type: text/plain\r\n\r\n";
    while (body.size() < 5 * stream_block_size) {
        body += "line " + std::to_string(body.size()) + "\r\n";
    }
    SignOptions options = sign_options(m_alice);
    for (const SignatureForm form : {SignatureForm::detached, SignatureForm::opaque}) {
        options.form = form;
        const auto signed_mail = sign(test::mail_with(body), options);
        ASSERT_TRUE(signed_mail);
        const auto verification = verify(*signed_mail, trusting(m_authority));
        ASSERT_TRUE(verification && verification->good);
        EXPECT_TRUE(verification->content == body);
    }
}

class SigningContent : public Signing {
  protected:
    void expect_signed_as_it_is(const std::string& content, SignatureForm form) {
        SignOptions options = sign_options(m_alice);
        options.form = form;
        TextSink out;
        const auto result = sign_content(TextSource(content), out, options);
        ASSERT_TRUE(result) << result.error().detail;
        const auto cms = parse_cms(out.text());
        ASSERT_TRUE(cms);
        const bool detached = form == SignatureForm::detached;
        EXPECT_EQ(CMS_is_detached(cms->get()), detached ? 1 : 0);
        const x509::BioPointer given = x509::memory_reader(as_bytes(content));
        const x509::BioPointer seen(BIO_new(BIO_s_mem()));
        EXPECT_EQ(CMS_verify(cms->get(), nullptr, nullptr, detached ? given.get() : nullptr, seen.get(),
                             CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY),
                  1);
        EXPECT_EQ(as_text(x509::memory_content(seen.get())), content);
    }
};

TEST_F(SigningContent, SignsItAsItIs) {
    const std::string content("any\noctets \0\r", 14);
    expect_signed_as_it_is(content, SignatureForm::detached);
    expect_signed_as_it_is(content, SignatureForm::opaque);
}

TEST_F(SigningContent, SignsNothingAtAllToo) {
    expect_signed_as_it_is("", SignatureForm::detached);
    expect_signed_as_it_is("", SignatureForm::opaque);
}

class FullSink final : public Sink {
  public:
    explicit FullSink(std::size_t room) : m_room(room) {}
    Result<void> write(std::string_view octets) override {
        if (octets.size() > m_room) {
            return failure(ErrorCode::input_output, "write", "full");
        }
        m_room -= octets.size();
        return {};
    }

  private:
    std::size_t m_room;
};

TEST_F(Signing, PassesOnWhatTheSinkSays) {
    const std::string mail =
        test::mail_with("Content-Type: text/plain\r\n\r\n" + std::string(3 * stream_block_size, '\n'));
    SignOptions options = sign_options(m_alice);
    for (const SignatureForm form : {SignatureForm::detached, SignatureForm::opaque}) {
        options.form = form;
        for (const std::size_t room : {std::size_t{0}, 2 * stream_block_size}) {
            FullSink sink(room);
            const auto result = smime::sign(TextSource(mail), sink, options);
            ASSERT_FALSE(result);
            EXPECT_EQ(result.error().detail, "full");
        }
    }
}

// The public key of one and the private key of another: what a token does that mixes up its keys.
x509::KeyPointer mixed_up_key(const EVP_PKEY* public_half, const EVP_PKEY* private_half) {
    OSSL_PARAM* parameters = nullptr;
    OSSL_PARAM* other = nullptr;
    EVP_PKEY_todata(public_half, EVP_PKEY_PUBLIC_KEY, &parameters);
    EVP_PKEY_todata(private_half, EVP_PKEY_KEYPAIR, &other);
    BIGNUM* number = nullptr;
    OSSL_PARAM_get_BN(OSSL_PARAM_locate(other, OSSL_PKEY_PARAM_PRIV_KEY), &number);
    const x509::BignumPointer owner(number);
    const x509::Pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number);
    OSSL_PARAM* secret = OSSL_PARAM_BLD_to_param(builder.get());
    OSSL_PARAM* merged = OSSL_PARAM_merge(parameters, secret);
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata_init(context.get());
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, merged);
    OPENSSL_free(merged);  // it only points into the other three
    OSSL_PARAM_free(secret);
    OSSL_PARAM_free(other);
    OSSL_PARAM_free(parameters);
    return x509::KeyPointer(key);
}

TEST_F(Signing, NoticesAKeyThatDoesNotMakeItsOwnSignatures) {
    const auto other = signet::test::generate_key("P-256");
    const x509::KeyPointer key = mixed_up_key(m_alice.key.get(), other.get());
    ASSERT_NE(key, nullptr);
    SignOptions options = sign_options(m_alice);
    options.private_key = key.get();
    for (const SignatureForm form : {SignatureForm::detached, SignatureForm::opaque}) {
        options.form = form;
        EXPECT_EQ(sign(plain_mail(), options).error().code, ErrorCode::driver_failed);
    }
}

TEST_F(Signing, RefusesAKeyThatIsNotTheCertificates) {
    const auto other = signet::test::generate_key("P-256");
    SignOptions options = sign_options(m_alice);
    options.private_key = other.get();
    EXPECT_EQ(sign(plain_mail(), options).error().code, ErrorCode::invalid_parameter);
}

TEST_F(Signing, RefusesSha1AndPssForAnEcKey) {
    SignOptions options = sign_options(m_alice);
    options.hash = HashAlgorithm::sha1;
    EXPECT_EQ(sign(plain_mail(), options).error().code, ErrorCode::invalid_parameter);
    options.hash.reset();
    options.pss = true;
    EXPECT_EQ(sign(plain_mail(), options).error().code, ErrorCode::invalid_parameter);
}

TEST_F(Signing, RefusesWhatIsNoMail) {
    EXPECT_EQ(sign("", sign_options(m_alice)).error().code, ErrorCode::malformed);
    EXPECT_EQ(sign("just text\r\n", sign_options(m_alice)).error().code, ErrorCode::malformed);
}

TEST_F(Signing, RefusesPartsNestedTooDeeply) {
    std::string body = "Content-Type: text/plain\r\n\r\nx\r\n";
    for (int i = 0; i < 40; ++i) {
        const std::string boundary = "b" + std::to_string(i) + "-";
        body = "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n" +
               body + "\r\n--" + boundary + "--\r\n";
    }
    EXPECT_EQ(sign(test::mail_with(body), sign_options(m_alice)).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace signet::smime
