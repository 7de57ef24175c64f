// Encrypted mails that no honest program writes, or few do, made octet by octet.
#include "smime/decrypt.h"

#include "tests/smime/ber_writer.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"

#include <gmock/gmock.h>
#include <openssl/rsa.h>

#include <array>

namespace signet::smime {
namespace {

using signet::test::Identity;
using signet::test::TestAuthority;
using test::algorithm;
using test::context_0;
using test::decrypt_cms;
using test::element;
using test::key_of;
using test::octet_string;
using test::sequence;
using ::testing::HasSubstr;

constexpr const char* aes_128_cbc = "2.16.840.1.101.3.4.1.2";
constexpr const char* aes_128_gcm = "2.16.840.1.101.3.4.1.6";
constexpr const char* aes_128_ccm = "2.16.840.1.101.3.4.1.7";
constexpr const char* chacha20_poly1305 = "1.2.840.113549.1.9.16.3.18";

const std::string plaintext = "Content-Type: text/plain\r\n\r\nHello\r\n";
const std::string content_key = "0123456789abcdef";
const std::string wrong_key = "fedcba9876543210";

// AES with `content_key`: what came out, and the tag.
struct Encrypted {
    std::string octets;
    std::string tag;
};

Encrypted encrypt_with(const EVP_CIPHER* cipher, const std::string& iv, const std::string& attributes = {}) {
    const x509::Pointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
    const auto bytes = [](const std::string& text) { return as_bytes(text).data(); };
    EVP_EncryptInit_ex(context.get(), cipher, nullptr, bytes(content_key), bytes(iv));
    std::array<unsigned char, 256> out{};
    int size = 0;
    int last = 0;
    if (!attributes.empty()) {
        EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(attributes),
                          static_cast<int>(attributes.size()));
    }
    EVP_EncryptUpdate(context.get(), out.data(), &size, bytes(plaintext), static_cast<int>(plaintext.size()));
    EVP_EncryptFinal_ex(context.get(), out.data() + size, &last);
    Encrypted encrypted{.octets = std::string(as_text({out.data(), static_cast<std::size_t>(size + last)})),
                        .tag = std::string(16, '\0')};
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, encrypted.tag.data());
    return encrypted;
}

// RSA keys take long to make.
TestAuthority& authority() {
    static TestAuthority authority;
    return authority;
}
const Identity& bob() {
    static const Identity identity = authority().issue_identity("rsa:2048", "bob@example.test");
    return identity;
}

class Decrypting : public ::testing::Test {
  protected:
    // KeyTransRecipientInfo for Bob, by issuer and serial number.
    std::string transported(const std::string& key) {
        X509* certificate = m_bob.certificate.get();
        const x509::KeyContextPointer context(EVP_PKEY_CTX_new(m_bob.key.get(), nullptr));
        std::array<unsigned char, 512> wrapped{};
        std::size_t size = wrapped.size();
        EVP_PKEY_encrypt_init(context.get());
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
        EXPECT_EQ(EVP_PKEY_encrypt(context.get(), wrapped.data(), &size, as_bytes(key).data(), key.size()),
                  1);
        unsigned char* issuer = nullptr;
        unsigned char* serial = nullptr;
        const int issuer_size = i2d_X509_NAME(X509_get_issuer_name(certificate), &issuer);
        const int serial_size = i2d_ASN1_INTEGER(X509_get_serialNumber(certificate), &serial);
        const x509::OpensslOctets owners[] = {x509::OpensslOctets(issuer), x509::OpensslOctets(serial)};
        const std::string name(as_text({issuer, static_cast<std::size_t>(issuer_size)}));
        const std::string number(as_text({serial, static_cast<std::size_t>(serial_size)}));
        return element(sequence, std::string("\x02\x01\x00", 3) + element(sequence, name + number) +
                                     algorithm("1.2.840.113549.1.1.1", std::string("\x05\x00", 2)) +
                                     element(octet_string, as_text({wrapped.data(), size})));
    }

    static std::string content_info(const std::string& cipher, const std::string& octets) {
        return element(sequence, test::identifier("1.2.840.113549.1.7.1") + cipher + element(0x80, octets));
    }

    static std::string enveloped(const std::string& recipients, const std::string& info) {
        return structure("1.2.840.113549.1.7.3", element(test::set, recipients) + info);
    }
    static std::string auth_enveloped(const std::string& recipients, const std::string& info,
                                      const std::string& attributes, const std::string& tag) {
        return structure("1.2.840.113549.1.9.16.1.23",
                         element(test::set, recipients) + info + attributes + element(octet_string, tag));
    }
    static std::string structure(const char* type, const std::string& body) {
        return element(sequence,
                       test::identifier(type) +
                           element(context_0, element(sequence, std::string("\x02\x01\x00", 3) + body)));
    }

