// Every kind of card is personalised, listed, signs and decrypts: makers differ in what they leave out.
#include "tests/piv-driver/administration_desk.h"
#include "tests/token/verify.h"
#include "token/private_key.h"

namespace signet::test {
namespace {

using testing::SizeIs;

struct Kind {
    std::string name;
    piv_card::Version firmware;
    std::vector<std::string> settings;
    std::string pin = InsertedCard::pin;
};

void PrintTo(const Kind& kind, std::ostream* out) {
    *out << kind.name;
}

class KindOfCard : public CardAdministration, public testing::WithParamInterface<Kind> {
  protected:
    // The card takes the place of its token, whose identity may have come with what was written.
    void make_key(const std::string& slot, KeyAlgorithm algorithm) {
        const auto placed = generated(slot, algorithm);
        m_token = token().id;
        login(GetParam().pin);
        store(placed);
        m_token = token().id;
    }
    token::Key key_with(KeyAlgorithm algorithm) {
        for (auto& key : token().keys) {
            const auto read = token::public_key_from_info(key.public_key_info);
            if (read && token::key_algorithm_of(*read) == algorithm) {
                return key;
            }
        }
        ADD_FAILURE() << "no such key";
        return {};
    }
    void expect_signature() {
        const token::Key key = key_with(KeyAlgorithm::p256);
        const Bytes message{1, 2, 3};
        const auto signature = m_worker->sign({.token = m_token, .key = key.id},
                                              {.scheme = SignatureScheme::ecdsa,
                                               .hash = HashAlgorithm::sha256,
                                               .data = message,
                                               .data_is_message = true},
                                              nullptr);
        ASSERT_TRUE(signature) << signature.error().detail;
        EXPECT_TRUE(verifies_ecdsa(key.public_key_info, HashAlgorithm::sha256, message, *signature));
    }
    void expect_decryption() {
        const token::Key key = key_with(KeyAlgorithm::rsa2048);
        const Bytes content{4, 5, 6};
        const auto decrypted = m_worker->decrypt({.token = m_token, .key = key.id},
                                                 {.scheme = DecryptionScheme::rsa_pkcs1,
                                                  .ciphertext = encrypt_pkcs1(key.public_key_info, content)},
                                                 nullptr);
        ASSERT_TRUE(decrypted) << decrypted.error().detail;
        EXPECT_EQ(*decrypted, content);
    }
};

TEST_P(KindOfCard, BecomesOneThatSignsAndDecrypts) {
    insert_new_card(GetParam().firmware, GetParam().settings);
    const auto personalized = administration().personalize(m_token, m_management_key);
    ASSERT_TRUE(personalized) << personalized.error().operation << ": " << personalized.error().detail;
    m_token = token().id;
    make_key("9a", KeyAlgorithm::p256);
    make_key("9d", KeyAlgorithm::rsa2048);
    const Secret wrong = secret("999999");
    const auto refused = driver().login(m_token, &wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::pin_incorrect);
    EXPECT_EQ(refused.error().tries_left, 2);
    login(GetParam().pin);
    expect_signature();
    expect_decryption();
    const auto details = administration().details(m_token);
    ASSERT_TRUE(details) << details.error().detail;
    EXPECT_THAT(details->slots, SizeIs(2));
    EXPECT_FALSE(details->guid.empty());
    EXPECT_EQ(details->moves_keys, GetParam().firmware >= piv_card::Version({5, 7, 0}));

    start_driver();
    EXPECT_THAT(token().certificates, SizeIs(2)) << "known again by a new process";
    login(GetParam().pin);
    expect_signature();
}

const std::vector<Kind> kinds{
    {"YubiKeyNeo", {1, 0, 4}, {"extended=off", "plain-counter=on"}},
    {"YubiKey4", {4, 3, 5}, {}},
    {"YubiKey5", {5, 2, 7}, {}},
    {"YubiKey5WithMetadata", {5, 4, 3}, {}},
    {"YubiKey5WithAes", {5, 7, 1}, {}},
    // Applets of others that know some of Yubico's commands, and name versions of their own choice.
    {"AppletWithoutMetadata", {6, 6, 6}, {"metadata=off"}},
    {"AppletInShortForm", {5, 0, 0}, {"extended=off", "corrects-le=on", "reselect-drops-pin=on"}},
    // Cards by the standard alone.
    {"Standard", {0, 0, 0}, {"yubico=off"}},
    {"GlobalPin",
     {0, 0, 0},
     {"yubico=off", "global-pin=on", "global-pin-primary=on", "empty-objects=on"},
     "87654321"},
    {"OldStandard",
     {0, 0, 0},
     {"yubico=off", "discovery=off", "extended=off", "more-after-full-block=off", "select-answer=minimal",
      "reselect-drops-pin=on", "unsupported-objects=on"}},
    {"Derived", {0, 0, 0}, {"yubico=off", "application=derived", "pin-format=alphanumeric"}},
};

INSTANTIATE_TEST_SUITE_P(Kinds, KindOfCard, testing::ValuesIn(kinds),
                         [](const auto& parameters) { return parameters.param.name; });

}  // namespace
}  // namespace signet::test
