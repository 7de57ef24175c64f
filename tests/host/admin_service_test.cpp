// org.signet.admin as signet-token serves it, before a driver that writes down what it is told.
#include "host/admin_service.h"

#include "ipc/admin_codec.h"
#include "ipc/message.h"
#include "token/administration.h"

#include <gmock/gmock.h>

#include <map>

namespace signet::test {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;
using testing::_;
using testing::Return;

MATCHER_P(Holds, text, "") {
    return as_text(arg.expose()) == text;
}

class Administration : public token::Administration {
  public:
    MOCK_METHOD(Result<token::TokenDetails>, details, (const std::string&), (override));
    MOCK_METHOD(Result<void>, change_pin, (const std::string&, PinKind, const Secret&, const Secret&),
                (override));
    MOCK_METHOD(Result<void>, unblock_pin, (const std::string&, const Secret&, const Secret&), (override));
    MOCK_METHOD(Result<void>, set_management_key,
                (const std::string&, const Secret&, ManagementAlgorithm, const Secret&, bool), (override));
    MOCK_METHOD(Result<void>, protect_management_key,
                (const std::string&, const Secret&, const Secret&, ManagementAlgorithm, bool), (override));
    MOCK_METHOD(Result<void>, set_retries, (const std::string&, const Secret&, const Secret&, int, int),
                (override));
    MOCK_METHOD(Result<token::PlacedKey>, generate_key,
                (const std::string&, const Secret&, KeyAlgorithm, const token::KeyPlacement&), (override));
    MOCK_METHOD(Result<token::PlacedKey>, import_key,
                (const std::string&, const Secret&, const Secret&, const token::KeyPlacement&), (override));
    MOCK_METHOD(Result<void>, store_certificate,
                (const std::string&, const Secret&, const std::string&, ByteView, bool), (override));
    MOCK_METHOD(Result<void>, delete_certificate, (const std::string&, const Secret&, const std::string&),
                (override));
    MOCK_METHOD(Result<void>, move_key,
                (const std::string&, const Secret&, const std::string&, const std::string&), (override));
    MOCK_METHOD(Result<void>, delete_key, (const std::string&, const Secret&, const std::string&),
                (override));
    MOCK_METHOD(Result<std::vector<Bytes>>, attest, (const std::string&, const std::string&), (override));
    MOCK_METHOD(Result<Bytes>, get_object, (const std::string&, const std::string&), (override));
    MOCK_METHOD(Result<void>, put_object, (const std::string&, const Secret&, const std::string&, ByteView),
                (override));
    MOCK_METHOD(Result<void>, personalize, (const std::string&, const Secret&), (override));
    MOCK_METHOD(Result<void>, reset, (const std::string&), (override));
};

class Driver : public token::Driver {
  public:
    MOCK_METHOD(Result<token::Inventory>, inventory, (), (override));
    MOCK_METHOD(Result<void>, login, (const std::string&, const Secret*), (override));
    MOCK_METHOD(Result<void>, logout, (const std::string&), (override));
    MOCK_METHOD(void, logout_all, (), (override));
    MOCK_METHOD(Result<void>, wait_for_change, (), (override));
    MOCK_METHOD(std::unique_ptr<token::Worker>, worker, (), (override));
    MOCK_METHOD(token::Administration*, administration, (), (override));
};

using Passed = std::map<AdminSecret, std::string>;

class AdminService : public testing::Test {
  protected:
    AdminService() { ON_CALL(m_driver, administration()).WillByDefault(Return(&m_administration)); }

    Result<std::string> call(ipc::AdminCall call, const Passed& passed = {}) {
        std::vector<FileDescriptor> descriptors;
        for (const auto& [name, text] : passed) {
            call.secrets[name] = static_cast<std::uint32_t>(descriptors.size());
            descriptors.push_back(Secret::copy_of(as_bytes(text))->to_pipe().value());
        }
        return answer(std::string(name_of(call.method)), ipc::encode(call), descriptors);
    }
    Result<std::string> answer(const std::string& method, const std::string& parameters,
                               std::vector<FileDescriptor>& descriptors) {
        const auto parsed =
            ipc::parse_call(ipc::encode_call(std::string(ipc::admin_interface) + "." + method, parameters));
        return m_service.answer({.call = *parsed, .descriptors = descriptors, .reply_more = m_no_more});
    }
    // The name of the parameter that was found wrong.
    std::string wrong(const ipc::AdminCall& wanted, const Passed& passed = {}) {
        const auto answered = call(wanted, passed);
        EXPECT_FALSE(answered);
        EXPECT_EQ(answered.error().code, ErrorCode::invalid_parameter);
        return answered.error().detail;
    }

