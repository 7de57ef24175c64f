// The commands of administrators before the emulated card.
#include "piv/administration_commands.h"

#include "piv/key_algorithm.h"
#include "piv/key_commands.h"
#include "piv/management_key.h"
#include "piv/object_writing.h"
#include "piv/slot_state.h"
#include "piv/vendor.h"
#include "tests/piv-card/bare_card.h"
#include "tests/support/card_transmitter.h"
#include "tests/support/certificates.h"
#include "tests/support/octets.h"
#include "tests/support/private_keys.h"
#include "tests/support/results.h"
#include "token/block_cipher.h"

#include <gtest/gtest.h>

namespace signet::test {
namespace {

using piv_card::BareCard;
using piv_card::usual_management_key;
using piv_card::Version;
using piv_card::without_metadata;

constexpr Version firmware_5_4{5, 4, 3};
constexpr Version firmware_5_7{5, 7, 1};

Result<piv::Metadata> metadata(const piv::Card& card, std::uint8_t reference) {
    SIGNET_TRY(const Bytes answer, piv::get_metadata(card, reference));
    return piv::metadata_of(answer);
}
Result<piv::Metadata> metadata(const piv::Card& card, piv::KeyReference key) {
    return metadata(card, static_cast<std::uint8_t>(key));
}
Bytes told_key(const piv::Metadata& metadata) {
    return piv::public_key_of(static_cast<piv::Algorithm>(metadata.algorithm), metadata.public_key)
        ->public_key_info;
}
constexpr std::uint8_t pin_reference = 0x80;
constexpr std::uint8_t unblocking_reference = 0x81;

// A card that was selected, and its commands.
class Administered {
  public:
    explicit Administered(Version firmware = firmware_5_4, const std::vector<std::string>& settings = {})
        : m_card(settings, firmware), m_transmitter(m_card.card()) {
        EXPECT_TRUE(piv::select(card(), piv::Application::piv));
    }
    [[nodiscard]] piv::Card card() { return {m_transmitter, piv::LengthForm::short_form}; }
    [[nodiscard]] piv_card::CardState& state() { return m_card.state(); }
    [[nodiscard]] piv_card::Card& emulated() { return m_card.card(); }
    [[nodiscard]] CardTransmitter& transmitter() { return m_transmitter; }

    void authenticate() {
        const auto algorithm = piv::find_management_algorithm(card(), {}, usual_management_key());
        ASSERT_TRUE(algorithm) << algorithm.error().detail;
        const auto done = piv::authenticate_administrator(card(), *algorithm, usual_management_key());
        ASSERT_TRUE(done) << done.error().detail;
    }
    void fault(std::string_view text) { emulated().faults().add(piv_card::parse_fault(text).value()); }

