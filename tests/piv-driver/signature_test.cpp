// Uses of keys: what comes out, and how many commands it takes.
#include "tests/piv-driver/driver_desk.h"
#include "tests/token/verify.h"
#include "token/digest.h"

#include <algorithm>

namespace signet::test {
namespace {

using testing::HasSubstr;

// PSS with a salt as long as the digest.
bool verifies(SignatureScheme scheme, ByteView key, HashAlgorithm hash, ByteView data, ByteView signature) {
    switch (scheme) {
        case SignatureScheme::rsa_pkcs1:
            return verifies_pkcs1(key, hash, data, signature);
        case SignatureScheme::rsa_pss:
            return verifies_pss(key, hash, hash, static_cast<int>(digest_size(hash)), data, signature);
        case SignatureScheme::ecdsa:
            return verifies_ecdsa(key, hash, data, signature);
        case SignatureScheme::eddsa:
            break;
    }
    return verifies_eddsa(key, data, signature);
}

class Uses : public DriverDesk {
  protected:
    void start(const std::vector<std::string>& settings = {}, bool deauthenticate = true) {
        insert_full_card(settings);
        start_driver(deauthenticate);
        (void)token();
        login();
    }
    Bytes public_key_of(std::uint8_t reference) {
        return m_card->certificates.at(reference).public_key_info();
    }
};

TEST_F(Uses, SignsWithOneCommandInAVerifiedCard) {
    start({}, false);
    for (int i = 0; i < 3; ++i) {
        start_counting();
        const auto signature = sign(0x9a);
        ASSERT_TRUE(signature) << signature.error().detail;
        EXPECT_EQ(commands(), "87");
        EXPECT_TRUE(is_right(0x9a, *signature));
    }
}

TEST_F(Uses, SignsWithThreeCommandsInShortForm) {
    start({"extended=off"}, false);
    start_counting();
    const auto signature = sign(0x9a);
    ASSERT_TRUE(signature) << signature.error().detail;
    EXPECT_EQ(commands(), "87 87 c0");
    EXPECT_TRUE(is_right(0x9a, *signature));
}

TEST_F(Uses, LeavesTheCardDeauthenticated) {
    start();
    for (int i = 0; i < 2; ++i) {
        start_counting();
        const auto signature = sign(0x9a);
        ASSERT_TRUE(signature) << signature.error().detail;
        EXPECT_EQ(commands(), "a4 20 20 87 20");
        EXPECT_TRUE(is_right(0x9a, *signature));
    }
}

TEST_F(Uses, LeavesTheCardDeauthenticatedInShortForm) {
    start({"extended=off"});
    start_counting();
    ASSERT_TRUE(sign(0x9a));
    EXPECT_EQ(commands(), "a4 20 20 87 87 c0 20");
}

TEST_F(Uses, DecryptsWithAndWithoutPadding) {
    start();
    const Bytes content{1, 2, 3, 4};
    const auto decrypted = m_worker->decrypt(
        name_of(0x82),
        {.scheme = DecryptionScheme::rsa_pkcs1, .ciphertext = encrypt_pkcs1(public_key_of(0x82), content)},
        nullptr);
    ASSERT_TRUE(decrypted) << decrypted.error().detail;
    EXPECT_EQ(*decrypted, content);
    const auto oaep =
        m_worker->decrypt(name_of(0x82),
                          {.scheme = DecryptionScheme::rsa_oaep,
                           .ciphertext = encrypt_oaep(public_key_of(0x82), HashAlgorithm::sha256,
                                                      HashAlgorithm::sha256, {}, content),
                           .hash = HashAlgorithm::sha256},
                          nullptr);
    ASSERT_TRUE(oaep) << oaep.error().detail;
    EXPECT_EQ(*oaep, content);
}

TEST_F(Uses, AnswersBadPaddingWithTheSamePlaintextAlways) {
    start();
    Bytes ciphertext(256, 0x11);
    std::vector<Bytes> answers;
    for (int i = 0; i < 2; ++i) {
        const auto answer = m_worker->decrypt(
            name_of(0x82), {.scheme = DecryptionScheme::rsa_pkcs1, .ciphertext = ciphertext}, nullptr);
        ASSERT_TRUE(answer) << answer.error().detail;
        answers.push_back(*answer);
        start_driver();
        (void)token();
        login();
    }
    EXPECT_EQ(answers[0], answers[1]);
}

TEST_F(Uses, AgreesOnKeys) {
    start();
    const auto peer = generate_ec_key("P-384");
    const auto secret = m_worker->derive(name_of(0x9d), {.public_key = point_of(peer.get())}, nullptr);
    ASSERT_TRUE(secret) << secret.error().detail;
    EXPECT_EQ(*secret, agree(peer.get(), public_key_of(0x9d)));
}

TEST_F(Uses, WorksWithEveryAlgorithmOfNewCards) {
    using piv_card::KeyAlgorithm;
    m_card = FullCard{.state = piv_card::new_card(1, {5, 7, 1}), .certificates = {}};
    const std::map<std::uint8_t, KeyAlgorithm> keys{{0x9a, KeyAlgorithm::ed25519},
                                                    {0x9d, KeyAlgorithm::x25519},
                                                    {0x82, KeyAlgorithm::rsa_3072},
                                                    {0x83, KeyAlgorithm::rsa_4096}};
    for (const auto& [reference, algorithm] : keys) {
        piv_card::put_key(m_card->state, reference, algorithm);
    }
    insert(m_card->state);
    start_driver();
    const token::Token token = this->token();
    ASSERT_EQ(token.keys.size(), 4U);
    login();
    const Bytes message(1000, 7);
    const auto signature = m_worker->sign(
        {m_token, token.keys[0].id},
        {.scheme = SignatureScheme::eddsa, .hash = {}, .data = message, .data_is_message = true}, nullptr);
    ASSERT_TRUE(signature) << signature.error().detail;
    EXPECT_TRUE(verifies_eddsa(token.keys[0].public_key_info, message, *signature));
    const auto secret = m_worker->derive({m_token, token.keys[1].id}, {.public_key = Bytes(32, 9)}, nullptr);
    ASSERT_TRUE(secret) << secret.error().detail;
    EXPECT_EQ(secret->size(), 32U);
    for (const std::size_t rsa : {2, 3}) {
        const auto pss = m_worker->sign({m_token, token.keys[rsa].id},
                                        {.scheme = SignatureScheme::rsa_pss,
                                         .hash = HashAlgorithm::sha512,
                                         .data = message,
                                         .data_is_message = true},
                                        nullptr);
        ASSERT_TRUE(pss) << pss.error().detail;
        EXPECT_TRUE(verifies_pss(token.keys[rsa].public_key_info, HashAlgorithm::sha512,
                                 HashAlgorithm::sha512, 64, message, *pss));
    }
}

// Cards want as many octets as a curve's field has: longer digests are cut, shorter ones padded.
TEST_F(Uses, SignsDigestsOfEveryHash) {
    using piv_card::KeyAlgorithm;
    m_card = FullCard{.state = piv_card::new_card(1, {5, 7, 1}), .certificates = {}};
    piv_card::put_key(m_card->state, 0x9a, KeyAlgorithm::rsa_2048);
    piv_card::put_key(m_card->state, 0x9e, KeyAlgorithm::p256);
    insert(m_card->state);
    start_driver();
    const token::Token token = this->token();
    login();
    const Bytes message(1000, 7);
    int checked = 0;
    for (const token::Key& key : token.keys) {
        for (const HashAlgorithm hash : {HashAlgorithm::sha1, HashAlgorithm::sha224, HashAlgorithm::sha256,
                                         HashAlgorithm::sha384, HashAlgorithm::sha512}) {
            const Bytes digest = token::digest(hash, message).value();
            for (const SignatureScheme scheme : key.signature_schemes) {
                const auto signature = m_worker->sign(
                    {m_token, key.id}, {.scheme = scheme, .hash = hash, .data = digest}, nullptr);
                ASSERT_TRUE(signature) << signature.error().detail;
                EXPECT_TRUE(verifies(scheme, key.public_key_info, hash, message, *signature))
                    << signet::name_of(scheme) << " " << signet::name_of(hash);
                ++checked;
            }
        }
    }
    EXPECT_EQ(checked, 3 * 5);
}

TEST_F(Uses, GoOnAfterOtherProgramsHaveUsedTheCard) {
    insert_full_card({"other-applet=on"});
    for (const bool deauthenticate : {true, false}) {
        start_driver(deauthenticate);
        (void)token();
        login();
        const std::vector<std::vector<std::string>> others{
            {"opensc-tool", "--reader", "0", "--send-apdu", "00:A4:04:00:06:D2:76:00:01:24:01"},
            {"opensc-tool", "--reader", "0", "--reset"},
            Desk::yubico({"-a", "status"}),
            Desk::pkcs11(opensc_module, {"--list-objects"}),
        };
        for (const auto& other : others) {
            m_desk->succeed(other);
            const auto signature = sign(0x9a);
            ASSERT_TRUE(signature) << other[0] << ": " << signature.error().detail;
            EXPECT_TRUE(is_right(0x9a, *signature));
        }
        EXPECT_EQ(tries_left(), 3);
    }
}

TEST_F(Uses, GiveNothingOutThatTheCardHasNotMadeWithTheKey) {
    start();
    card().add_fault("flip@1/87:100");
    const auto repeated = sign(0x9a);
    ASSERT_TRUE(repeated) << repeated.error().detail;
    EXPECT_TRUE(is_right(0x9a, *repeated));
    card().add_fault("flip@1/87:100");
    card().add_fault("flip@2/87:100");
    const auto refused = sign(0x9a);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::driver_failed);
    EXPECT_TRUE(sign(0x9a));
}

TEST_F(Uses, DoNotBelieveACardThatOnlyClaimsToBeTheSame) {
    start({"yubico=off"});
    // Another key in the same place, under the old certificate and the old GUID.
    auto impostor = m_card->state;
    piv_card::put_key(impostor, 0x9a, piv_card::KeyAlgorithm::rsa_2048);
    card().remove();
    piv_card::save(impostor, card().state());
    card().restart();
    ASSERT_TRUE(eventually([this] {
        const auto inventory = driver().inventory();
        return inventory && !inventory->tokens.empty();
    }));
    login();
    const auto signature = sign(0x9a);
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().code, ErrorCode::driver_failed) << signature.error().detail;
}

