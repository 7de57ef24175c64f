#include "piv/commands.h"

#include "tests/piv/scripted_card.h"
#include "tests/support/octets.h"

#include <gtest/gtest.h>

namespace signet::piv {
namespace {

using signet::test::secret;
using test::ScriptedCard;

using Sent = std::vector<std::string>;

TEST(Select, NamesEitherApplication) {
    ScriptedCard card(
        {"61064f0400001000"
         "9000",
         "9000", "6a82"});
    EXPECT_EQ(to_hex(select({card}, Application::piv)->identifier), "00001000");
    EXPECT_TRUE(select({card}, Application::derived_piv));
    EXPECT_EQ(select({card}, Application::piv).error().code, ErrorCode::token_not_found);
    EXPECT_EQ(card.commands[0], "00a4040009a0000003080000100000");
    EXPECT_EQ(card.commands[1], "00a4040009a0000003080000200000");
}

TEST(GetData, UnwrapsTheObject) {
    ScriptedCard card(
        {"53020102"
         "9000",
         "7e015f"
         "9000",
         "5300"
         "9000",
         "6a82", "6982",
         "7f610102"
         "9000"});
    EXPECT_EQ(to_hex(get_data({card}, object::key_history).value()), "0102");
    EXPECT_EQ(to_hex(get_data({card}, object::discovery).value()), "5f");
    EXPECT_EQ(get_data({card}, object::security).error().code, ErrorCode::not_found) << "empty";
    EXPECT_EQ(get_data({card}, object::security).error().code, ErrorCode::not_found);
    EXPECT_EQ(get_data({card}, object::printed_information).error().code, ErrorCode::pin_required);
    EXPECT_EQ(to_hex(get_data({card}, object::biometric_group).value()), "02");
    EXPECT_EQ(card.commands[0], "00cb3fff055c035fc10c00");
    EXPECT_EQ(card.commands[1], "00cb3fff035c017e00");
}

TEST(GetData, KnowsEachWayOfSayingThatThereIsNone) {
    ScriptedCard card({"6a82", "6a81", "6a88"});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(get_data({card}, object::security).error().code, ErrorCode::not_found);
    }
}

TEST(PinStatus, SpendsNoTry) {
    ScriptedCard card({"63c2", "9000", "6983", "6a88"});
    EXPECT_EQ(pin_status({card}, PinReference::application)->tries_left, 2);
    EXPECT_TRUE(pin_status({card}, PinReference::application)->verified);
    EXPECT_EQ(pin_status({card}, PinReference::application)->tries_left, 0);
    EXPECT_EQ(pin_status({card}, PinReference::global).error().code, ErrorCode::key_not_found);
    EXPECT_EQ(card.commands, (Sent{"00200080", "00200080", "00200080", "00200000"}));
}

TEST(Verify, SendsThePinPadded) {
    ScriptedCard card({"9000"});
    EXPECT_TRUE(verify({card}, PinReference::application, secret("123456")));
    EXPECT_EQ(card.commands, (Sent{"0020008008313233343536ffff"}));
}

TEST(Verify, DoesNotSendWhatCannotBeAPin) {
    ScriptedCard card({});
    for (const char* pin : {"", "12345", "123456789", "12 456", "12345\xff"}) {
        EXPECT_EQ(verify({card}, PinReference::application, secret(pin)).error().code,
                  ErrorCode::invalid_parameter);
    }
    EXPECT_TRUE(card.commands.empty());
}

TEST(Verify, TellsWrongFromBlocked) {
    ScriptedCard card({"63c1", "63c0", "6983", "6300", "6302"});
    const auto wrong = verify({card}, PinReference::application, secret("123456"));
    EXPECT_EQ(wrong.error().code, ErrorCode::pin_incorrect);
    EXPECT_EQ(wrong.error().tries_left, 1);
    EXPECT_EQ(verify({card}, PinReference::application, secret("123456")).error().code,
              ErrorCode::pin_blocked);
    EXPECT_EQ(verify({card}, PinReference::application, secret("123456")).error().code,
              ErrorCode::pin_blocked);
    EXPECT_EQ(verify({card}, PinReference::application, secret("123456")).error().tries_left, -1);
    const auto first_yubikey = verify({card}, PinReference::application, secret("123456"));
    EXPECT_EQ(first_yubikey.error().code, ErrorCode::pin_incorrect);
    EXPECT_EQ(first_yubikey.error().tries_left, 2);
}

TEST(Deauthenticate, AsksTheCardToForget) {
    ScriptedCard card({"9000", "6a86"});
    EXPECT_TRUE(deauthenticate({card}, PinReference::application));
    EXPECT_EQ(deauthenticate({card}, PinReference::application).error().code, ErrorCode::unsupported);
    EXPECT_EQ(card.commands[0], "0020ff80");
}

TEST(ChangePin, SendsOldAndNew) {
    ScriptedCard card({"9000", "6a80"});
    EXPECT_TRUE(change_pin({card}, PinReference::unblocking_key, secret("1234567!"), secret("87654321")));
    EXPECT_EQ(card.commands, (Sent{"002400811031323334353637213837363534333231"}));
    EXPECT_EQ(change_pin({card}, PinReference::application, secret("123456"), secret("654321")).error().code,
              ErrorCode::not_allowed);
}

TEST(UnblockPin, SendsThePukAndTheNewPin) {
    ScriptedCard card({"9000"});
    EXPECT_TRUE(unblock_pin({card}, secret("12345678"), secret("654321")));
    EXPECT_EQ(card.commands, (Sent{"002c0080103132333435363738363534333231ffff"}));
}

TEST(AuthenticateInternally, ReturnsTheResponse) {
    ScriptedCard card(
        {"7c0482023045"
         "9000",
         "6982", "6a86",
         "7c00"
         "9000"});
    const Bytes digest(32, 0xab);
    EXPECT_EQ(to_hex(authenticate_internally({card}, Algorithm::p256, signature_key, digest).value()),
              "3045");
    EXPECT_EQ(card.commands[0],
              "0087119c26"
              "7c24"
              "8200"
              "8120" +
                  to_hex(digest) + "00");
    EXPECT_EQ(authenticate_internally({card}, Algorithm::p256, signature_key, digest).error().code,
              ErrorCode::pin_required);
    EXPECT_EQ(authenticate_internally({card}, Algorithm::p384, signature_key, digest).error().code,
              ErrorCode::unsupported);
    EXPECT_EQ(authenticate_internally({card}, Algorithm::p256, signature_key, digest).error().code,
              ErrorCode::malformed);
}

TEST(AgreeOnKey, SendsThePointAsExponentiation) {
    ScriptedCard card(
        {"7c0482020102"
         "9000"});
    EXPECT_EQ(to_hex(agree_on_key({card}, Algorithm::x25519, key_management_key, Bytes(32, 9)).value()),
              "0102");
    EXPECT_EQ(card.commands[0].substr(10, 12), "7c2482008520");
}

}  // namespace
}  // namespace signet::piv
