// Acts of administrators before the emulated card, and what becomes of them when it is pulled.
#include "piv/administrator.h"

#include "piv/management_key.h"
#include "piv/object_writing.h"
#include "tests/piv-card/bare_card.h"
#include "tests/support/card_transmitter.h"
#include "tests/support/certificates.h"
#include "tests/support/private_keys.h"
#include "tests/support/results.h"
#include "tests/support/temporary_directory.h"
#include "x509/certificate.h"

#include <gtest/gtest.h>

#include <functional>

namespace signet::test {
namespace {

using piv_card::BareCard;
using piv_card::usual_management_key;
using piv_card::Version;
using piv_card::without_metadata;

constexpr Version with_metadata{5, 4, 3};
constexpr Version with_moving_keys{5, 7, 1};
constexpr piv::KeyReference second_retired_key{0x83};

Secret usual_pin() {
    return Secret::copy_of(as_bytes("123456")).value();
}

TestAuthority& authority() {
    static TestAuthority shared;
    return shared;
}

// For a public key of which only its SubjectPublicKeyInfo is known.
Bytes certificate_for(ByteView public_key_info) {
    const unsigned char* position = public_key_info.data();
    const x509::KeyPointer key(d2i_PUBKEY(nullptr, &position, static_cast<long>(public_key_info.size())));
    return authority().issue(key.get(), "holder", "holder@example.test").der();
}
Bytes certificate_for(const std::string& kind) {
    return certificate_for(public_key_info(shared_key(kind).get()));
}

using Act = std::function<Result<void>(piv::Administrator&)>;

// A card and the computer at which it is administered. Each act is a transaction of its own.
class Office {
  public:
    explicit Office(Version firmware = with_metadata, const std::vector<std::string>& settings = {})
        : m_card(settings, firmware), m_transmitter(m_card.card()) {}

    // Whatever came in between, the card is selected and the journal read anew.
    Result<void> act(const Act& act, bool with_pin = false) {
        m_transmitter.insert();
        auto journal = piv::AdministrationJournal::open(m_directory.path(), "card");
        EXPECT_TRUE(journal) << journal.error().detail;
        const piv::Card card{m_transmitter, piv::LengthForm::short_form};
        SIGNET_CHECK(piv::select(card, piv::Application::piv));
        const piv::AdministeredCard administered{
            .card = card,
            .contents = m_contents,
            .announced_algorithms = {},
            .verify_pin =
                with_pin ? [card] { return piv::verify(card, piv::PinReference::application, usual_pin()); }
                         : piv::VerifyPin()};
        piv::Administrator administrator(administered, *journal);
        SIGNET_CHECK(administrator.authenticate(usual_management_key()));
        return act(administrator);
    }
    void succeed(const Act& wanted, bool with_pin = false) {
        const auto done = act(wanted, with_pin);
        ASSERT_TRUE(done) << done.error().operation << ": " << done.error().detail;
    }
    // How many commands it is from the selection on.
    std::size_t length_of(const Act& wanted) {
        m_transmitter.take_count();
        succeed(wanted, true);
        return m_transmitter.take_count();
    }
    void fault(const std::string& text) { m_card.card().faults().add(piv_card::parse_fault(text).value()); }
    void clear_faults() { m_card.card().faults().clear(); }

    [[nodiscard]] piv_card::CardState& state() { return m_card.state(); }
    [[nodiscard]] Bytes key_in(std::uint8_t slot) {
        const auto found = state().keys.find(slot);
        return found == state().keys.end() ? Bytes() : public_key_info(found->second.key.get());
    }
    [[nodiscard]] Bytes certificate_in(piv::KeyReference slot) {
        const auto found = state().objects.find(*piv::certificate_object(slot));
        return found == state().objects.end() ? Bytes()
                                              : piv::certificate_of(found->second).value_or(Bytes());
    }
    [[nodiscard]] int certificates_in_history() {
        const auto found = state().objects.find(piv::object::key_history);
        return found == state().objects.end() ? -1 : piv::key_history_of(found->second)->on_card;
    }
    void put_key(std::uint8_t slot, const std::string& kind) {
        succeed([&](piv::Administrator& administrator) -> Result<void> {
            SIGNET_CHECK(administrator.import_key(
                private_key_info(shared_key(kind).get()),
                {.slot = piv::text_of(piv::KeyReference{slot}), .pin_policy = {}, .touch_policy = {}}));
            return {};
        });
    }
    void put_certificate(std::uint8_t slot, ByteView der) {
        succeed(
            [&](piv::Administrator& administrator) {
                return administrator.store_certificate(piv::KeyReference{slot}, der, false);
            },
            true);
    }

