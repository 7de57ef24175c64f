// What the driver lists, and how many commands it takes.
#include "tests/piv-driver/driver_desk.h"

namespace signet::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Inventory : public DriverDesk {};

std::vector<int> places(const token::Token& token) {
    std::vector<int> list;
    for (const token::Key& key : token.keys) {
        list.push_back(key.object_id.at(0));
    }
    return list;
}

TEST_F(Inventory, ListsKeysWithTheirCertificates) {
    insert_full_card();
    start_driver();
    const token::Token token = this->token();
    EXPECT_EQ(token.id, "piv:serial:12345678");
    EXPECT_EQ(token.label, "slot 9a");
    EXPECT_EQ(token.manufacturer, "Yubico");
    EXPECT_EQ(token.reader, m_desk->pcscd().slot_name());
    EXPECT_TRUE(token.login_required);
    EXPECT_FALSE(token.pin_pad);
    EXPECT_THAT(places(token), ElementsAre(0x9a, 0x9c, 0x9d, 0x82));
    ASSERT_THAT(token.certificates, SizeIs(4));
    EXPECT_EQ(token.certificates[1].key, key_of(0x9c));
    EXPECT_THAT(token.certificates[1].emails, ElementsAre("card@example.test"));
}

TEST_F(Inventory, TellsWhatEachKeyCanDo) {
    insert_full_card();
    start_driver();
    const token::Token token = this->token();
    EXPECT_THAT(token.keys[0].signature_schemes,
                ElementsAre(SignatureScheme::rsa_pkcs1, SignatureScheme::rsa_pss));
    EXPECT_THAT(token.keys[0].decryption_schemes, SizeIs(2));
    EXPECT_FALSE(token.keys[0].always_authenticate);
    EXPECT_THAT(token.keys[1].signature_schemes, ElementsAre(SignatureScheme::ecdsa));
    EXPECT_TRUE(token.keys[1].always_authenticate);
    EXPECT_THAT(token.keys[2].signature_schemes, IsEmpty());
    EXPECT_TRUE(token.keys[2].derive);
}

