#include "agent/admin_operation.h"

#include "tests/support/octets.h"

#include <gtest/gtest.h>

namespace signet::agent {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;
using test::secret;

class Operation : public testing::Test {
  protected:
    void start(AdminMethod method, const ipc::TokenDetails& details) {
        m_operation.parameters.method = method;
        m_operation.details = details;
    }
    std::string held(AdminSecret name) {
        const auto found = m_operation.secrets.find(name);
        return found == m_operation.secrets.end() ? "none" : std::string(as_text(found->second.expose()));
    }
    AdminOperation m_operation;
};

TEST_F(Operation, LeavesPinsToAReaderWithAPinPad) {
    start(AdminMethod::change_pin, {.pin_pad = true});
    EXPECT_TRUE(m_operation.is_typed_at_reader(AdminSecret::old_pin));
    EXPECT_TRUE(m_operation.is_typed_at_reader(AdminSecret::new_pin));
    m_operation.parameters.secrets[AdminSecret::new_pin] = 0;
    EXPECT_FALSE(m_operation.is_typed_at_reader(AdminSecret::old_pin)) << "one was passed";
    start(AdminMethod::unblock_pin, {.pin_pad = false});
    EXPECT_FALSE(m_operation.is_typed_at_reader(AdminSecret::unblocking));
}

TEST_F(Operation, LeavesNoKeysToTheReader) {
    start(AdminMethod::set_management_key, {.authorization = Authorization::management_key, .pin_pad = true});
    EXPECT_FALSE(m_operation.is_typed_at_reader(AdminSecret::authorization));
    EXPECT_FALSE(m_operation.is_typed_at_reader(AdminSecret::new_key));
    m_operation.details->authorization = Authorization::pin;
    EXPECT_TRUE(m_operation.is_typed_at_reader(AdminSecret::authorization));
}

TEST_F(Operation, AsksOnceForAPinThatIsTheAuthorizationToo) {
    start(AdminMethod::set_retries, {.authorization = Authorization::pin});
    m_operation.secrets.emplace(AdminSecret::pin, secret("123456"));
    m_operation.share_pin();
    EXPECT_EQ(held(AdminSecret::authorization), "123456");
    m_operation.secrets.clear();
    m_operation.secrets.emplace(AdminSecret::authorization, secret("123456"));
    m_operation.typed.insert(AdminSecret::authorization);
    m_operation.share_pin();
    EXPECT_EQ(held(AdminSecret::pin), "123456");
    // Both go when it was wrong.
    m_operation.forget(AdminSecret::authorization, "Wrong PIN.");
    EXPECT_EQ(held(AdminSecret::pin), "none");
}

TEST_F(Operation, ForgetsWhatWasTypedForAnotherToken) {
    start(AdminMethod::set_retries, {.authorization = Authorization::pin});
    m_operation.secrets.emplace(AdminSecret::authorization, secret("passed"));
    m_operation.secrets.emplace(AdminSecret::pin, secret("123456"));
    m_operation.typed.insert(AdminSecret::pin);
    m_operation.go_to("other");
    EXPECT_EQ(m_operation.parameters.token, "other");
    EXPECT_EQ(held(AdminSecret::pin), "none");
    EXPECT_EQ(held(AdminSecret::authorization), "passed");
    EXPECT_FALSE(m_operation.details) << "they are the other token's";
}

TEST(TokenDetails, AreComparedWithWhatIsListed) {
    const Bytes key{1};
    const Bytes certificate{2};
    // The key is in two slots.
    const ipc::TokenDetails details{
        .id = "card",
        .slots = {{.slot = "9a", .public_key_info = key, .certificate = certificate},
                  {.slot = "9d", .public_key_info = key}}};
    const ipc::Token listed{
        .id = "card", .keys = {{.public_key_info = key}}, .certificates = {{.der = certificate}}};
    EXPECT_TRUE(tells_the_same(listed, details));
    auto renamed = listed;
    renamed.id = "other";
    EXPECT_FALSE(tells_the_same(renamed, details));
    auto without_key = listed;
    without_key.keys.clear();
    EXPECT_FALSE(tells_the_same(without_key, details));
    auto without_certificate = listed;
    without_certificate.certificates.clear();
    EXPECT_FALSE(tells_the_same(without_certificate, details));
}

TEST_F(Operation, RefusesWhatNoModuleDoesBeforeItAsks) {
    for (const auto method :
         {AdminMethod::set_management_key, AdminMethod::protect_management_key, AdminMethod::set_retries,
          AdminMethod::move_key, AdminMethod::put_object, AdminMethod::personalize}) {
        start(method, {.application = "PKCS#11"});
        const auto possible = m_operation.check_possible();
        ASSERT_FALSE(possible) << name_of(method);
        EXPECT_EQ(possible.error().code, ErrorCode::unsupported) << name_of(method);
        start(method, {.firmware = "5.7.1", .application = "PIV", .moves_keys = true});
        EXPECT_TRUE(m_operation.check_possible()) << name_of(method);
    }
}

TEST_F(Operation, RefusesWhatNotEveryCardDoesBeforeItAsks) {
    const auto refusal = [this](AdminMethod method, const std::string& firmware, bool moves_keys = false) {
        start(method, {.firmware = firmware, .application = "PIV", .moves_keys = moves_keys});
        const auto possible = m_operation.check_possible();
        return possible ? "" : possible.error().detail;
    };
    EXPECT_EQ(refusal(AdminMethod::move_key, "5.4.3"), "moving keys on this card");
    EXPECT_EQ(refusal(AdminMethod::delete_key, "5.4.3"), "deleting keys on this card");
    EXPECT_EQ(refusal(AdminMethod::move_key, "5.7.0", true), "");
    EXPECT_EQ(refusal(AdminMethod::delete_key, "5.7.0", true), "");
    EXPECT_EQ(refusal(AdminMethod::protect_management_key, ""),
              "a management key behind the PIN of this card");
    EXPECT_EQ(refusal(AdminMethod::import_key, ""), "");
    m_operation.parameters.touch_policy = KeyTouchPolicy::always;
    EXPECT_EQ(refusal(AdminMethod::import_key, ""), "PIN and touch policies on this card");
    EXPECT_EQ(refusal(AdminMethod::import_key, "5.4.3"), "");
}

TEST_F(Operation, RefusesKeysThatACardCannotMakeBeforeItAsks) {
    start(AdminMethod::generate_key,
          {.application = "PIV", .slots = {{.slot = "9a"}, {.slot = "9d", .unclaimed = true}}});
    const auto refusal = [this](const std::string& slot, KeyAlgorithm algorithm) {
        m_operation.parameters.slot = slot;
        m_operation.parameters.algorithm = algorithm;
        const auto possible = m_operation.check_possible();
        return possible ? std::nullopt : std::optional(possible.error().code);
    };
    EXPECT_EQ(refusal("", KeyAlgorithm::p256), ErrorCode::invalid_parameter);
    EXPECT_EQ(refusal("96", KeyAlgorithm::p256), ErrorCode::invalid_parameter);
    EXPECT_EQ(refusal("9c", KeyAlgorithm::p521), ErrorCode::unsupported);
    EXPECT_EQ(refusal("9a", KeyAlgorithm::p256), ErrorCode::not_allowed);
    EXPECT_EQ(refusal("9c", KeyAlgorithm::p256), std::nullopt);
    EXPECT_EQ(refusal("9d", KeyAlgorithm::p256), std::nullopt) << "its making was interrupted";
    m_operation.parameters.overwrite = true;
    EXPECT_EQ(refusal("9a", KeyAlgorithm::p256), std::nullopt);
}

TEST_F(Operation, TakesNoManagementKeyForAPin) {
    start(AdminMethod::set_retries, {.authorization = Authorization::pin});
    m_operation.secrets.emplace(AdminSecret::authorization, secret("a key of 24 octets      "));
    m_operation.share_pin();
    EXPECT_EQ(held(AdminSecret::pin), "none");
    start(AdminMethod::set_retries, {.authorization = Authorization::management_key});
    m_operation.typed.insert(AdminSecret::authorization);
    m_operation.share_pin();
    EXPECT_EQ(held(AdminSecret::pin), "none");
}

TEST_F(Operation, IsBlockedOnlyForWhatWouldBeRefused) {
    start(AdminMethod::change_pin, {.pin = {.tries_left = 0}});
    m_operation.parameters.kind = PinKind::user;
    EXPECT_TRUE(m_operation.is_blocked(AdminSecret::old_pin));
    EXPECT_FALSE(m_operation.is_blocked(AdminSecret::new_pin));
    start(AdminMethod::unblock_pin, {.pin = {.tries_left = 0}, .unblocking = {.tries_left = 1}});
    EXPECT_FALSE(m_operation.is_blocked(AdminSecret::unblocking));
}

TEST(Outcome, IsUnknownAfterAFailureOfTheTokenOnly) {
    for (const auto code : {ErrorCode::driver_failed, ErrorCode::timeout, ErrorCode::token_removed}) {
        EXPECT_TRUE(may_have_happened(code));
    }
    for (const auto code : {ErrorCode::pin_incorrect, ErrorCode::pin_blocked, ErrorCode::not_allowed}) {
        EXPECT_FALSE(may_have_happened(code));
    }
}

}  // namespace
}  // namespace signet::agent