    testing::StrictMock<Administration> m_administration;
    testing::NiceMock<Driver> m_driver;
    host::AdminService m_service{m_driver};
    const std::function<Result<void>(std::string_view)> m_no_more;
};

TEST_F(AdminService, HandsOverEachSecretAsWhatItIs) {
    EXPECT_CALL(m_administration, change_pin("t", PinKind::unblocking, Holds("old"), Holds("new")))
        .WillOnce(Return(Result<void>()));
    EXPECT_TRUE(call({.method = AdminMethod::change_pin, .token = "t", .kind = PinKind::unblocking},
                     {{AdminSecret::old_pin, "old"}, {AdminSecret::new_pin, "new"}}));
    EXPECT_CALL(m_administration,
                set_management_key("t", Holds("key"), ManagementAlgorithm::aes192, Holds("next"), true))
        .WillOnce(Return(Result<void>()));
    EXPECT_TRUE(call({.method = AdminMethod::set_management_key,
                      .token = "t",
                      .management_algorithm = ManagementAlgorithm::aes192,
                      .touch = true},
                     {{AdminSecret::authorization, "key"}, {AdminSecret::new_key, "next"}}));
    EXPECT_CALL(m_administration, set_retries("t", Holds("key"), Holds("pin"), 5, 6))
        .WillOnce(Return(Result<void>()));
    EXPECT_TRUE(
        call({.method = AdminMethod::set_retries, .token = "t", .pin_tries = 5, .unblocking_tries = 6},
             {{AdminSecret::authorization, "key"}, {AdminSecret::pin, "pin"}}));
}

TEST_F(AdminService, TakesSecretsThatWereNotPassedForThoseTypedAtTheReader) {
    EXPECT_CALL(m_administration, change_pin("t", PinKind::user, Holds(""), Holds("")))
        .WillOnce(Return(Result<void>()));
    EXPECT_TRUE(call({.method = AdminMethod::change_pin, .token = "t", .kind = PinKind::user}));
    EXPECT_EQ(wrong({.method = AdminMethod::change_pin, .token = "t", .kind = PinKind::user},
                    {{AdminSecret::old_pin, ""}, {AdminSecret::new_pin, "new"}}),
              "old_pin")
        << "one that was passed is never empty";
    EXPECT_EQ(wrong({.method = AdminMethod::set_management_key,
                     .token = "t",
                     .management_algorithm = ManagementAlgorithm::tdes},
                    {{AdminSecret::authorization, "key"}}),
              "new_key")
        << "no reader takes keys";
}

TEST_F(AdminService, RefusesIndicesOfDescriptorsThatDidNotCome) {
    ipc::AdminCall change{.method = AdminMethod::change_pin, .token = "t", .kind = PinKind::user};
    change.secrets[AdminSecret::old_pin] = 7;
    EXPECT_EQ(wrong(change), "old_pin");
}

TEST_F(AdminService, RefusesImpossibleNumbersOfTries) {
    const Passed secrets{{AdminSecret::authorization, "key"}, {AdminSecret::pin, "pin"}};
    ipc::AdminCall tries{
        .method = AdminMethod::set_retries, .token = "t", .pin_tries = 0, .unblocking_tries = 3};
    EXPECT_EQ(wrong(tries, secrets), "pin_tries");
    tries.pin_tries = 3;
    tries.unblocking_tries = 256;
    EXPECT_EQ(wrong(tries, secrets), "unblocking_tries");
}

TEST_F(AdminService, WantsATokenByName) {
    EXPECT_EQ(wrong({.method = AdminMethod::show}), "token");
}

TEST_F(AdminService, AnswersWithWhatTheDriverSays) {
    EXPECT_CALL(m_administration, generate_key("t", Holds("key"), KeyAlgorithm::p256, _))
        .WillOnce([](const auto&, const auto&, auto, const token::KeyPlacement& placement) {
            EXPECT_EQ(placement.slot, "9a");
            EXPECT_TRUE(placement.overwrite);
            return token::PlacedKey{.slot = "9a", .public_key_info = {1, 2}};
        });
    const auto placed = call({.method = AdminMethod::generate_key,
                              .token = "t",
                              .slot = "9a",
                              .algorithm = KeyAlgorithm::p256,
                              .overwrite = true},
                             {{AdminSecret::authorization, "key"}});
    EXPECT_EQ(placed.value(), ipc::encode(ipc::AdminReply(ipc::PlacedKey{"9a", {1, 2}})));
    EXPECT_CALL(m_administration, reset("t"))
        .WillOnce(Return(Result<void>(failure(ErrorCode::not_allowed, "RESET", "not blocked"))));
    EXPECT_EQ(call({.method = AdminMethod::reset, .token = "t"}).error().detail, "not blocked");
}

TEST_F(AdminService, KnowsNoOtherMethods) {
    std::vector<FileDescriptor> none;
    EXPECT_EQ(answer("Show2", "{}", none).error().code, ErrorCode::method_not_found);
}

TEST_F(AdminService, SaysThatADriverCannotAdminister) {
    EXPECT_CALL(m_driver, administration()).WillOnce(Return(nullptr));
    EXPECT_EQ(call({.method = AdminMethod::show, .token = "t"}).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace signet::test
