#include "ipc/codec.h"

#include "ipc/desktop.h"
#include "ipc/readers.h"
#include "tests/ipc/parameters.h"

#include <gtest/gtest.h>

namespace signet::ipc {
namespace {

std::string wrong_parameter(const std::string& object) {
    const auto decoded = decode_sign_call(parameters_of(object));
    return decoded ? "" : decoded.error().detail;
}

Token sample_token() {
    Token token{.id = "maker:1",
                .label = "Zo\xc3\xab \"card\"",
                .manufacturer = "Maker",
                .model = "M\\1",
                .serial = "1",
                .reader = "Reader 00 00",
                .login_required = true,
                .pin_pad = false,
                .pin = PinState::final_try,
                .keys = {},
                .certificates = {},
                .module = "softhsm",
                .slot = 3,
                .unlocked = true};
    token.keys.push_back({.id = std::string(64, 'a'),
                          .type = KeyType::ec,
                          .bits = 256,
                          .curve = "1.2.840.10045.3.1.7",
                          .public_key_info = {1, 2, 3},
                          .label = "key",
                          .object_id = {1},
                          .signature_schemes = {SignatureScheme::ecdsa},
                          .decryption_schemes = {},
                          .derive = true,
                          .always_authenticate = true});
    token.certificates.push_back({.der = {0x30, 0},
                                  .label = "cert",
                                  .object_id = {1},
                                  .key = std::string(64, 'a'),
                                  .subject = "CN=Alice",
                                  .emails = {"alice@example.org", "a@example.org"},
                                  .not_before = "2026-01-01T00:00:00Z",
                                  .not_after = "2027-01-01T00:00:00Z"});
    return token;
}

TEST(SignCallCodec, CarriesEveryField) {
    const SignCall call{
        .use = {.token = "t", .key = "k", .environment = Environment{.tty = "/dev/pts/1"}, .pin = 0},
        .scheme = SignatureScheme::rsa_pss,
        .hash = HashAlgorithm::sha384,
        .data = {1, 2, 3},
        .data_is_message = true,
        .mask_hash = HashAlgorithm::sha256,
        .salt_length = 48,
        .asking = {.confirm = true, .no_pin_prompt = true, .on_behalf_of = 4711, .purpose = "to log in"}};
    const auto decoded = decode_sign_call(parameters_of(encode(call)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->use.token, "t");
    EXPECT_EQ(decoded->use.environment->tty, "/dev/pts/1");
    EXPECT_EQ(decoded->use.pin, 0U);
    EXPECT_EQ(decoded->scheme, SignatureScheme::rsa_pss);
    EXPECT_EQ(decoded->hash, HashAlgorithm::sha384);
    EXPECT_EQ(decoded->data, call.data);
    EXPECT_TRUE(decoded->data_is_message);
    EXPECT_EQ(decoded->mask_hash, HashAlgorithm::sha256);
    EXPECT_EQ(decoded->salt_length, 48U);
    EXPECT_TRUE(decoded->asking.confirm);
    EXPECT_TRUE(decoded->asking.no_pin_prompt);
    EXPECT_EQ(decoded->asking.on_behalf_of, 4711U);
    EXPECT_EQ(decoded->asking.purpose, "to log in");
}

TEST(SignCallCodec, NamesTheParameterThatIsWrong) {
    EXPECT_EQ(wrong_parameter(R"({"key":"k","scheme":"ecdsa","digest":""})"), "token");
    EXPECT_EQ(wrong_parameter(R"({"token":1,"key":"k","scheme":"ecdsa","digest":""})"), "token");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"dsa","digest":""})"), "scheme");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"?"})"), "digest");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa"})"), "digest");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"","message":""})"),
              "digest");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"","salt_length":-1})"),
              "salt_length");
    EXPECT_EQ(
        wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"","environment":{"tty":1}})"),
        "environment");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"","confirm":1})"),
              "confirm");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"","colour":"red"})"),
              "colour");
}

