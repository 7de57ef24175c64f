#include "agent/administration_text.h"

#include "agent/pkcs12_unpacking.h"

#include <gtest/gtest.h>

namespace signet::agent {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;

class AdministrationText : public testing::Test {
  protected:
    AdministrationText() {
        m_token.label = "Work";
        m_details.application = "PIV";
        m_details.management_algorithm = ManagementAlgorithm::aes256;
        m_details.pin.tries_left = 1;
        m_details.unblocking.tries_left = 3;
    }
    [[nodiscard]] AdminQuestion question(AdminSecret secret, bool again = false) const {
        return {.token = m_token, .details = m_details, .call = m_call, .secret = secret, .again = again};
    }
    [[nodiscard]] std::string description(AdminSecret secret, bool again = false) const {
        return question_description(question(secret, again), {.program = "signet", .pid = 1});
    }

    ipc::Token m_token;
    ipc::TokenDetails m_details;
    ipc::AdminCall m_call;
};

TEST_F(AdministrationText, SaysWhatIsAskedForAndWhatFor) {
    m_call = {.method = AdminMethod::generate_key, .slot = "9c"};
    EXPECT_EQ(prompt_label(question(AdminSecret::authorization)), "Management key:");
    EXPECT_TRUE(
        description(AdminSecret::authorization)
            .starts_with("Enter the management key of the token \"Work\" (64 hexadecimal digits) to make "
                         "a key in slot 9c.\n\nAsked for by signet (pid 1)."))
        << description(AdminSecret::authorization);
    m_details.authorization = Authorization::pin;
    EXPECT_EQ(prompt_label(question(AdminSecret::authorization)), "PIN:");
}

TEST_F(AdministrationText, CountsTheTriesOfWhatIsAskedFor) {
    m_call = {.method = AdminMethod::change_pin, .kind = PinKind::user};
    EXPECT_TRUE(description(AdminSecret::old_pin).ends_with("This is the last try: a wrong PIN blocks it."));
    EXPECT_FALSE(tries_left(question(AdminSecret::new_pin)));
    m_call.method = AdminMethod::unblock_pin;
    EXPECT_EQ(prompt_label(question(AdminSecret::unblocking)), "PUK:");
    EXPECT_TRUE(description(AdminSecret::unblocking).ends_with("3 tries are left."));
    m_details.application = "PKCS#11";
    EXPECT_EQ(prompt_label(question(AdminSecret::unblocking)), "SO PIN:");
}

TEST_F(AdministrationText, AsksForNewSecretsTwice) {
    m_call = {.method = AdminMethod::change_pin, .kind = PinKind::unblocking};
    EXPECT_EQ(prompt_label(question(AdminSecret::new_pin)), "New PUK:");
    EXPECT_TRUE(description(AdminSecret::new_pin).starts_with("Choose a new PUK of the token \"Work\"."));
    EXPECT_EQ(prompt_label(question(AdminSecret::new_pin, true)), "Again:");
    EXPECT_TRUE(description(AdminSecret::new_pin, true)
                    .starts_with("Enter the new PUK of the token \"Work\" again."));
}

TEST_F(AdministrationText, ShowsNamesOfTheCallerHarmless) {
    m_call = {.method = AdminMethod::put_object, .object = "5fc1\n02" + std::string(100, 'x')};
    const auto text = description(AdminSecret::authorization);
    EXPECT_NE(text.find("write the object 5fc1 02xx"), std::string::npos) << text;
    EXPECT_LT(text.size(), 250U);
}

TEST(FirstDerValue, EndsWhereItsLengthSays) {
    EXPECT_EQ(first_der_value(Bytes{0x30, 0x01, 0xAA, 0x30, 0x00}), (Bytes{0x30, 0x01, 0xAA}));
    Bytes longer{0x30, 0x81, 0x80};
    longer.resize(3 + 0x80, 0x55);
    Bytes two = longer;
    two.push_back(0x30);
    EXPECT_EQ(first_der_value(two), longer);
}

TEST(FirstDerValue, IsNothingWhereTheLengthGoesBeyondTheEnd) {
    EXPECT_TRUE(first_der_value(Bytes{}).empty());
    EXPECT_TRUE(first_der_value(Bytes{0x30}).empty());
    EXPECT_TRUE(first_der_value(Bytes{0x30, 0x02, 0x00}).empty());
    EXPECT_TRUE(first_der_value(Bytes{0x30, 0x82, 0x01}).empty());
    EXPECT_TRUE(first_der_value(Bytes{0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1}).empty());
    EXPECT_TRUE(first_der_value(Bytes{0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0}).empty());
}

}  // namespace
}  // namespace signet::agent