    static std::string cbc_algorithm() { return algorithm(aes_128_cbc, element(octet_string, m_cbc_iv)); }
    static std::string cbc_content() {
        return content_info(cbc_algorithm(), encrypt_with(EVP_aes_128_cbc(), m_cbc_iv).octets);
    }
    static std::string gcm_algorithm() {
        return algorithm(aes_128_gcm,
                         element(sequence, element(octet_string, m_gcm_iv) + std::string("\x02\x01\x10", 3)));
    }

    // What Bob gets, or the error.
    std::string decrypted(const std::string& cms) {
        const std::array keys{key_of(m_bob, &m_opened)};
        const auto result = decrypt_cms(cms, keys);
        return result ? *result : std::string(error_name(result.error().code)) + ": " + result.error().detail;
    }

    inline static const std::string m_cbc_iv = std::string(16, 'i');
    inline static const std::string m_gcm_iv = std::string(12, 'i');
    const std::string m_undecryptable = "Crypto: the content cannot be decrypted";
    TestAuthority& m_authority = authority();
    const Identity& m_bob = bob();
    int m_opened = 0;
};

TEST_F(Decrypting, TriesEverySlotThatNamesTheCertificate) {
    EXPECT_EQ(decrypted(enveloped(transported(content_key), cbc_content())), plaintext);
    const std::string twice = transported(wrong_key) + transported("too short") + transported(content_key);
    EXPECT_EQ(decrypted(enveloped(twice, cbc_content())), plaintext);
    EXPECT_EQ(m_opened, 2) << "once for each mail";
}

TEST_F(Decrypting, TriesOnlySoOften) {
    std::string many;
    for (int i = 0; i < 40; ++i) {
        many += transported(wrong_key);
    }
    EXPECT_THAT(decrypted(enveloped(many + transported(content_key), cbc_content())),
                HasSubstr("the mail names the same keys too often"));
}

TEST_F(Decrypting, ChecksTheTagOverCiphertextAndAuthenticatedAttributes) {
    const std::string attribute =
        element(sequence, test::identifier("1.2.840.113549.1.9.3") +
                              element(test::set, test::identifier("1.2.840.113549.1.7.1")));
    const auto encrypted = encrypt_with(EVP_aes_128_gcm(), m_gcm_iv, element(test::set, attribute));
    const std::string recipients = transported(content_key);
    const std::string info = content_info(gcm_algorithm(), encrypted.octets);
    // Before 3.0.22 OpenSSL cannot parse the attributes.
    const bool knows_attributes = OpenSSL_version_num() >= 0x30000160UL;
    for (const std::string& attributes : {element(0xa1, attribute), test::indefinite(0xa1, attribute)}) {
        const auto result = decrypted(auth_enveloped(recipients, info, attributes, encrypted.tag));
        EXPECT_EQ(result == plaintext, knows_attributes) << result;
    }
    EXPECT_EQ(decrypted(auth_enveloped(recipients, info, "", encrypted.tag)), m_undecryptable);
}

TEST_F(Decrypting, RefusesATagThatIsEasilyGuessed) {
    const auto encrypted = encrypt_with(EVP_aes_128_gcm(), m_gcm_iv);
    const std::string info = content_info(gcm_algorithm(), encrypted.octets);
    for (const std::size_t size : {0, 1, 4, 11}) {
        EXPECT_EQ(
            decrypted(auth_enveloped(transported(content_key), info, "", encrypted.tag.substr(0, size))),
            "Malformed: an authentication tag of unusual size");
    }
    EXPECT_EQ(m_opened, 0);
    EXPECT_EQ(decrypted(auth_enveloped(transported(content_key), info, "", encrypted.tag.substr(0, 12))),
              plaintext);
}

TEST_F(Decrypting, RefusesACipherThatTheStructureIsNotFor) {
    const auto gcm = encrypt_with(EVP_aes_128_gcm(), m_gcm_iv);
    EXPECT_EQ(decrypted(enveloped(transported(content_key), content_info(gcm_algorithm(), gcm.octets))),
              "Malformed: aes-128-gcm in enveloped-data");
    EXPECT_EQ(decrypted(auth_enveloped(transported(content_key), cbc_content(), "", gcm.tag)),
              "Malformed: aes-128-cbc in authEnveloped-data");
}

