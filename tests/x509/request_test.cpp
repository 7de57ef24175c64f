#include "x509/request.h"

#include "tests/support/certificates.h"

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

namespace signet::x509 {
namespace {

using RequestPointer = Pointer<X509_REQ, X509_REQ_free>;

// What a token does: r and s of a fixed length for ECDSA.
Bytes plain_ecdsa(const Bytes& der, std::size_t field_octets) {
    const unsigned char* position = der.data();
    const Pointer<ECDSA_SIG, ECDSA_SIG_free> pair(
        d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size())));
    Bytes plain(2 * field_octets);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), plain.data(), static_cast<int>(field_octets));
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), plain.data() + field_octets, static_cast<int>(field_octets));
    return plain;
}

Bytes sign(EVP_PKEY* key, const RequestSignature& how, ByteView octets) {
    const DigestContextPointer context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    const EVP_MD* digest = how.scheme == SignatureScheme::eddsa
                               ? nullptr
                               : EVP_get_digestbyname(std::string(name_of(how.hash)).c_str());
    EXPECT_EQ(EVP_DigestSignInit(context.get(), &parameters, digest, nullptr, key), 1);
    if (how.scheme == SignatureScheme::rsa_pss) {
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
    }
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, octets.data(), octets.size());
    Bytes signature(size);
    EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, octets.data(), octets.size()), 1);
    signature.resize(size);
    const auto field_octets = static_cast<std::size_t>(EVP_PKEY_get_bits(key) + 7) / 8;
    return how.scheme == SignatureScheme::ecdsa ? plain_ecdsa(signature, field_octets) : signature;
}

RequestContent content_for(EVP_PKEY* key) {
    unsigned char* encoded = nullptr;
    const int size = i2d_PUBKEY(key, &encoded);
    const OpensslOctets owner(encoded);
    return {.public_key_info = Bytes(encoded, encoded + size),
            .subject = "CN=Alice Example,O=Example",
            .emails = {"alice@example.org", "a@example.org"},
            .dns_names = {"host.example.org"}};
}

Result<Bytes> request_of(EVP_PKEY* key, bool pss = false) {
    return make_request(content_for(key), pss, [key](const RequestSignature& how, ByteView octets) {
        return Result<Bytes>(sign(key, how, octets));
    });
}

RequestPointer parsed(const Bytes& der) {
    const unsigned char* position = der.data();
    return RequestPointer(d2i_X509_REQ(nullptr, &position, static_cast<long>(der.size())));
}

TEST(CertificateRequest, IsSignedByKeysOfEveryKind) {
    for (const char* kind : {"rsa:2048", "P-256", "P-384", "P-521", "ed25519"}) {
        const auto key = test::generate_key(kind);
        const auto der = request_of(key.get());
        ASSERT_TRUE(der) << kind << ": " << der.error().detail;
        const auto request = parsed(*der);
        ASSERT_TRUE(request) << kind;
        EXPECT_EQ(X509_REQ_verify(request.get(), key.get()), 1) << kind;
    }
}

TEST(CertificateRequest, SaysThatItIsSignedWithPss) {
    const auto key = test::generate_key("rsa:2048");
    const auto der = request_of(key.get(), true);
    ASSERT_TRUE(der) << der.error().detail;
    const auto request = parsed(*der);
    EXPECT_EQ(X509_REQ_get_signature_nid(request.get()), NID_rsassaPss);
    EXPECT_EQ(X509_REQ_verify(request.get(), key.get()), 1);
}

TEST(CertificateRequest, NamesSubjectAddressesAndHosts) {
    const auto key = test::generate_key("P-256");
    const auto der = request_of(key.get());
    ASSERT_TRUE(der);
    const auto request = parsed(*der);
    const BioPointer out(BIO_new(BIO_s_mem()));
    X509_REQ_print(out.get(), request.get());
    const std::string text(as_text(memory_content(out.get())));
    EXPECT_NE(text.find("Subject: O=Example, CN=Alice Example"), std::string::npos) << text;
    EXPECT_NE(text.find("email:alice@example.org, email:a@example.org, DNS:host.example.org"),
              std::string::npos)
        << text;
}

TEST(CertificateRequest, IsNotMadeWithASignatureThatIsWrong) {
    const auto key = test::generate_key("P-256");
    const auto other = test::generate_key("P-256");
    const auto der =
        make_request(content_for(key.get()), false, [&other](const RequestSignature& how, ByteView octets) {
            return Result<Bytes>(sign(other.get(), how, octets));
        });
    ASSERT_FALSE(der);
    EXPECT_EQ(der.error().code, ErrorCode::crypto);
}

TEST(CertificateRequest, IsNotMadeForKeysThatCannotSignAndForWrongNames) {
    const auto x25519 = test::generate_key("x25519");
    const auto never = [](const RequestSignature&, ByteView) { return Result<Bytes>(Bytes()); };
    EXPECT_EQ(make_request(content_for(x25519.get()), false, never).error().code, ErrorCode::unsupported);
    const auto key = test::generate_key("P-256");
    for (const char* email :
         {"", "alice", "@example.org", "alice@", "al ice@example.org", "zo\xc3\xab@example.org"}) {
        auto content = content_for(key.get());
        content.emails = {email};
        EXPECT_EQ(make_request(content, false, never).error().code, ErrorCode::malformed) << email;
    }
    auto content = content_for(key.get());
    content.subject = "Alice";
    EXPECT_EQ(make_request(content, false, never).error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace signet::x509
