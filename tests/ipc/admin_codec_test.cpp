#include "ipc/admin_codec.h"

#include "ipc/codec.h"
#include "tests/ipc/parameters.h"

#include <gtest/gtest.h>

namespace signet::ipc {
namespace {

AdminReply carried(AdminMethod method, const AdminReply& reply) {
    auto decoded = decode_admin_reply(method, parameters_of(encode(reply)));
    EXPECT_TRUE(decoded) << encode(reply);
    return decoded.value_or(AdminReply());
}

TEST(AdminCallCodec, CarriesThePlacementOfAKeyAndItsSecrets) {
    AdminCall call{.method = AdminMethod::import_key,
                   .token = "t",
                   .environment = Environment{.tty = "/dev/pts/1"},
                   .slot = "82",
                   .pin_policy = KeyPinPolicy::once,
                   .touch_policy = KeyTouchPolicy::cached,
                   .label = "old",
                   .overwrite = true,
                   .certificate = {1, 2}};
    call.secrets[AdminSecret::authorization] = 2;
    call.secrets[AdminSecret::pkcs12] = 0;
    call.secrets[AdminSecret::password] = 1;
    const auto decoded = decode_admin_call(AdminMethod::import_key, parameters_of(encode(call)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->token, "t");
    EXPECT_EQ(decoded->environment->tty, "/dev/pts/1");
    EXPECT_EQ(decoded->secrets, call.secrets);
    EXPECT_EQ(decoded->slot, "82");
    EXPECT_EQ(decoded->pin_policy, KeyPinPolicy::once);
    EXPECT_EQ(decoded->touch_policy, KeyTouchPolicy::cached);
    EXPECT_EQ(decoded->label, "old");
    EXPECT_TRUE(decoded->overwrite);
    EXPECT_EQ(decoded->certificate, (Bytes{1, 2}));
}

TEST(AdminCallCodec, CarriesNumbersOctetsAndNames) {
    const AdminCall retries{
        .method = AdminMethod::set_retries, .token = "t", .pin_tries = 5, .unblocking_tries = 6};
    const auto tries = decode_admin_call(AdminMethod::set_retries, parameters_of(encode(retries)));
    ASSERT_TRUE(tries);
    EXPECT_EQ(tries->pin_tries, 5U);
    EXPECT_EQ(tries->unblocking_tries, 6U);

    AdminCall store{.method = AdminMethod::store_certificate, .slot = "9c", .certificate = {1, 2}};
    store.secrets[AdminSecret::pin] = 1;
    const auto stored = decode_admin_call(AdminMethod::store_certificate, parameters_of(encode(store)));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->certificate, (Bytes{1, 2}));
    EXPECT_EQ(stored->secrets, store.secrets);
    EXPECT_TRUE(stored->token.empty());

    const AdminCall key{.method = AdminMethod::set_management_key,
                        .management_algorithm = ManagementAlgorithm::aes192,
                        .touch = true};
    const auto set = decode_admin_call(AdminMethod::set_management_key, parameters_of(encode(key)));
    ASSERT_TRUE(set);
    EXPECT_EQ(set->management_algorithm, ManagementAlgorithm::aes192);
    EXPECT_TRUE(set->touch);
}

TEST(AdminCallCodec, RefusesFieldsOfOtherMethodsAndMissingOnes) {
    const auto wrong = [](AdminMethod method, const std::string& object) {
        const auto decoded = decode_admin_call(method, parameters_of(object));
        return decoded ? std::string() : decoded.error().detail;
    };
    EXPECT_EQ(wrong(AdminMethod::show, R"({"authorization":0})"), "authorization");
    EXPECT_EQ(wrong(AdminMethod::delete_key, "{}"), "slot");
    EXPECT_EQ(wrong(AdminMethod::generate_key, "{}"), "algorithm");
    EXPECT_EQ(wrong(AdminMethod::generate_key, R"({"algorithm":"rsa512"})"), "algorithm");
    EXPECT_EQ(wrong(AdminMethod::change_pin, R"({"kind":"user","old_pin":-1})"), "old_pin");
    EXPECT_EQ(wrong(AdminMethod::change_pin, R"({"kind":"user","old_pin":"123456"})"), "old_pin");
    EXPECT_EQ(wrong(AdminMethod::put_object, R"({"object":"5fc102","content":"?"})"), "content");
}

TEST(AdminCallCodec, NamesEachMethodAsTheInterfaceFileDoes) {
    const std::string description(*interface_description(admin_interface));
    for (std::size_t i = 0; i <= static_cast<std::size_t>(AdminMethod::reset); ++i) {
        const auto method = static_cast<AdminMethod>(i);
        EXPECT_EQ(admin_method_named(name_of(method)), method);
        EXPECT_NE(description.find("\nmethod " + std::string(name_of(method)) + "("), std::string::npos);
    }
    EXPECT_FALSE(admin_method_named("Sign"));
}

TEST(AdminReplyCodec, CarriesEverythingAboutAToken) {
    TokenDetails details{.id = "piv:1",
                         .model = "YubiKey 5",
                         .serial = "1",
                         .firmware = "5.4.3",
                         .application = "PIV",
                         .reader = "Reader",
                         .guid = "00ff",
                         .expiration_date = "2030-01-01",
                         .authorization = Authorization::management_key,
                         .management_algorithm = ManagementAlgorithm::tdes,
                         .management_key_is_default = true,
                         .pin = {.tries_left = 3, .tries_total = 5, .is_default = false},
                         .unblocking = {.tries_left = 0},
                         .pin_pad = true,
                         .moves_keys = true,
                         .slots = {}};
    details.slots.push_back({.slot = "9c",
                             .algorithm = KeyAlgorithm::p256,
                             .public_key_info = {1},
                             .certificate = {2, 3},
                             .pin_policy = KeyPinPolicy::always,
                             .touch_policy = KeyTouchPolicy::never,
                             .origin = KeyOrigin::generated});
    details.slots.push_back({.slot = "82", .unclaimed = true});
    EXPECT_EQ(std::get<TokenDetails>(carried(AdminMethod::show, details)), details);
}

TEST(AdminReplyCodec, CarriesKeysCertificatesAndObjects) {
    const PlacedKey key{.slot = "82", .public_key_info = {9}, .was_there = true};
    EXPECT_EQ(std::get<PlacedKey>(carried(AdminMethod::generate_key, key)), key);
    EXPECT_EQ(std::get<PlacedKey>(carried(AdminMethod::import_key, key)), key);
    const Attestation attestation{.certificates = {{1}, {2, 3}}};
    EXPECT_EQ(std::get<Attestation>(carried(AdminMethod::attest, attestation)).certificates,
              attestation.certificates);
    EXPECT_EQ(std::get<ObjectContent>(carried(AdminMethod::get_object, ObjectContent{{4, 5}})).content,
              (Bytes{4, 5}));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(carried(AdminMethod::reset, {})));
}

TEST(AdminReplyCodec, TakesNoHalfAnswer) {
    const auto refused = [](AdminMethod method, const std::string& object) {
        const auto decoded = decode_admin_reply(method, parameters_of(object));
        return !decoded && decoded.error().code == ErrorCode::protocol;
    };
    EXPECT_TRUE(refused(AdminMethod::show, "{}"));
    EXPECT_TRUE(refused(AdminMethod::show, R"({"token":{"id":"x"}})"));
    EXPECT_TRUE(refused(AdminMethod::generate_key, R"({"slot":"9a"})"));
    EXPECT_TRUE(refused(AdminMethod::attest, R"({"certificates":[7]})"));
    EXPECT_TRUE(refused(AdminMethod::get_object, "{}"));
}

}  // namespace
}  // namespace signet::ipc