TEST_F(Decrypting, NamesWhatThisOpensslCannot) {
    const std::string tag(16, 't');
    const auto refusal = [&](const std::string& cipher) {
        return decrypted(auth_enveloped(transported(content_key), content_info(cipher, "x"), "", tag));
    };
    EXPECT_EQ(refusal(algorithm(chacha20_poly1305)),
              "Unsupported: this OpenSSL cannot decrypt with: ChaCha20-Poly1305");
    EXPECT_EQ(refusal(algorithm(aes_128_ccm)), "Unsupported: this OpenSSL cannot decrypt with: aes-128-ccm");
    EXPECT_EQ(refusal(algorithm("1.2.3.4")), "Unsupported: this OpenSSL cannot decrypt with: 1.2.3.4");
    EXPECT_EQ(m_opened, 0) << "nobody is asked for a PIN in vain";
}

TEST_F(Decrypting, RefusesEncryptionWithoutContent) {
    const std::string info = element(sequence, test::identifier("1.2.840.113549.1.7.1") + cbc_algorithm());
    EXPECT_EQ(decrypted(enveloped(transported(content_key), info)), "Malformed: encryption without content");
    EXPECT_EQ(decrypted(enveloped(transported(content_key), content_info(cbc_algorithm(), ""))),
              m_undecryptable);
}

TEST_F(Decrypting, RefusesOtherStructures) {
    EXPECT_EQ(decrypted(test::signed_data(element(octet_string, "text"))),
              "NotFound: the mail is not encrypted");
    EXPECT_THAT(decrypted("nonsense"), HasSubstr("Malformed"));
}

// Mails for keys that are found by their identifier, and for what is no certificate.
class DecryptingByIdentifier : public Decrypting {
  protected:
    static std::string der_of(CMS_ContentInfo* cms) {
        const x509::BioPointer bio(BIO_new(BIO_s_mem()));
        i2d_CMS_bio(bio.get(), cms);
        return std::string(as_text(x509::memory_content(bio.get())));
    }
    static x509::CmsPointer to_nobody() {
        return x509::CmsPointer(CMS_encrypt(nullptr, nullptr, EVP_aes_128_cbc(), CMS_BINARY | CMS_PARTIAL));
    }
    static std::string finished(CMS_ContentInfo* cms) {
        const x509::BioPointer text = x509::memory_reader(as_bytes(plaintext));
        EXPECT_EQ(CMS_final(cms, text.get(), nullptr, CMS_BINARY), 1);
        return der_of(cms);
    }
    // The same public key, hence the same identifier, under another issuer.
    static Identity twin_of(const Identity& identity) {
        TestAuthority other("Another Root");
        return {other.issue(identity.key.get(), "Bob", "bob@example.test"),
                signet::test::generate_key("rsa:2048")};
    }
};

TEST_F(DecryptingByIdentifier, FindsRsaAndEcKeys) {
    const auto carol = m_authority.issue_identity("P-256", "carol@example.test");
    const auto cms = to_nobody();
    CMS_add1_recipient_cert(cms.get(), m_bob.certificate.get(), CMS_USE_KEYID);
    CMS_add1_recipient_cert(cms.get(), carol.certificate.get(), CMS_USE_KEYID);
    const std::string octets = finished(cms.get());
    EXPECT_EQ(decrypted(octets), plaintext);
    const std::array keys{key_of(carol)};
    EXPECT_EQ(decrypt_cms(octets, keys).value_or(""), plaintext);
}

TEST_F(DecryptingByIdentifier, GoesOnWhereTwoCertificatesHaveTheSame) {
    const auto cms = to_nobody();
    CMS_add1_recipient_cert(cms.get(), m_bob.certificate.get(), CMS_USE_KEYID);
    const std::string octets = finished(cms.get());
    // The twin's certificate is named, but its key is another one.
    int tried = 0;
    const std::array keys{key_of(twin_of(m_bob), &tried), key_of(m_bob)};
    EXPECT_EQ(decrypt_cms(octets, keys).value_or(""), plaintext);
    EXPECT_EQ(tried, 1);
}

