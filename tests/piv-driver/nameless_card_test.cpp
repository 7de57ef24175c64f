// Cards that carry neither a serial number nor a GUID, administered at one computer.
#include "piv/card_contents.h"
#include "piv/object_writing.h"
#include "tests/piv-driver/administration_desk.h"

namespace signet::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint32_t identifier_object = piv::object::card_holder_unique_identifier;

class NamelessCards : public CardAdministration {
  protected:
    void insert_nameless_card(const std::vector<std::string>& settings = {}) {
        std::vector<std::string> all{"yubico=off"};
        all.insert(all.end(), settings.begin(), settings.end());
        insert_new_card({5, 4, 3}, all);
        ASSERT_EQ(m_token, piv::nameless_card);
    }
    // Takes the card out and puts this one in. Gives the state of the one that was there.
    piv_card::CardState change_card(const piv_card::CardState& other) {
        auto before = piv_card::load(card().state());
        card().remove();
        piv_card::save(other, card().state());
        card().restart();
        m_token = token().id;
        return before;
    }
    // The place of this key, which another card holds, is free and takes one of its own.
    void expect_place_without(const token::PlacedKey& other) {
        EXPECT_EQ(slot(other.slot).public_key_info, Bytes());
        EXPECT_EQ(code_of(administration().store_certificate(m_token, m_management_key, other.slot,
                                                             certificate_for(other.public_key_info), false)),
                  ErrorCode::key_not_found);
        EXPECT_NE(generated(other.slot, KeyAlgorithm::p256).public_key_info, other.public_key_info);
    }
    static piv_card::CardState blank() { return piv_card::new_card(0, {5, 4, 3}); }
};

TEST_F(NamelessCards, GetAGuidBeforeAnythingIsRememberedOfThem) {
    insert_nameless_card();
    const auto placed = generated("9a", KeyAlgorithm::p256);
    const auto now = token();
    EXPECT_TRUE(now.id.starts_with("piv:guid:")) << now.id;
    ASSERT_THAT(now.keys, SizeIs(1));
    EXPECT_EQ(now.keys[0].public_key_info, placed.public_key_info);
    login();
    store(placed);
    EXPECT_EQ(token().id, now.id);
}

TEST_F(NamelessCards, AreNotTakenForEachOther) {
    insert_nameless_card();
    const auto first = generated("9a", KeyAlgorithm::p256);
    const auto first_card = change_card(blank());
    EXPECT_EQ(m_token, piv::nameless_card);
    EXPECT_THAT(token().keys, IsEmpty());
    expect_place_without(first);
    change_card(first_card);
    ASSERT_THAT(token().keys, SizeIs(1));
    EXPECT_EQ(token().keys[0].public_key_info, first.public_key_info);
}

TEST_F(NamelessCards, ThatShareAKeyAreNotTakenForEachOther) {
    auto state = blank();
    const auto& shared = piv_card::put_key(state, 0x9d, piv_card::KeyAlgorithm::p256);
    piv_card::put_certificate(state, 0x9d, m_authority.issue(shared.get(), "both", "both@example.test"));
    insert(state, {"yubico=off"});
    start_driver();
    EXPECT_TRUE(token().id.starts_with("piv:key:")) << m_token;
    const auto first = generated("9a", KeyAlgorithm::p256);
    EXPECT_TRUE(token().id.starts_with("piv:guid:")) << m_token;
    EXPECT_THAT(token().keys, SizeIs(2));
    const auto first_card = change_card(state);
    EXPECT_TRUE(m_token.starts_with("piv:key:")) << m_token;
    EXPECT_THAT(token().keys, SizeIs(1));
    expect_place_without(first);
    change_card(first_card);
    EXPECT_THAT(token().keys, SizeIs(2));
    EXPECT_EQ(slot("9a").public_key_info, first.public_key_info);
}