TEST(SignCallCodec, TakesNullForAbsent) {
    EXPECT_EQ(
        wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"","message":null,"hash":null})"),
        "");
    EXPECT_EQ(wrong_parameter(R"({"token":"t","key":"k","scheme":"ecdsa","digest":"","confirm":null})"), "");
}

TEST(DecryptCallCodec, CarriesEveryField) {
    const DecryptCall call{.use = {.token = "t", .key = "k", .environment = {}, .pin = {}},
                           .scheme = DecryptionScheme::rsa_oaep,
                           .ciphertext = Bytes(256, 7),
                           .hash = HashAlgorithm::sha256,
                           .mask_hash = HashAlgorithm::sha1,
                           .label = {9}};
    const auto decoded = decode_decrypt_call(parameters_of(encode(call)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->ciphertext, call.ciphertext);
    EXPECT_EQ(decoded->hash, call.hash);
    EXPECT_EQ(decoded->mask_hash, call.mask_hash);
    EXPECT_EQ(decoded->label, call.label);
}

TEST(DeriveCallCodec, CarriesEveryField) {
    const DeriveCall call{.use = {.token = "t", .key = "k", .environment = {}, .pin = {}},
                          .public_key = Bytes(65, 4),
                          .kdf_hash = HashAlgorithm::sha512,
                          .shared_info = {1, 2},
                          .length = 32};
    const auto decoded = decode_derive_call(parameters_of(encode(call)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->public_key, call.public_key);
    EXPECT_EQ(decoded->kdf_hash, call.kdf_hash);
    EXPECT_EQ(decoded->shared_info, call.shared_info);
    EXPECT_EQ(decoded->length, call.length);
}

TEST(InventoryCodec, CarriesTokensAndFailures) {
    const Inventory inventory{.generation = 7,
                              .tokens = std::vector{sample_token()},
                              .failures = {{.module = "opensc", .detail = "cannot load"}}};
    const auto decoded = decode_inventory(parameters_of(encode(inventory)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->generation, 7);
    EXPECT_EQ(decoded->tokens, inventory.tokens);
    EXPECT_EQ(decoded->failures, inventory.failures);
}

TEST(InventoryCodec, SaysUnchangedWithoutTokens) {
    const auto decoded = decode_inventory(
        parameters_of(encode(Inventory{.generation = 7, .tokens = std::nullopt, .failures = {}})));
    ASSERT_TRUE(decoded);
    EXPECT_FALSE(decoded->tokens);
}

TEST(InventoryCodec, IgnoresFieldsOfANewerAgent) {
    EXPECT_TRUE(
        decode_inventory(parameters_of(R"({"generation":1,"tokens":[],"failures":[],"weather":"fair"})")));
}

TEST(HostInventoryCodec, CarriesTokensWithoutWhatOnlyTheAgentKnows) {
    Token token = sample_token();
    const auto decoded = decode_host_inventory(parameters_of(
        encode(HostInventory{.tokens = {token}, .waits_for_events = true, .one_at_a_time = true})));
    ASSERT_TRUE(decoded);
    token.module.clear();
    token.slot.reset();
    token.unlocked = false;
    EXPECT_EQ(decoded->tokens, std::vector{token});
    EXPECT_TRUE(decoded->waits_for_events);
    EXPECT_TRUE(decoded->one_at_a_time);
}

TEST(WatchReplyCodec, CarriesTheChange) {
    const auto decoded = decode_watch_reply(parameters_of(encode(
        WatchReply{.generation = 3, .change = Change{.kind = ChangeKind::token_removed, .token = "t"}})));
    ASSERT_TRUE(decoded && decoded->change);
    EXPECT_EQ(decoded->change->kind, ChangeKind::token_removed);
    EXPECT_EQ(decoded->change->token, "t");
}

TEST(WatchReplyCodec, KnowsEveryKind) {
    for (int kind = 0; kind <= static_cast<int>(ChangeKind::touch_needed); ++kind) {
        const Change change{.kind = static_cast<ChangeKind>(kind), .token = "t"};
        const auto decoded =
            decode_watch_reply(parameters_of(encode(WatchReply{.generation = 1, .change = change})));
        ASSERT_TRUE(decoded && decoded->change) << kind;
        EXPECT_EQ(decoded->change->kind, change.kind);
    }
}

TEST(ReadersCodec, GivesBackWhatItWasGiven) {
    const ReadersReply known{.readers = {{.name = "Reader \"1\"", .card_present = true, .event_count = 65535},
                                         {.name = "2", .card_present = false, .event_count = 0}},
                             .failure = std::nullopt};
    EXPECT_EQ(decode_readers_reply(parameters_of(encode(known))).value(), known);
    const ReadersReply unknown{.readers = {}, .failure = "no pcscd"};
    EXPECT_EQ(decode_readers_reply(parameters_of(encode(unknown))).value(), unknown);
}

TEST(ReadersCodec, RefusesAReplyThatIsNoList) {
    for (const auto* reply :
         {"{}", R"({"readers": 1})", R"({"readers": [1]})", R"({"readers": [{"name": "a"}]})",
          R"({"readers": [{"name": "a", "card_present": true, "event_count": -1}]})",
          R"({"readers": [], "failure": 1})"}) {
        EXPECT_EQ(decode_readers_reply(parameters_of(reply)).error().code, ErrorCode::protocol) << reply;
    }
}

TEST(DesktopCodec, GivesBackWhatItWasGiven) {
    for (const auto event : {DesktopEvent::watching, DesktopEvent::screen_locked,
                             DesktopEvent::going_to_sleep, DesktopEvent::awake}) {
        EXPECT_EQ(decode_desktop_event(parameters_of(encode(event))).value(), event);
    }
    const NotifyCall ends{.id = 4294967295U,
                          .notification = {.kind = NotificationKind::certificate_ends,
                                           .token = "Token \"1\"",
                                           .certificate = "alice@example.org",
                                           .ends = "2026-12-01T00:00:00Z",
                                           .certificates = 3}};
    EXPECT_EQ(decode_notify_call(parameters_of(encode(ends))).value(), ends);
    const NotifyCall touch{.id = 0,
                           .notification = {.kind = NotificationKind::touch_needed,
                                            .token = "2",
                                            .program = "ssh",
                                            .purpose = "to log in as \"alice\""}};
    EXPECT_EQ(decode_notify_call(parameters_of(encode(touch))).value(), touch);
    EXPECT_EQ(decode_withdraw_call(parameters_of(encode_withdraw_call(7))).value(), 7U);
}

TEST(DesktopCodec, RefusesWhatTheInterfaceDoesNotName) {
    EXPECT_EQ(decode_desktop_event(parameters_of(R"({"event": "thunder"})")).error().code,
              ErrorCode::protocol);
    for (const auto* call :
         {R"({"id": 1})", R"({"id": 1, "notification": 1})",
          R"({"id": 1, "notification": {"kind": "pin_blocked"}})",
          R"({"id": 1, "notification": {"kind": "lunch", "token": "t"}})",
          R"({"id": 1, "notification": {"kind": "pin_blocked", "token": "t", "color": "red"}})",
          R"({"id": -1, "notification": {"kind": "pin_blocked", "token": "t"}})"}) {
        EXPECT_EQ(decode_notify_call(parameters_of(call)).error().code, ErrorCode::invalid_parameter) << call;
    }
}

TEST(InterfaceDescriptions, AreThoseOfTheFiles) {
    EXPECT_NE(interface_description(agent_interface)->find("interface org.signet.agent\n"),
              std::string_view::npos);
    EXPECT_NE(interface_description(token_interface)->find("interface org.signet.token\n"),
              std::string_view::npos);
    EXPECT_NE(interface_description(desktop_interface)->find("interface org.signet.desktop\n"),
              std::string_view::npos);
    EXPECT_NE(interface_description(readers_interface)->find("interface org.signet.readers\n"),
              std::string_view::npos);
    EXPECT_FALSE(interface_description("org.example"));
}

}  // namespace
}  // namespace signet::ipc