TEST_F(Uses, FindTheKeyGoneWhenACardWithTheSameClaimsHasAnother) {
    start({"yubico=off"});
    FullCard other = full_card(m_authority);
    // The first certificate and the GUID are those of the card before.
    other.state.objects[0x5fc105] = m_card->state.objects[0x5fc105];
    other.state.keys.at(0x9a) = m_card->state.keys.at(0x9a);
    card().remove();
    piv_card::save(other.state, card().state());
    card().restart();
    ASSERT_TRUE(eventually([this] {
        const auto inventory = driver().inventory();
        return inventory && !inventory->tokens.empty();
    }));
    login();
    const auto agreed = sign(0x82);
    ASSERT_FALSE(agreed);
    EXPECT_EQ(agreed.error().code, ErrorCode::key_not_found) << agreed.error().detail;
    EXPECT_TRUE(sign(0x9a));
}

TEST_F(Uses, NeedNoPinForTheCardAuthenticationKey) {
    m_card = full_card(m_authority);
    const auto& key = piv_card::put_key(m_card->state, 0x9e, piv_card::KeyAlgorithm::p256);
    m_card->certificates.emplace(0x9e, m_authority.issue(key.get(), "slot 9e", "card@example.test"));
    piv_card::put_certificate(m_card->state, 0x9e, m_card->certificates.at(0x9e));
    insert(m_card->state, {"other-applet=on"});
    start_driver();
    const token::Token token = this->token();
    EXPECT_FALSE(token.keys[3].login_required);
    start_counting();
    EXPECT_TRUE(sign(0x9e));
    EXPECT_EQ(commands(), "87");
    m_desk->succeed({"opensc-tool", "--reader", "0", "--send-apdu", "00:A4:04:00:06:D2:76:00:01:24:01"});
    start_counting();
    EXPECT_TRUE(sign(0x9e));
    EXPECT_EQ(commands(), "87 a4 87");
}

}  // namespace
}  // namespace signet::test