TEST_F(Inventory, ReadsAnUnknownCardOnceWithOneCommandForEachObject) {
    insert_full_card({"yubico=off"});
    start_driver();
    start_counting();
    EXPECT_EQ(token().id, "piv:guid:5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
    // SELECT, CHUID, version, discovery, key history, 9A, 9C, 9D, 9E which is not there, 82, PIN.
    EXPECT_EQ(commands(), "a4 cb fd cb cb cb cb cb cb cb 20");
}

TEST_F(Inventory, KnowsACardAgainWithFiveCommands) {
    insert_full_card();
    start_driver();
    const token::Token before = token();
    for (int i = 0; i < 3; ++i) {
        start_driver();
        start_counting();
        const token::Token again = token();
        EXPECT_EQ(commands(), "a4 cb cb cb 20");
        EXPECT_EQ(again.id, before.id);
        EXPECT_THAT(again.keys, SizeIs(before.keys.size()));
    }
}

TEST_F(Inventory, KnowsACardAgainInShortForm) {
    insert_full_card({"extended=off"});
    start_driver();
    const token::Token before = token();
    start_driver();
    start_counting();
    EXPECT_THAT(token().certificates, SizeIs(4));
    EXPECT_EQ(commands(), "a4 cb cb cb 20");
}

TEST_F(Inventory, SendsNothingWhileNothingHappens) {
    insert_full_card();
    start_driver();
    (void)token();
    start_counting();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    EXPECT_EQ(commands(), "");
}

TEST_F(Inventory, SeesACertificateThatAnotherProgramHasReplaced) {
    insert_full_card();
    start_driver();
    (void)token();
    const auto renewed = m_authority.issue(X509_get0_pubkey(m_card->certificates.at(0x9a).get()), "renewed",
                                           "new@example.test");
    write_file(m_desk->path("renewed.pem"), to_pem(renewed));
    m_desk->succeed(Desk::yubico({"-a", "import-certificate", "-s", "9a", "-i", "renewed.pem"}));
    // Each time another certificate is looked at.
    int looks = 1;
    while (token().label != "renewed" && looks < 5) {
        ++looks;
    }
    EXPECT_LE(looks, 4);
}

TEST_F(Inventory, IsEmptyWithoutACard) {
    insert_full_card();
    start_driver();
    (void)token();
    card().remove();
    ASSERT_TRUE(eventually([this] { return driver().inventory()->tokens.empty(); }));
    card().insert();
    EXPECT_THAT(places(token()), SizeIs(4));
}

TEST_F(Inventory, FindsTheDerivedApplication) {
    insert_full_card({"application=derived", "yubico=off"});
    start_driver();
    const token::Token token = this->token();
    EXPECT_EQ(token.id, "piv:key:" + key_of(0x9a));
    EXPECT_EQ(token.model, "Derived PIV");
    start_driver();
    start_counting();
    (void)this->token();
    EXPECT_EQ(commands(), "a4 a4 cb cb 20");
}

// How many retired keys with certificate the key history claims; 255: there is none.
class KeyHistory : public DriverDesk, public testing::WithParamInterface<int> {};

TEST_P(KeyHistory, IsNotBelievedWhenItIsMissingOrWrong) {
    m_card = full_card(m_authority);
    m_card->state.objects.erase(0x5fc10c);
    if (GetParam() != 255) {
        piv_card::put_key_history(m_card->state, static_cast<std::uint8_t>(GetParam()));
    }
    // The first retired place is empty.
    piv_card::put_certificate(m_card->state, 0x88, m_card->certificates.at(0x82));
    m_card->state.objects.erase(0x5fc10d);
    insert(m_card->state, {"yubico=off"});
    start_driver();
    EXPECT_THAT(places(token()), ElementsAre(0x9a, 0x9c, 0x9d, 0x88));
}

INSTANTIATE_TEST_SUITE_P(Counts, KeyHistory, testing::Values(1, 5, 21, 255));

// Cards that tell of their keys, and cards that do not.
class UnclaimedKey : public DriverDesk, public testing::WithParamInterface<const char*> {
  protected:
    // The history claims 82 alone.
    void insert_with_key_in(std::uint8_t slot) {
        m_card = full_card(m_authority);
        const auto& key = piv_card::put_key(m_card->state, slot, piv_card::KeyAlgorithm::p256);
        piv_card::put_certificate(m_card->state, slot,
                                  m_authority.issue(key.get(), "unclaimed", "u@example.test"));
        insert(m_card->state, {GetParam()});
        start_driver();
    }
};

class UnclaimedKeyThatIsTold : public UnclaimedKey {};

TEST_P(UnclaimedKeyThatIsTold, IsFoundBehindThoseOfTheHistory) {
    insert_with_key_in(0x83);
    EXPECT_THAT(places(token()), ElementsAre(0x9a, 0x9c, 0x9d, 0x82, 0x83));
}

INSTANTIATE_TEST_SUITE_P(Cards, UnclaimedKeyThatIsTold, testing::Values("yubico=on"));

TEST_P(UnclaimedKey, IsFoundAnywhereWhenTheCardIsShown) {
    insert_with_key_in(0x91);
    const auto shown = driver().administration()->details(token().id);
    ASSERT_TRUE(shown) << shown.error().detail;
    EXPECT_EQ(shown->slots.back().slot, "91");
    EXPECT_THAT(places(token()), ElementsAre(0x9a, 0x9c, 0x9d, 0x82, 0x91));
    start_driver();
    EXPECT_THAT(places(token()), ElementsAre(0x9a, 0x9c, 0x9d, 0x82, 0x91)) << "by another process";
}

INSTANTIATE_TEST_SUITE_P(Cards, UnclaimedKey, testing::Values("yubico=on", "yubico=off"));

TEST_F(Inventory, ShowsAKeyWithoutCertificateWhereTheCardTells) {
    m_card = full_card(m_authority);
    piv_card::put_key(m_card->state, 0x9e, piv_card::KeyAlgorithm::p256);
    m_card->state.objects.erase(0x5fc105);
    insert(m_card->state);
    start_driver();
    const token::Token token = this->token();
    EXPECT_THAT(places(token), ElementsAre(0x9a, 0x9c, 0x9d, 0x9e, 0x82));
    EXPECT_EQ(token.keys[0].id, key_of(0x9a));
    EXPECT_EQ(token.certificates.size(), 3U);
}

class Quirk : public DriverDesk, public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(Quirk, HidesNoKeyAndCostsNoCommandLater) {
    insert_full_card(GetParam());
    start_driver();
    EXPECT_THAT(places(token()), ElementsAre(0x9a, 0x9c, 0x9d, 0x82));
    start_driver();
    start_counting();
    EXPECT_THAT(places(token()), ElementsAre(0x9a, 0x9c, 0x9d, 0x82));
    EXPECT_EQ(commands(), "a4 cb cb cb 20");
}

INSTANTIATE_TEST_SUITE_P(Cards, Quirk,
                         testing::Values(std::vector<std::string>{"extended=off",
                                                                  "more-after-full-block=off"},
                                         std::vector<std::string>{"extended=off", "corrects-le=on"},
                                         std::vector<std::string>{"empty-objects=on"},
                                         std::vector<std::string>{"certificates=gzip"},
                                         std::vector<std::string>{"certificates=old-gzip"},
                                         std::vector<std::string>{"certificates=net-id"},
                                         std::vector<std::string>{"select-answer=minimal"},
                                         std::vector<std::string>{"select-answer=full-aid"},
                                         std::vector<std::string>{"discovery=off"}));

}  // namespace
}  // namespace signet::test