TEST_F(NamelessCards, KeepTheirKeysWhenAnActOnAnotherWasInterrupted) {
    insert_nameless_card();
    card().add_fault("pull-during@1/47");
    EXPECT_FALSE(
        administration().generate_key(m_token, m_management_key, KeyAlgorithm::p256, {.slot = "9a"}));
    card().clear_faults();
    auto other = blank();
    const Bytes kept = public_key_info(piv_card::put_key(other, 0x9a, piv_card::KeyAlgorithm::p256).get());
    change_card(other);
    EXPECT_EQ(
        code_of(administration().generate_key(m_token, m_management_key, KeyAlgorithm::p256, {.slot = "9a"})),
        ErrorCode::not_allowed);
    EXPECT_EQ(public_key_info(piv_card::load(card().state()).keys.at(0x9a).key.get()), kept);
}

TEST_F(NamelessCards, KeepAnIdentifierThatHasNoGuid) {
    insert_nameless_card();
    auto state = blank();
    piv_card::put_chuid(state, Bytes(16, 0));
    const Bytes identifier = state.objects.at(piv::object::card_holder_unique_identifier);
    change_card(state);
    EXPECT_EQ(
        code_of(administration().generate_key(m_token, m_management_key, KeyAlgorithm::p256, {.slot = "9a"})),
        ErrorCode::not_allowed);
    const auto after = piv_card::load(card().state());
    EXPECT_FALSE(after.keys.contains(0x9a));
    EXPECT_EQ(after.objects.at(piv::object::card_holder_unique_identifier), identifier);
}

TEST_F(NamelessCards, TakeAnIdentifierWithAGuidAndNoOther) {
    insert_nameless_card();
    const auto identifier = [](const Bytes& guid) {
        return piv::card_holder_unique_identifier_for(guid, piv::default_expiration_date);
    };
    const auto put = [this](const Bytes& content) {
        return administration().put_object(m_token, m_management_key, "5fc102", content);
    };
    EXPECT_EQ(code_of(put(identifier(Bytes(16, 0)))), ErrorCode::not_allowed);
    EXPECT_FALSE(piv_card::load(card().state()).objects.contains(identifier_object));
    auto state = blank();
    piv_card::put_chuid(state, Bytes(16, 0));
    change_card(state);
    EXPECT_EQ(code_of(put({})), ErrorCode::not_allowed);
    ASSERT_TRUE(put(identifier(Bytes(16, 0x22))));
    EXPECT_EQ(token().id, "piv:guid:22222222222222222222222222222222");
    generated("9a", KeyAlgorithm::p256);
    EXPECT_EQ(code_of(put({})), ErrorCode::not_allowed) << "a person would lose track of the key";
    EXPECT_THAT(token().keys, SizeIs(1));
}

TEST_F(NamelessCards, GetAGuidByPersonalizationUnlessTheirIdentifierIsSigned) {
    auto state = blank();
    piv_card::put_chuid(state, Bytes(16, 0));
    insert(state, {"yubico=off"});
    start_driver();
    EXPECT_EQ(token().id, piv::nameless_card);
    ASSERT_TRUE(administration().personalize(m_token, m_management_key));
    EXPECT_TRUE(token().id.starts_with("piv:guid:")) << m_token;
    const Bytes repaired = piv_card::load(card().state()).objects.at(identifier_object);
    EXPECT_EQ(piv::card_holder_unique_identifier_of(repaired)->fascn, Bytes(25, 0)) << "as it was";
    generated("9a", KeyAlgorithm::p256);

    // 3E 00 FE 00 at its end.
    Bytes& identifier = state.objects.at(identifier_object);
    identifier.at(identifier.size() - 3) = 2;
    identifier.insert(identifier.end() - 2, {0x30, 0x00});
    change_card(state);
    EXPECT_EQ(code_of(administration().personalize(m_token, m_management_key)), ErrorCode::not_allowed);
    EXPECT_EQ(piv_card::load(card().state()).objects, state.objects);
}

TEST_F(NamelessCards, CanBeDerivedOnes) {
    insert_nameless_card({"application=derived"});
    const auto placed = generated("9a", KeyAlgorithm::p256);
    EXPECT_TRUE(token().id.starts_with("piv:derived:")) << token().id;
    ASSERT_THAT(token().keys, SizeIs(1));
    login();
    store(placed);
    EXPECT_EQ(token().certificates.size(), 1U);
}

}  // namespace
}  // namespace signet::test
