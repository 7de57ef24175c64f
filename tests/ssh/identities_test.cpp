#include "ssh/identities.h"

#include "ssh/public_key.h"
#include "tests/support/certificates.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>

namespace signet::ssh {
namespace {

using test::CertificateUsage;

class SshIdentities : public testing::Test {
  protected:
    // A key that the token has, of a kind as test::generate_key() has it.
    ipc::Key& add_key(const std::string& kind, const std::string& label) {
        m_keys.push_back(test::generate_key(kind));
        unsigned char* der = nullptr;
        const int size = i2d_PUBKEY(m_keys.back().get(), &der);
        ipc::Key key{.id = std::string(63, 'a') + std::to_string(m_keys.size()),
                     .type = kind.starts_with("rsa") ? KeyType::rsa
                             : kind == "ed25519"     ? KeyType::ed25519
                                                     : KeyType::ec,
                     .bits = 256,
                     .public_key_info = Bytes(der, der + size),
                     .label = label};
        OPENSSL_free(der);
        key.signature_schemes = {key.type == KeyType::rsa  ? SignatureScheme::rsa_pkcs1
                                 : key.type == KeyType::ec ? SignatureScheme::ecdsa
                                                           : SignatureScheme::eddsa};
        m_token.keys.push_back(key);
        return m_token.keys.back();
    }
    void certify(CertificateUsage usage, const std::string& address) {
        const auto certificate = m_authority.issue(m_keys.back().get(), address, address, usage);
        m_token.certificates.push_back(
            {.der = certificate.der(), .key = m_token.keys.back().id, .emails = {address}});
    }
    // The comments of what is found.
    [[nodiscard]] std::vector<std::string> found() const {
        std::vector<std::string> comments;
        for (const auto& identity : find_identities({m_token}, m_settings)) {
            comments.push_back(identity.comment);
        }
        return comments;
    }
    using Comments = std::vector<std::string>;

    test::TestAuthority m_authority;
    std::vector<std::shared_ptr<EVP_PKEY>> m_keys;
    ipc::Token m_token{.id = "t", .label = "tok"};
    Settings m_settings;
};

TEST_F(SshIdentities, AreKeysWhoseCertificatesPermitIt) {
    add_key("P-256", "one");
    certify(CertificateUsage::authenticate, "alice@example.org");
    add_key("P-256", "two");
    certify(CertificateUsage::sign, "mail@example.org");
    add_key("rsa:1024", "three");
    certify(CertificateUsage::encrypt, "secret@example.org");
    add_key("rsa:1024", "four");
    certify(CertificateUsage::no_mail, "server@example.org");
    EXPECT_EQ(found(), Comments{"alice@example.org"});
}

TEST_F(SshIdentities, NeedOneCertificateOfSeveral) {
    add_key("P-256", "one");
    certify(CertificateUsage::sign, "mail@example.org");
    certify(CertificateUsage::authenticate, "alice@example.org");
    EXPECT_EQ(found(), Comments{"mail@example.org"});
}

TEST_F(SshIdentities, AreKeysWithoutCertificateThatCanOnlySign) {
    add_key("ed25519", "only signs");
    add_key("rsa:1024", "decrypts too").decryption_schemes = {DecryptionScheme::rsa_pkcs1};
    add_key("P-256", "agrees too").derive = true;
    EXPECT_EQ(found(), Comments{"only signs"});
}

TEST_F(SshIdentities, AreThoseInTheSlotForAuthenticationOfAPivCard) {
    auto& key = add_key("rsa:1024", "PIV AUTH");
    key.decryption_schemes = {DecryptionScheme::rsa_pkcs1};
    key.object_id = {0x9a};
    EXPECT_EQ(found(), Comments{});
    m_token.module = "piv";
    EXPECT_EQ(found(), Comments{"PIV AUTH"});
    m_token.keys.front().object_id = {0x9d};
    EXPECT_EQ(found(), Comments{});
}

TEST_F(SshIdentities, AreNoKeysThatWantAPinForEachUseUnlessTheyAreAdded) {
    add_key("P-256", "one").always_authenticate = true;
    certify(CertificateUsage::authenticate, "alice@example.org");
    EXPECT_EQ(found(), Comments{});
    ASSERT_TRUE(m_settings.additional_keys.add("alice@example.org"));
    EXPECT_EQ(found(), Comments{"alice@example.org"});
}

TEST_F(SshIdentities, AreNeverKeysThatCannotSignForSsh) {
    add_key("P-256", "one").signature_schemes.clear();
    add_key("rsa:1024", "two").signature_schemes = {SignatureScheme::rsa_pss};
    add_key("ed25519", "three").public_key_info = {1, 2, 3};
    for (const auto& key : m_token.keys) {
        ASSERT_TRUE(m_settings.additional_keys.add(key.id));
    }
    EXPECT_EQ(found(), Comments{});
}

TEST_F(SshIdentities, AreNotThoseWhoseCertificateIsMalformed) {
    add_key("P-256", "one");
    certify(CertificateUsage::authenticate, "alice@example.org");
    const Bytes whole = m_token.certificates.front().der;
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        m_token.certificates.front().der.assign(whole.begin(),
                                                whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(found(), Comments{}) << size;
    }
}

TEST_F(SshIdentities, ComeOnceAndFromTheTokenThatIsUnlocked) {
    add_key("ed25519", "one");
    auto other = m_token;
    other.id = "u";
    other.unlocked = true;
    const auto identities = find_identities({m_token, other}, m_settings);
    ASSERT_EQ(identities.size(), 1U);
    EXPECT_EQ(identities.front().token, "u");
}

TEST_F(SshIdentities, SayWhetherTheyAreConfirmedAndForwarded) {
    const auto key = add_key("ed25519", "one");
    const auto plain = find_identities({m_token}, m_settings).at(0);
    EXPECT_FALSE(plain.confirm);
    EXPECT_FALSE(plain.forwardable);
    ASSERT_TRUE(m_settings.confirm.add(fingerprint(plain.blob)));
    ASSERT_TRUE(m_settings.forward_keys.add(key.id));
    const auto listed = find_identities({m_token}, m_settings).at(0);
    EXPECT_TRUE(listed.confirm);
    EXPECT_TRUE(listed.forwardable);
}

}  // namespace
}  // namespace signet::ssh