TEST_F(DecryptingByIdentifier, NamesEveryKindOfRecipient) {
    const auto carol = m_authority.issue_identity("P-256", "carol@example.test");
    std::string shared = content_key;
    std::string name = "\xaa\xbb";
    const auto cms = to_nobody();
    CMS_add1_recipient_cert(cms.get(), carol.certificate.get(), 0);
    auto* secret = static_cast<unsigned char*>(OPENSSL_memdup(shared.data(), shared.size()));
    auto* key_name = static_cast<unsigned char*>(OPENSSL_memdup(name.data(), name.size()));
    CMS_add0_recipient_key(cms.get(), NID_undef, secret, shared.size(), key_name, name.size(), nullptr,
                           nullptr, nullptr);
    auto* password = reinterpret_cast<unsigned char*>(OPENSSL_strdup("secret"));
    CMS_add0_recipient_password(cms.get(), -1, NID_undef, NID_undef, password, -1, nullptr);
    const std::string octets = finished(cms.get());

    EXPECT_EQ(decrypted(octets),
              "NotFound: the mail is encrypted to issuer CN=Signet Test Root, serial number " +
                  carol.certificate.serial_number() + "; a shared key named aabb; a password");
    const TextSource source(octets);
    const auto opened = open_cms(*bare_octets(source));
    ASSERT_TRUE(opened);
    const auto named = recipients(*opened);
    ASSERT_TRUE(named);
    ASSERT_EQ(named->size(), 3U);
    EXPECT_EQ(named->at(0).kind, RecipientKind::key_agreement);
    EXPECT_EQ(named->at(1).kind, RecipientKind::shared_key);
    EXPECT_EQ(named->at(1).key_identifier, "aabb");
    EXPECT_EQ(named->at(2).kind, RecipientKind::password);
}

class DecryptingMail : public Decrypting {
  protected:
    static std::string mail(const std::string& fields, const std::string& cms,
                            std::string_view line_break = "\r\n") {
        std::string text =
            "From: a@example.test\r\n" + fields + "\r\n\r\n" + to_base64(as_bytes(cms)) + "\r\n";
        if (line_break == "\n") {
            std::erase(text, '\r');
        }
        return text;
    }
    Result<std::string> opened(const std::string& text) {
        const std::array keys{key_of(m_bob)};
        return test::decrypt(text, keys);
    }
    std::string with_content(const std::string& text) {
        const x509::X509StackPointer recipients(sk_X509_new_null());
        X509_up_ref(m_bob.certificate.get());
        sk_X509_push(recipients.get(), m_bob.certificate.get());
        const x509::BioPointer in = x509::memory_reader(as_bytes(text));
        const x509::CmsPointer cms(CMS_encrypt(recipients.get(), in.get(), EVP_aes_128_cbc(), CMS_BINARY));
        const x509::BioPointer bio(BIO_new(BIO_s_mem()));
        i2d_CMS_bio(bio.get(), cms.get());
        return std::string(as_text(x509::memory_content(bio.get())));
    }
    const std::string m_type = "Content-Type: application/pkcs7-mime";
};

TEST_F(DecryptingMail, GivesTextThatHasNoHeader) {
    for (const std::string text : {"just text\r\n", "a: b, not a header of MIME\r\n\r\nmore\r\n",
                                   "Gr\xc3\xbc\xc3\x9f"
                                   "e\r\n"}) {
        EXPECT_EQ(opened(mail(m_type, with_content(text))).value_or("?"),
                  "From: a@example.test\r\n\r\n" + text);
    }
    for (const std::string& nonsense : {std::string("\x01\x02\x00", 3), std::string("cut off \xc3")}) {
        const auto result = opened(mail(m_type, with_content(nonsense)));
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().detail, "the content cannot be decrypted");
    }
}

TEST_F(DecryptingMail, JudgesLongTextWithoutHeaderWhole) {
    std::string text;
    while (text.size() < 3 * stream_block_size) {
        text += "\xe2\x82\xac 1\r\n";
    }
    EXPECT_TRUE(opened(mail(m_type, with_content(text))));
    EXPECT_FALSE(opened(mail(m_type, with_content(text + '\x01'))));
}

TEST_F(DecryptingMail, TakesOnTheLineEndingOfTheMailAroundIt) {
    const std::string lf_mail = mail(m_type, with_content(plaintext), "\n");
    EXPECT_EQ(opened(lf_mail).value_or("?"), "From: a@example.test\nContent-Type: text/plain\n\nHello\n");
}

TEST_F(DecryptingMail, LeavesOctetsAloneThatAreNotOnlyLines) {
    for (const std::string body : {"Content-Type: a/b\r\nContent-Transfer-Encoding: binary\r\n\r\nx\r\n",
                                   "Content-Type: a/b\r\ncontent-transfer-encoding:\r\n binary\r\n\r\nx\r\n",
                                   "Content-Type: text/plain\r\n\r\na lone \r carriage return\r\n",
                                   "Content-Type: text/plain\r\n\r\na lone\nline feed\r\n"}) {
        EXPECT_THAT(opened(mail(m_type, with_content(body), "\n")).value_or("?"),
                    ::testing::EndsWith(body.substr(body.find("\r\n\r\n") + 4)))
            << body;
    }
}