  private:
    BareCard m_card;
    CardTransmitter m_transmitter;
};

TEST(ManagementKey, OfEachKindAuthenticates) {
    for (const auto algorithm : {ManagementAlgorithm::tdes, ManagementAlgorithm::aes128,
                                 ManagementAlgorithm::aes192, ManagementAlgorithm::aes256}) {
        SCOPED_TRACE(name_of(algorithm));
        Administered administered;
        administered.authenticate();
        const Secret key = Secret::copy_of(token::random_octets(token::key_size(algorithm)).value()).value();
        ASSERT_TRUE(piv::set_management_key(administered.card(), algorithm, key, false));
        administered.emulated().power("reset");
        ASSERT_TRUE(piv::select(administered.card(), piv::Application::piv));
        EXPECT_EQ(metadata(administered.card(), piv::management_key)->algorithm,
                  static_cast<std::uint8_t>(piv::algorithm_of(algorithm)));
        EXPECT_EQ(piv::find_management_algorithm(administered.card(), {}, key).value(), algorithm);
        EXPECT_TRUE(piv::authenticate_administrator(administered.card(), algorithm, key));
    }
}

TEST(ManagementKey, ThatIsWrongIsNotAllowedAndChangesNothing) {
    Administered administered;
    const Secret wrong = Secret::copy_of(octets("FF0203040506070801020304050607080102030405060708")).value();
    EXPECT_EQ(code_of(piv::authenticate_administrator(administered.card(), ManagementAlgorithm::tdes, wrong)),
              ErrorCode::not_allowed);
    EXPECT_EQ(code_of(piv::put_data(administered.card(), 0x5FC102, Bytes{1})), ErrorCode::not_allowed);
    EXPECT_TRUE(administered.state().objects.find(0x5FC102) == administered.state().objects.end());
}

TEST(ManagementKey, OfAnotherLengthIsNotSent) {
    Administered administered;
    administered.transmitter().take_count();
    EXPECT_EQ(code_of(piv::authenticate_administrator(administered.card(), ManagementAlgorithm::aes256,
                                                      usual_management_key())),
              ErrorCode::invalid_parameter);
    EXPECT_EQ(administered.transmitter().take_count(), 0U);
}

TEST(ManagementKey, IsProvenByTheCardToo) {
    Administered administered;
    // One bit of the card's proof, which is the last answer.
    administered.fault("flip@2/87:40");
    EXPECT_FALSE(piv::authenticate_administrator(administered.card(), ManagementAlgorithm::tdes,
                                                 usual_management_key()));
}

TEST(ManagementKey, IsFoundByWhatTheCardSaysAndNotByItsLength) {
    Administered newer(firmware_5_7);
    EXPECT_EQ(piv::find_management_algorithm(newer.card(), {}, usual_management_key()).value(),
              ManagementAlgorithm::aes192);
    Administered older(without_metadata);
    older.transmitter().take_count();
    EXPECT_EQ(piv::find_management_algorithm(older.card(), {}, usual_management_key()).value(),
              ManagementAlgorithm::tdes);
    EXPECT_EQ(older.transmitter().take_count(), 2U) << "metadata and version, no attempt";
}

TEST(ManagementKey, OfAForeignCardIsFoundWithoutAnAttempt) {
    Administered administered(without_metadata, {"yubico=off"});
    administered.state().management_key = {.algorithm = piv_card::CipherAlgorithm::aes_192,
                                           .value = Bytes(24, 0x42)};
    const Secret key = Secret::copy_of(Bytes(24, 0x42)).value();
    const Bytes announced{0x07, 0x11, 0x03, 0x0a};
    EXPECT_EQ(piv::find_management_algorithm(administered.card(), announced, key).value(),
              ManagementAlgorithm::aes192);
    EXPECT_TRUE(piv::authenticate_administrator(administered.card(), ManagementAlgorithm::aes192, key));
    EXPECT_EQ(piv::find_management_algorithm(administered.card(), Bytes{0x03}, key).value(),
              ManagementAlgorithm::aes192)
        << "not every card announces all that it has";
    EXPECT_EQ(code_of(piv::find_management_algorithm(administered.card(), announced,
                                                     Secret::copy_of(Bytes(16, 0x42)).value())),
              ErrorCode::unsupported);
    EXPECT_EQ(code_of(piv::find_management_algorithm(administered.card(), announced, secret("short"))),
              ErrorCode::invalid_parameter);
}

TEST(ManagementKey, OfThreeEqualPartsIsNoNewKey) {
    Administered administered;
    administered.authenticate();
    EXPECT_EQ(code_of(piv::set_management_key(administered.card(), ManagementAlgorithm::tdes,
                                              usual_management_key(), false)),
              ErrorCode::invalid_parameter);
}

TEST(ManagementKey, WithTouchWaitsForTheFinger) {
    Administered administered;
    administered.authenticate();
    const Secret key = Secret::copy_of(Bytes(16, 7)).value();
    ASSERT_TRUE(piv::set_management_key(administered.card(), ManagementAlgorithm::aes128, key, true));
    EXPECT_EQ(metadata(administered.card(), piv::management_key)->touch_policy, KeyTouchPolicy::always);
    EXPECT_TRUE(piv::authenticate_administrator(administered.card(), ManagementAlgorithm::aes128, key));
    administered.emulated().settings().touch = piv_card::Touch::refused;
    EXPECT_EQ(code_of(piv::authenticate_administrator(administered.card(), ManagementAlgorithm::aes128, key)),
              ErrorCode::not_allowed);
}

TEST(Generation, MakesKeysOfEachKind) {
    Administered administered(firmware_5_7);
    administered.authenticate();
    for (const auto algorithm : {KeyAlgorithm::rsa2048, KeyAlgorithm::p256, KeyAlgorithm::p384,
                                 KeyAlgorithm::ed25519, KeyAlgorithm::x25519}) {
        SCOPED_TRACE(name_of(algorithm));
        const auto key = piv::generate_key(administered.card(), piv::first_retired_key, algorithm,
                                           {.pin = KeyPinPolicy::never, .touch = KeyTouchPolicy::cached});
        ASSERT_TRUE(key) << key.error().detail;
        const auto told = metadata(administered.card(), piv::first_retired_key);
        ASSERT_TRUE(told) << told.error().detail;
        EXPECT_EQ(told_key(*told), key->public_key_info);
        EXPECT_EQ(told->algorithm, static_cast<std::uint8_t>(*piv::algorithm_of(algorithm)));
        EXPECT_EQ(told->pin_policy, KeyPinPolicy::never);
        EXPECT_EQ(told->touch_policy, KeyTouchPolicy::cached);
        EXPECT_EQ(told->origin, KeyOrigin::generated);
    }
}

TEST(Generation, WantsTheAdministrator) {
    Administered administered;
    EXPECT_EQ(
        code_of(piv::generate_key(administered.card(), piv::authentication_key, KeyAlgorithm::p256, {})),
        ErrorCode::not_allowed);
}

TEST(Generation, OfWhatTheCardDoesNotDoIsUnsupported) {
    Administered administered;
    administered.authenticate();
    for (const auto algorithm : {KeyAlgorithm::rsa4096, KeyAlgorithm::ed25519, KeyAlgorithm::p521}) {
        EXPECT_EQ(code_of(piv::generate_key(administered.card(), piv::authentication_key, algorithm, {})),
                  ErrorCode::unsupported);
    }
    EXPECT_TRUE(administered.state().keys.size() == 1U) << "the attestation key";
}

TEST(Import, BringsInKeysThatTheCardThenUses) {
    Administered administered(firmware_5_7);
    administered.authenticate();
    for (const char* kind : {"rsa:2048", "rsa:4096", "P-256", "P-384", "ed25519", "x25519"}) {
        SCOPED_TRACE(kind);
        const auto private_key =
            token::private_key_from_info(private_key_info(shared_key(kind).get())).value();
        const auto done = piv::import_key(administered.card(), piv::first_retired_key, private_key,
                                          {.pin = KeyPinPolicy::never, .touch = {}});
        ASSERT_TRUE(done) << done.error().detail;
        const auto told = metadata(administered.card(), piv::first_retired_key);
        ASSERT_TRUE(told) << told.error().detail;
        EXPECT_EQ(told_key(*told), private_key.public_key.public_key_info);
        EXPECT_EQ(told->origin, KeyOrigin::imported);
    }
}

TEST(Import, RefusesAnUnusualExponentBeforeAnythingIsSent) {
    Administered administered;
    administered.authenticate();
    auto private_key = token::private_key_from_info(private_key_info(shared_key("rsa:2048").get())).value();
    private_key.public_exponent = {0x03};
    administered.transmitter().take_count();
    EXPECT_EQ(code_of(piv::import_key(administered.card(), piv::first_retired_key, private_key, {})),
              ErrorCode::unsupported);
    EXPECT_EQ(administered.transmitter().take_count(), 0U);
}

TEST(MoveKey, MovesAndDeletesFromFirmware57On) {
    Administered administered(firmware_5_7);
    administered.authenticate();
    const piv::KeyReference target{0x83};
    ASSERT_TRUE(piv::generate_key(administered.card(), piv::key_management_key, KeyAlgorithm::p256, {}));
    EXPECT_EQ(code_of(piv::move_key(administered.card(), piv::signature_key, target)),
              ErrorCode::key_not_found);
    ASSERT_TRUE(piv::move_key(administered.card(), piv::key_management_key, target));
    EXPECT_EQ(code_of(metadata(administered.card(), piv::key_management_key)), ErrorCode::key_not_found);
    ASSERT_TRUE(piv::generate_key(administered.card(), piv::key_management_key, KeyAlgorithm::p256, {}));
    EXPECT_EQ(code_of(piv::move_key(administered.card(), piv::key_management_key, target)),
              ErrorCode::not_allowed);
    ASSERT_TRUE(piv::delete_key(administered.card(), target));
    EXPECT_EQ(code_of(piv::delete_key(administered.card(), target)), ErrorCode::key_not_found);
    Administered older;
    older.authenticate();
    EXPECT_EQ(code_of(piv::delete_key(older.card(), target)), ErrorCode::unsupported);
}

TEST(Attest, NamesTheKeyThatWasMadeInTheCard) {
    Administered administered;
    administered.authenticate();
    const auto key =
        piv::generate_key(administered.card(), piv::authentication_key, KeyAlgorithm::p256, {}).value();
    const auto certificate = piv::attest(administered.card(), piv::authentication_key);
    ASSERT_TRUE(certificate) << certificate.error().detail;
    EXPECT_EQ(x509::Certificate::from_der(*certificate)->public_key_info(), key.public_key_info);
    const auto imported = token::private_key_from_info(private_key_info(shared_key("P-256").get())).value();
    ASSERT_TRUE(piv::import_key(administered.card(), piv::signature_key, imported, {}));
    EXPECT_EQ(code_of(piv::attest(administered.card(), piv::signature_key)), ErrorCode::unsupported);
    EXPECT_EQ(code_of(piv::attest(administered.card(), piv::key_management_key)), ErrorCode::key_not_found);
}

TEST(Metadata, TellOfPinPukAndManagementKey) {
    Administered administered;
    const auto pin = metadata(administered.card(), pin_reference).value();
    EXPECT_EQ(pin.is_default, true);
    EXPECT_EQ(pin.tries_total, 3);
    EXPECT_EQ(pin.tries_left, 3);
    EXPECT_EQ(metadata(administered.card(), piv::management_key)->is_default, true);
    EXPECT_EQ(piv::text_of(piv::firmware_version(administered.card()).value()), "5.4.3");
    EXPECT_EQ(piv::serial_number(administered.card()).value(), 12345678U);
    Administered foreign(firmware_5_4, {"yubico=off"});
    EXPECT_EQ(code_of(piv::firmware_version(foreign.card())), ErrorCode::unsupported);
    EXPECT_EQ(code_of(piv::serial_number(foreign.card())), ErrorCode::unsupported);
    EXPECT_EQ(code_of(metadata(foreign.card(), pin_reference)), ErrorCode::unsupported);
}

TEST(GeneratedKey, OfAnotherKindThanItsAlgorithmIsMalformed) {
    const Bytes on_no_curve = from_hex("7f49438641").value();
    Bytes answer = on_no_curve;
    answer.resize(on_no_curve.size() + 65, 0x04);
    EXPECT_EQ(code_of(piv::generated_key_of(KeyAlgorithm::p256, answer)), ErrorCode::malformed);
    EXPECT_EQ(code_of(piv::generated_key_of(KeyAlgorithm::p256, from_hex("7f490481010182010300").value())),
              ErrorCode::malformed);
    EXPECT_EQ(code_of(piv::generated_key_of(KeyAlgorithm::rsa2048, Bytes{0x7f, 0x49, 0x00})),
              ErrorCode::malformed);
}

TEST(PutData, WritesLongObjectsAndEmptiesThem) {
    for (const auto* extended : {"extended=on", "extended=off"}) {
        Administered administered(firmware_5_4, {extended});
        administered.authenticate();
        const Bytes content(2000, 0x5a);
        ASSERT_TRUE(piv::put_data(administered.card(), 0x5FC106, content));
        EXPECT_EQ(piv::get_data(administered.card(), 0x5FC106).value(), content);
        ASSERT_TRUE(piv::put_data(administered.card(), 0x5FC106, {}));
        EXPECT_EQ(code_of(piv::get_data(administered.card(), 0x5FC106)), ErrorCode::not_found);
        EXPECT_EQ(code_of(piv::put_data(administered.card(), 0x5FC106, Bytes(4000, 1))),
                  ErrorCode::too_large);
    }
}

TEST(PutData, WritesObjectsThatAreReadBack) {
    Administered administered;
    administered.authenticate();
    const Bytes guid(16, 0x42);
    ASSERT_TRUE(piv::put_data(administered.card(), piv::object::card_holder_unique_identifier,
                              piv::card_holder_unique_identifier_for(guid, "20491231")));
    const auto chuid = piv::card_holder_unique_identifier_of(
        piv::get_data(administered.card(), piv::object::card_holder_unique_identifier).value());
    ASSERT_TRUE(chuid);
    EXPECT_EQ(chuid->guid, guid);
    EXPECT_EQ(chuid->expiration_date, "20491231");
    EXPECT_EQ(chuid->fascn.size(), 25U);
    ASSERT_TRUE(piv::put_data(administered.card(), piv::object::discovery,
                              piv::discovery_for(piv::Application::piv)));
    const auto discovery =
        piv::discovery_of(piv::get_data(administered.card(), piv::object::discovery).value());
    ASSERT_TRUE(discovery);
    EXPECT_TRUE(discovery->application_pin);
    EXPECT_FALSE(discovery->global_pin);
    ASSERT_TRUE(piv::put_data(administered.card(), piv::object::key_history,
                              piv::key_history_for({.on_card = 3, .off_card = 2, .url = "http://x/"})));
    const auto history =
        piv::key_history_of(piv::get_data(administered.card(), piv::object::key_history).value());
    ASSERT_TRUE(history);
    EXPECT_EQ(history->on_card, 3);
    EXPECT_EQ(history->off_card, 2);
    EXPECT_EQ(history->url, "http://x/");
}

TEST(Retries, WantAdministratorAndPin) {
    Administered administered;
    administered.authenticate();
    EXPECT_EQ(code_of(piv::set_retries(administered.card(), 8, 4)), ErrorCode::not_allowed);
    EXPECT_EQ(code_of(piv::set_retries(administered.card(), 0, 4)), ErrorCode::invalid_parameter);
    EXPECT_EQ(code_of(piv::set_retries(administered.card(), 5, 256)), ErrorCode::invalid_parameter);
    ASSERT_TRUE(piv::verify(administered.card(), piv::PinReference::application, secret("123456")));
    ASSERT_TRUE(piv::set_retries(administered.card(), 8, 4));
    EXPECT_EQ(metadata(administered.card(), pin_reference)->tries_total, 8);
    EXPECT_EQ(metadata(administered.card(), unblocking_reference)->tries_total, 4);
}

TEST(Reset, HappensOnlyWhenPinAndPukAreBlocked) {
    Administered administered;
    piv_card::put_key(administered.state(), 0x9A, piv_card::KeyAlgorithm::p256);
    EXPECT_EQ(code_of(piv::reset_application(administered.card())), ErrorCode::not_allowed);
    administered.state().pin.tries_left = 0;
    EXPECT_EQ(code_of(piv::reset_application(administered.card())), ErrorCode::not_allowed);
    administered.state().puk.tries_left = 0;
    ASSERT_TRUE(piv::reset_application(administered.card()));
    EXPECT_EQ(code_of(metadata(administered.card(), piv::authentication_key)), ErrorCode::key_not_found);
    EXPECT_TRUE(piv::verify(administered.card(), piv::PinReference::application, secret("123456")));
}

TEST(KeyProof, TellsTheKeyFromAnother) {
    for (const auto& [kind, slot] : {std::pair("rsa:2048", piv::card_authentication_key),
                                     {"P-256", piv::card_authentication_key},
                                     {"ed25519", piv::card_authentication_key},
                                     {"P-384", piv::key_management_key},
                                     {"x25519", piv::first_retired_key}}) {
        SCOPED_TRACE(kind);
        Administered administered(firmware_5_7);
        administered.authenticate();
        const auto own = token::private_key_from_info(private_key_info(shared_key(kind).get())).value();
        ASSERT_TRUE(piv::import_key(administered.card(), slot, own, {}));
        const auto other = token::public_key_from_info(public_key_info(generate_key(kind).get())).value();
        const Secret pin = secret("123456");
        const auto holds = [&](const token::PublicKey& key) {
            return piv::holds_private_key(administered.card(), slot, key, [&] {
                return piv::verify(administered.card(), piv::PinReference::application, pin);
            });
        };
        const auto held = holds(own.public_key);
        ASSERT_TRUE(held) << held.error().detail;
        EXPECT_TRUE(*held);
        EXPECT_FALSE(holds(other).value());
    }
}

TEST(KeyProof, WantsThePin) {
    Administered administered;
    administered.authenticate();
    const auto own = token::private_key_from_info(private_key_info(shared_key("P-256").get())).value();
    ASSERT_TRUE(piv::import_key(administered.card(), piv::signature_key, own, {}));
    EXPECT_EQ(
        code_of(piv::holds_private_key(administered.card(), piv::signature_key, own.public_key, nullptr)),
        ErrorCode::pin_required);
}

}  // namespace
}  // namespace signet::test