  private:
    TemporaryDirectory m_directory;
    const piv::CardContents m_contents{.token_id = "card", .serial = 12345678};
    BareCard m_card;
    CardTransmitter m_transmitter;
};

token::KeyPlacement placement(const std::string& slot, bool overwrite = false) {
    return {.slot = slot, .pin_policy = {}, .touch_policy = {}, .label = {}, .overwrite = overwrite};
}

Act generation(const std::string& slot, KeyAlgorithm algorithm, bool overwrite = false,
               token::PlacedKey* out = nullptr) {
    return [=](piv::Administrator& administrator) -> Result<void> {
        SIGNET_TRY(auto placed, administrator.generate_key(algorithm, placement(slot, overwrite)));
        if (out != nullptr) {
            *out = std::move(placed);
        }
        return {};
    };
}
Act import(const std::string& slot, const std::string& kind, bool overwrite = false,
           token::PlacedKey* out = nullptr) {
    return [=](piv::Administrator& administrator) -> Result<void> {
        SIGNET_TRY(auto placed, administrator.import_key(private_key_info(shared_key(kind).get()),
                                                         placement(slot, overwrite)));
        if (out != nullptr) {
            *out = std::move(placed);
        }
        return {};
    };
}
Act storing(piv::KeyReference slot, Bytes der, bool overwrite = false) {
    return [=](piv::Administrator& administrator) {
        return administrator.store_certificate(slot, der, overwrite);
    };
}

class OnCards : public testing::TestWithParam<Version> {};

TEST_P(OnCards, AGeneratedKeyTakesItsCertificateAndNoOther) {
    Office office(GetParam());
    token::PlacedKey placed;
    office.succeed(generation("9c", KeyAlgorithm::p256, false, &placed));
    EXPECT_EQ(placed.slot, "9c");
    EXPECT_EQ(placed.public_key_info, office.key_in(0x9C));
    EXPECT_EQ(code_of(office.act(storing(piv::signature_key, certificate_for("P-256")))),
              ErrorCode::not_allowed);
    EXPECT_TRUE(office.certificate_in(piv::signature_key).empty());
    const Bytes der = certificate_for(placed.public_key_info);
    office.succeed(storing(piv::signature_key, der));
    EXPECT_EQ(office.certificate_in(piv::signature_key), der);
}

TEST_P(OnCards, NothingIsOverwrittenUnasked) {
    Office office(GetParam());
    office.succeed(generation("9a", KeyAlgorithm::p256));
    const Bytes key = office.key_in(0x9A);
    EXPECT_EQ(code_of(office.act(generation("9a", KeyAlgorithm::p256))), ErrorCode::not_allowed);
    EXPECT_EQ(code_of(office.act(import("9a", "P-384"))), ErrorCode::not_allowed);
    EXPECT_EQ(office.key_in(0x9A), key);
    const Bytes der = certificate_for(key);
    office.succeed(storing(piv::authentication_key, der));
    EXPECT_EQ(code_of(office.act(storing(piv::authentication_key, certificate_for(key)))),
              ErrorCode::not_allowed);
    EXPECT_EQ(office.certificate_in(piv::authentication_key), der);
    office.succeed(storing(piv::authentication_key, der));

    token::PlacedKey placed;
    office.succeed(generation("9a", KeyAlgorithm::p384, true, &placed));
    EXPECT_EQ(office.key_in(0x9A), placed.public_key_info);
    EXPECT_TRUE(office.certificate_in(piv::authentication_key).empty()) << "of the key that is gone";
}

TEST_P(OnCards, AKeyThatOthersMadeIsSeenWithoutCertificate) {
    Office office(GetParam());
    for (const auto algorithm :
         {piv_card::KeyAlgorithm::rsa_2048, piv_card::KeyAlgorithm::p256, piv_card::KeyAlgorithm::p384}) {
        piv_card::put_key(office.state(), 0x9D, algorithm, piv_card::KeyOrigin::imported);
        const Bytes key = office.key_in(0x9D);
        EXPECT_EQ(code_of(office.act(generation("9d", KeyAlgorithm::p256))), ErrorCode::not_allowed);
        EXPECT_EQ(office.key_in(0x9D), key);
    }
}

TEST_P(OnCards, EscrowedKeysGoIntoTheNextFreeRetiredSlots) {
    Office office(GetParam());
    token::PlacedKey placed;
    for (const auto& [kind, slot] : {std::pair("P-256", "82"), {"P-384", "83"}, {"rsa:2048", "84"}}) {
        office.succeed(import("", kind, false, &placed));
        EXPECT_EQ(placed.slot, slot);
        EXPECT_EQ(placed.public_key_info, public_key_info(shared_key(kind).get()));
        office.succeed(
            storing(*piv::key_reference_from_text(placed.slot), certificate_for(std::string(kind))), true);
    }
    EXPECT_EQ(office.certificates_in_history(), 3);
    const auto delete_certificate = [&office](piv::KeyReference slot) {
        office.succeed(
            [slot](piv::Administrator& administrator) { return administrator.delete_certificate(slot); });
    };
    delete_certificate(second_retired_key);
    EXPECT_EQ(office.certificates_in_history(), 3) << "the third one is still to be found";
    delete_certificate(piv::KeyReference{0x84});
    EXPECT_EQ(office.certificates_in_history(), 1);
    EXPECT_EQ(code_of(office.act([](piv::Administrator& administrator) {
                  return administrator.delete_certificate(second_retired_key);
              })),
              ErrorCode::key_not_found);
    // The key is still there and known to be.
    office.succeed(storing(second_retired_key, certificate_for("P-384")), true);
    EXPECT_EQ(office.certificates_in_history(), 2);
}

TEST_P(OnCards, AnImportedKeyOfOthersHasToShowThatTheCertificateIsItsOwn) {
    Office office(GetParam());
    piv_card::put_key(office.state(), 0x9A, piv_card::KeyAlgorithm::p256, piv_card::KeyOrigin::imported);
    const Bytes der = certificate_for(office.key_in(0x9A));
    const bool told = GetParam() >= with_metadata;
    if (!told) {
        EXPECT_EQ(code_of(office.act(storing(piv::authentication_key, der))), ErrorCode::pin_required);
    }
    EXPECT_EQ(code_of(office.act(storing(piv::authentication_key, certificate_for("P-256")), true)),
              ErrorCode::not_allowed);
    office.succeed(storing(piv::authentication_key, der), true);
    EXPECT_EQ(office.certificate_in(piv::authentication_key), der);
}

TEST_P(OnCards, AKeyThatComesAgainIsLeftWhereItIs) {
    Office office(GetParam());
    token::PlacedKey placed;
    office.succeed(import("", "P-256", false, &placed));
    EXPECT_FALSE(placed.was_there);
    const Bytes der = certificate_for("P-256");
    for (const bool certified : {false, true}) {
        if (GetParam() < with_metadata) {
            EXPECT_EQ(code_of(office.act(import("", "P-256"))), ErrorCode::pin_required);
        }
        office.succeed(import("", "P-256", false, &placed), true);
        EXPECT_EQ(placed.slot, "82") << certified;
        EXPECT_TRUE(placed.was_there) << certified;
        office.succeed(storing(piv::first_retired_key, der), true);
    }
}

TEST_P(OnCards, AKeyThatIsNotWithItsCertificateIsPutThere) {
    Office office(GetParam());
    office.put_key(0x82, "P-256");
    office.put_certificate(0x82, certificate_for("P-256"));
    office.state().keys.erase(0x82);
    token::PlacedKey placed;
    office.succeed(import("", "P-256", false, &placed));
    EXPECT_EQ(placed.slot, "82");
    EXPECT_FALSE(placed.was_there);
    EXPECT_EQ(office.key_in(0x82), placed.public_key_info);
}

TEST_P(OnCards, AKeyWhosePlaceAnotherHasTakenGetsANewOne) {
    for (const bool certified : {false, true}) {
        SCOPED_TRACE(certified);
        Office office(GetParam());
        office.put_key(0x82, "P-256");
        if (certified) {
            office.put_certificate(0x82, certificate_for("P-256"));
        }
        piv_card::put_key(office.state(), 0x82, piv_card::KeyAlgorithm::p256, piv_card::KeyOrigin::imported);
        const Bytes other = office.key_in(0x82);
        token::PlacedKey placed;
        office.succeed(import("", "P-256", false, &placed), true);
        EXPECT_EQ(placed.slot, "83");
        EXPECT_FALSE(placed.was_there);
        EXPECT_EQ(office.key_in(0x82), other);
    }
}

TEST_P(OnCards, WhatIsRememberedOfAKeyDoesNotOutliveIt) {
    for (const char* kind : {"P-256", "rsa:2048"}) {
        Office office(GetParam());
        office.succeed(import("9d", kind));
        office.state().keys.erase(0x9D);
        EXPECT_EQ(
            code_of(office.act(storing(piv::key_management_key, certificate_for(std::string(kind))), true)),
            ErrorCode::key_not_found);
        office.succeed(generation("9d", KeyAlgorithm::p256));
    }
}

TEST_P(OnCards, ADamagedAnswerMakesNoKeyForgotten) {
    Office office(GetParam());
    office.succeed(import("9d", "P-256"));
    const Bytes key = office.key_in(0x9D);
    constexpr std::size_t longer_than_any_look = 20;
    for (std::size_t position = 1; position < longer_than_any_look; ++position) {
        SCOPED_TRACE(position);
        office.fault("flip@" + std::to_string(position));
        EXPECT_FALSE(office.act(generation("9d", KeyAlgorithm::p256)));
        office.clear_faults();
        EXPECT_EQ(office.key_in(0x9D), key);
    }
    office.succeed(storing(piv::key_management_key, certificate_for(key)), true);
}

TEST_P(OnCards, WhatIsRememberedOfAKeyIsNoProofOfIt) {
    Office office(GetParam());
    office.succeed(import("9d", "P-256"));
    piv_card::put_key(office.state(), 0x9D, piv_card::KeyAlgorithm::p256, piv_card::KeyOrigin::imported);
    EXPECT_FALSE(office.act(storing(piv::key_management_key, certificate_for("P-256"))));
    EXPECT_EQ(code_of(office.act(storing(piv::key_management_key, certificate_for("P-256")), true)),
              ErrorCode::not_allowed);
    EXPECT_TRUE(office.certificate_in(piv::key_management_key).empty());
}

TEST_P(OnCards, PersonalizingWritesWhatIsMissingAndNothingElse) {
    Office office(GetParam());
    const Act personalize = [](piv::Administrator& administrator) { return administrator.personalize(); };
    office.succeed(personalize);
    const auto objects = office.state().objects;
    const auto chuid =
        piv::card_holder_unique_identifier_of(objects.at(piv::object::card_holder_unique_identifier));
    ASSERT_TRUE(chuid);
    EXPECT_NE(chuid->guid, Bytes(16, 0));
    EXPECT_TRUE(objects.contains(piv::object::card_capability_container));
    EXPECT_EQ(office.certificates_in_history(), 0);
    // Written as a whole: nobody comes back to one that is there.
    office.put_key(0x84, "P-256");
    office.put_certificate(0x84, certificate_for("P-256"));
    office.state().objects.erase(piv::object::key_history);
    office.fault("pull-after@1/db");
    EXPECT_FALSE(office.act(personalize));
    office.clear_faults();
    EXPECT_EQ(office.certificates_in_history(), 3);
}

TEST_P(OnCards, PersonalizingTwiceChangesNothing) {
    Office office(GetParam());
    const Act personalize = [](piv::Administrator& administrator) { return administrator.personalize(); };
    office.succeed(personalize);
    const auto objects = office.state().objects;
    office.succeed(personalize);
    EXPECT_EQ(office.state().objects, objects);
}

TEST_P(OnCards, ObjectsAreWrittenButNoCertificates) {
    Office office(GetParam());
    const auto put = [&office](std::uint32_t object, Bytes content) {
        return office.act(
            [=](piv::Administrator& administrator) { return administrator.put_object(object, content); });
    };
    EXPECT_TRUE(put(piv::object::security, Bytes(1000, 7)));
    EXPECT_EQ(office.state().objects.at(piv::object::security), Bytes(1000, 7));
    EXPECT_EQ(code_of(put(*piv::certificate_object(piv::signature_key), Bytes{1})), ErrorCode::not_allowed);
    const Bytes made_by_the_maker = office.state().objects.at(piv::object::attestation_certificate);
    EXPECT_EQ(code_of(put(piv::object::attestation_certificate, {})), ErrorCode::not_allowed);
    EXPECT_EQ(office.state().objects.at(piv::object::attestation_certificate), made_by_the_maker);
    EXPECT_EQ(code_of(put(piv::object::security, Bytes(4000, 8))), ErrorCode::too_large);
    EXPECT_EQ(office.state().objects.at(piv::object::security), Bytes(1000, 7));
    EXPECT_TRUE(put(piv::object::security, {}));
    EXPECT_FALSE(office.state().objects.contains(piv::object::security));
}

INSTANTIATE_TEST_SUITE_P(Cards, OnCards, testing::Values(without_metadata, with_metadata, with_moving_keys),
                         [](const auto& parameters) {
                             return parameters.param == without_metadata ? "WithoutMetadata"
                                    : parameters.param == with_metadata  ? "WithMetadata"
                                                                         : "ThatMoveKeys";
                         });

TEST(Administrator, MovesKeysWithTheirCertificates) {
    Office office(with_moving_keys);
    office.put_key(0x9D, "P-256");
    const Bytes der = certificate_for("P-256");
    office.put_certificate(0x9D, der);
    office.succeed([](piv::Administrator& administrator) {
        return administrator.move_key(piv::key_management_key, piv::first_retired_key);
    });
    EXPECT_TRUE(office.key_in(0x9D).empty());
    EXPECT_TRUE(office.certificate_in(piv::key_management_key).empty());
    EXPECT_EQ(office.certificate_in(piv::first_retired_key), der);
    EXPECT_EQ(office.certificates_in_history(), 1);
    office.put_key(0x9D, "P-384");
    EXPECT_EQ(code_of(office.act([](piv::Administrator& administrator) {
                  return administrator.move_key(piv::key_management_key, piv::first_retired_key);
              })),
              ErrorCode::not_allowed);
    office.succeed(
        [](piv::Administrator& administrator) { return administrator.delete_key(piv::first_retired_key); });
    EXPECT_TRUE(office.key_in(0x82).empty());
    EXPECT_TRUE(office.certificate_in(piv::first_retired_key).empty());
    EXPECT_EQ(office.certificates_in_history(), 0);
}

TEST(Administrator, DeletesNothingOnACardThatCannotDeleteTheKey) {
    Office office;
    office.put_key(0x9D, "P-256");
    office.put_certificate(0x9D, certificate_for("P-256"));
    EXPECT_EQ(code_of(office.act([](piv::Administrator& administrator) {
                  return administrator.delete_key(piv::key_management_key);
              })),
              ErrorCode::unsupported);
    EXPECT_FALSE(office.certificate_in(piv::key_management_key).empty());
}

TEST(Administrator, MakesNoRsaKeysWithFirmwareWhoseKeysAreWeak) {
    Office office(Version{4, 3, 4});
    EXPECT_EQ(code_of(office.act(generation("9a", KeyAlgorithm::rsa2048))), ErrorCode::unsupported);
    EXPECT_TRUE(office.key_in(0x9A).empty());
    office.succeed(generation("9a", KeyAlgorithm::p256));
}

TEST(Administrator, AsksForeignCardsForNothingThatOnlyYubicoHas) {
    Office office(with_metadata, {"yubico=off"});
    EXPECT_EQ(code_of(office.act(generation("82", KeyAlgorithm::p256))), ErrorCode::unsupported);
    EXPECT_EQ(code_of(office.act([](piv::Administrator& administrator) -> Result<void> {
                  auto wanted = placement("9a");
                  wanted.touch_policy = KeyTouchPolicy::always;
                  SIGNET_CHECK(administrator.generate_key(KeyAlgorithm::p256, wanted));
                  return {};
              })),
              ErrorCode::unsupported);
    token::PlacedKey placed;
    office.succeed(generation("9a", KeyAlgorithm::p256, false, &placed));
    office.succeed(storing(piv::authentication_key, certificate_for(placed.public_key_info)), true);
}

TEST(Administrator, RefusesAWrongManagementKeyBeforeAnyChange) {
    Office office;
    office.state().management_key.value = Bytes(24, 0x55);
    EXPECT_EQ(code_of(office.act(generation("9a", KeyAlgorithm::p256))), ErrorCode::not_allowed);
    EXPECT_TRUE(office.key_in(0x9A).empty());
}

TEST(Administrator, ResetsOnlyWhatIsBlocked) {
    Office office(without_metadata);
    office.succeed(generation("9a", KeyAlgorithm::p256));
    const Act reset = [](piv::Administrator& administrator) { return administrator.reset(); };
    EXPECT_EQ(code_of(office.act(reset)), ErrorCode::not_allowed);
    office.state().pin.tries_left = 0;
    EXPECT_EQ(code_of(office.act(reset)), ErrorCode::not_allowed);
    EXPECT_EQ(code_of(office.act(generation("9a", KeyAlgorithm::p256))), ErrorCode::not_allowed)
        << "the key is still known";
    office.state().puk.tries_left = 0;
    office.succeed(reset);
    office.succeed(generation("9a", KeyAlgorithm::p256));
}

TEST(Administrator, BringsAKeyBackToItsCertificate) {
    Office office;
    office.put_key(0x9D, "P-256");
    const Bytes der = certificate_for("P-256");
    office.put_certificate(0x9D, der);
    office.state().keys.erase(0x9D);
    EXPECT_EQ(code_of(office.act(import("9d", "P-384"))), ErrorCode::not_allowed);
    office.succeed(import("9d", "P-256"));
    EXPECT_EQ(office.certificate_in(piv::key_management_key), der);
}

// What a card holds before the act that is interrupted, as it must still be afterwards.
struct Interruption {
    std::string name;
    Version firmware;
    std::function<void(Office&)> prepare;
    Act act;
    // Whatever became of the act: what existed and was not to be changed.
    std::function<void(Office&)> check_nothing_lost;
    // The act once more, and what it leaves.
    std::function<void(Office&)> check_complete;
};

void expect_key_with_certificate(Office& office, std::uint8_t slot, const std::string& kind) {
    EXPECT_EQ(office.key_in(slot), public_key_info(shared_key(kind).get()));
    const auto certificate = x509::Certificate::from_der(office.certificate_in(piv::KeyReference{slot}));
    ASSERT_TRUE(certificate);
    EXPECT_EQ(certificate->public_key_info(), office.key_in(slot));
}

void prepare_neighbour(Office& office) {
    office.put_key(0x82, "P-256");
    office.put_certificate(0x82, certificate_for("P-256"));
}
void expect_neighbour(Office& office) {
    expect_key_with_certificate(office, 0x82, "P-256");
    EXPECT_GE(office.certificates_in_history(), 1);
}

std::vector<Interruption> interruptions(Version firmware, const std::string& name) {
    return {
        {name + ", generation", firmware, prepare_neighbour, generation("9a", KeyAlgorithm::p256),
         expect_neighbour,
         [](Office& office) {
             token::PlacedKey placed;
             office.succeed(generation("9a", KeyAlgorithm::p256, false, &placed));
             EXPECT_EQ(office.key_in(0x9A), placed.public_key_info);
             office.succeed(storing(piv::authentication_key, certificate_for(placed.public_key_info)));
         }},
        {name + ", import", firmware, prepare_neighbour, import("", "P-384"), expect_neighbour,
         [](Office& office) {
             token::PlacedKey placed;
             office.succeed(import("", "P-384", false, &placed));
             EXPECT_EQ(placed.slot, "83");
             office.succeed(storing(second_retired_key, certificate_for("P-384")), true);
             EXPECT_EQ(office.certificates_in_history(), 2);
         }},
        {name + ", first certificate", firmware,
         [](Office& office) {
             prepare_neighbour(office);
             office.put_key(0x83, "P-384");
         },
         storing(second_retired_key, certificate_for("P-384")),
         [](Office& office) {
             expect_neighbour(office);
             EXPECT_EQ(office.key_in(0x83), public_key_info(shared_key("P-384").get()));
         },
         [](Office& office) {
             office.succeed(storing(second_retired_key, certificate_for("P-384"), true), true);
             EXPECT_EQ(office.certificates_in_history(), 2);
         }},
        {name + ", renewed certificate", firmware, prepare_neighbour,
         storing(piv::first_retired_key, certificate_for("P-256"), true), expect_neighbour,
         [](Office& office) {
             const Bytes der = certificate_for("P-256");
             office.succeed(storing(piv::first_retired_key, der, true));
             EXPECT_EQ(office.certificate_in(piv::first_retired_key), der);
         }},
    };
}

void interrupt(const Interruption& interruption, const std::string& fault, std::size_t position) {
    SCOPED_TRACE(interruption.name + ", " + fault + "@" + std::to_string(position));
    Office office(interruption.firmware);
    interruption.prepare(office);
    office.fault(fault + "@" + std::to_string(position));
    const auto done = office.act(interruption.act, true);
    office.clear_faults();
    interruption.check_nothing_lost(office);
    // The journal brings the card to an end of the act, with any next one.
    office.succeed([](piv::Administrator& /*administrator*/) { return Result<void>(); });
    interruption.check_nothing_lost(office);
    if (!done) {
        interruption.check_complete(office);
        interruption.check_nothing_lost(office);
    }
}

class Interrupted : public testing::TestWithParam<Interruption> {};

TEST_P(Interrupted, LosesNothingAtAnyCommand) {
    std::size_t length = 0;
    {
        Office office(GetParam().firmware);
        GetParam().prepare(office);
        length = office.length_of(GetParam().act);
    }
    ASSERT_GT(length, 3U);
    for (std::size_t position = 1; position <= length; ++position) {
        for (const char* fault : {"pull-before", "pull-during", "flip"}) {
            interrupt(GetParam(), fault, position);
        }
    }
}

std::vector<Interruption> all_interruptions() {
    std::vector<Interruption> all;
    for (const auto& [firmware, name] :
         {std::pair(without_metadata, "without metadata"), {with_moving_keys, "with metadata"}}) {
        for (auto& each : interruptions(firmware, name)) {
            all.push_back(std::move(each));
        }
    }
    all.push_back({"moving", with_moving_keys,
                   [](Office& office) {
                       prepare_neighbour(office);
                       office.put_key(0x9D, "P-384");
                       office.put_certificate(0x9D, certificate_for("P-384"));
                   },
                   [](piv::Administrator& administrator) {
                       return administrator.move_key(piv::key_management_key, second_retired_key);
                   },
                   [](Office& office) {
                       expect_neighbour(office);
                       const Bytes key = public_key_info(shared_key("P-384").get());
                       EXPECT_TRUE(office.key_in(0x9D) == key || office.key_in(0x83) == key);
                       EXPECT_TRUE(!office.certificate_in(piv::key_management_key).empty() ||
                                   !office.certificate_in(second_retired_key).empty());
                   },
                   [](Office& office) {
                       if (office.key_in(0x83).empty()) {
                           office.succeed([](piv::Administrator& administrator) {
                               return administrator.move_key(piv::key_management_key, second_retired_key);
                           });
                       }
                       expect_key_with_certificate(office, 0x83, "P-384");
                       EXPECT_TRUE(office.certificate_in(piv::key_management_key).empty());
                       EXPECT_EQ(office.certificates_in_history(), 2);
                   }});
    all.push_back(
        {"deletion", with_moving_keys,
         [](Office& office) {
             prepare_neighbour(office);
             office.put_key(0x83, "P-384");
             office.put_certificate(0x83, certificate_for("P-384"));
         },
         [](piv::Administrator& administrator) { return administrator.delete_key(second_retired_key); },
         expect_neighbour,
         [](Office& office) {
             if (!office.key_in(0x83).empty()) {
                 office.succeed([](piv::Administrator& administrator) {
                     return administrator.delete_key(second_retired_key);
                 });
             }
             EXPECT_TRUE(office.certificate_in(second_retired_key).empty());
             EXPECT_EQ(office.certificates_in_history(), 1);
         }});
    all.push_back({"reset", without_metadata,
                   [](Office& office) {
                       office.succeed(generation("9a", KeyAlgorithm::p256));
                       office.state().pin.tries_left = 0;
                       office.state().puk.tries_left = 0;
                   },
                   [](piv::Administrator& administrator) { return administrator.reset(); },
                   [](Office& office) {
                       const bool blocked = office.state().pin.tries_left == 0;
                       EXPECT_TRUE(!blocked || !office.key_in(0x9A).empty());
                   },
                   [](Office& office) {
                       const bool empty = office.key_in(0x9A).empty();
                       const auto made = office.act(generation("9a", KeyAlgorithm::p256));
                       EXPECT_EQ(made.has_value(), empty) << "what is known of the card is true";
                   }});
    return all;
}

INSTANTIATE_TEST_SUITE_P(Acts, Interrupted, testing::ValuesIn(all_interruptions()),
                         [](const auto& parameters) {
                             std::string name = parameters.param.name;
                             std::erase_if(name, [](char c) {
                                 return std::isalnum(static_cast<unsigned char>(c)) == 0;
                             });
                             return name;
                         });

}  // namespace
}  // namespace signet::test