TEST_F(DecryptingMail, PassesOverWhatAMailingListAppends) {
    // A block more each time, and with it another padding of base64.
    std::string text = plaintext;
    for (int i = 0; i < 3; ++i, text += "another block...") {
        const std::string list_mail = mail(m_type, with_content(text)) + "-- \r\nThe list\r\n";
        EXPECT_EQ(opened(list_mail).value_or("?"), "From: a@example.test\r\n" + text);
    }
}

TEST_F(DecryptingMail, PassesOverAnMboxLine) {
    const std::string text = mail(m_type, with_content(plaintext));
    for (const std::string line : {"From a@example.test Sat Nov 21 2026\r\n", ">From a\r\n"}) {
        EXPECT_EQ(opened(line + text).value_or("?"), "From: a@example.test\r\n" + plaintext);
    }
}

TEST_F(DecryptingMail, TakesWhatWasEncryptedInPlaceOfWhatWasShownOutside) {
    const std::string outside = "Received: by mx\r\nsubject: [...]\r\nSubject: another\r\n";
    const std::string content =
        "From: A <a@example.test>\r\nReceived: by nobody\r\nSubject: the\r\n merger\r\nComments: x\r\n"
        "HP-Outer: Subject: [...]\r\nContent-Type: text/plain; hp=\"cipher\"\r\n\r\nHello\r\n";
    const std::string expected =
        "Received: by mx\r\nFrom: A <a@example.test>\r\nSubject: the\r\n merger\r\nComments: x\r\n"
        "HP-Outer: Subject: [...]\r\nContent-Type: text/plain; hp=\"cipher\"\r\n\r\nHello\r\n";
    EXPECT_EQ(opened(mail(outside + m_type, with_content(content))).value_or("?"), expected);
    std::string lf = expected;
    std::erase(lf, '\r');
    EXPECT_EQ(opened(mail(outside + m_type, with_content(content), "\n")).value_or("?"), lf);
}

TEST_F(DecryptingMail, KnowsTheOlderFormToo) {
    const std::string content =
        "Subject: the merger\r\nContent-Type: text/plain; protected-headers=\"v1\"\r\n\r\nHello\r\n";
    EXPECT_EQ(opened(mail("Subject: ...\r\n" + m_type, with_content(content))).value_or("?"),
              "From: a@example.test\r\n" + content);
}

TEST_F(DecryptingMail, LetsNoEncryptedFieldChangeTheAddressThatItCameFrom) {
    for (const std::string from : {"From: bank@example.test\r\n",
                                   "From: a@example.test\r\nFrom: bank@example.test\r\n", "From: @\r\n"}) {
        const std::string body = "Content-Type: text/plain; hp=\"clear\"\r\n\r\nHello\r\n";
        EXPECT_EQ(opened(mail(m_type, with_content(from + body))).value_or("?"),
                  "From: a@example.test\r\n" + body);
    }
}

TEST_F(DecryptingMail, KeepsFieldsThatNobodySaidWereTheMailsWhereThereAreNoneOutside) {
    const std::string body = "Content-Type: text/plain\r\n\r\nHello\r\n";
    const std::string inside =
        "From: bank@example.test\r\nSubject: b\r\nX-Same:\r\n same\r\nReceived: by nobody\r\nX-Foo: kept\r\n";
    const std::string text = mail("Subject: a\r\nX-Same: same\r\n" + m_type, with_content(inside + body));
    TextSink out;
    const std::array keys{key_of(m_bob)};
    const auto left_out = decrypt(TextSource(text), out, keys);
    ASSERT_TRUE(left_out);
    EXPECT_EQ(out.text(), "From: a@example.test\r\nSubject: a\r\nX-Same: same\r\nX-Foo: kept\r\n" + body);
    EXPECT_THAT(*left_out, ::testing::ElementsAre("From", "Subject"));
}

TEST_F(DecryptingMail, RefusesAHeaderThatCanBeReadInTwoWays) {
    const std::string cms = with_content(plaintext);
    EXPECT_EQ(opened(mail(m_type + "\r\n" + m_type, cms)).error().code, ErrorCode::malformed);
    EXPECT_EQ(opened("no field\r\n\r\n").error().code, ErrorCode::malformed);
    EXPECT_EQ(opened("X: " + std::string(std::size_t{3} << 20, 'x')).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace signet::smime
