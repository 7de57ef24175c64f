#include "ssh/signed_data.h"

#include "tests/ssh/requests.h"

#include <gtest/gtest.h>

namespace signet::ssh {
namespace {

using test::authentication;
using test::AuthenticationFields;
using test::file_signature;

constexpr std::string_view host_bound = "publickey-hostbound-v00@openssh.com";

TEST(SshSignedData, KnowsAnAuthentication) {
    const Bytes data = authentication({});
    const auto parsed = parse_signed_data(data);
    ASSERT_TRUE(parsed);
    const auto& request = std::get<UserAuthentication>(*parsed);
    EXPECT_EQ(as_text(request.session_id), "the session");
    EXPECT_EQ(request.user, "alice");
    EXPECT_EQ(request.algorithm, "ssh-ed25519");
    EXPECT_EQ(as_text(request.key), "key");
    EXPECT_FALSE(request.host_key);
}

TEST(SshSignedData, KnowsAnAuthenticationThatNamesItsHost) {
    const Bytes data = authentication({.method = host_bound, .host_key = as_bytes("host")});
    const auto parsed = parse_signed_data(data);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(as_text(*std::get<UserAuthentication>(*parsed).host_key), "host");
}

TEST(SshSignedData, KnowsAFileSignature) {
    const Bytes data = file_signature("git", "sha512", 64);
    const auto parsed = parse_signed_data(data);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(std::get<FileSignature>(*parsed).name_space, "git");
}

TEST(SshSignedData, IsNothingElse) {
    const Bytes long_session(max_session_id_size + 1);
    for (const auto& fields : {AuthenticationFields{.session_id = {}},
                               {.session_id = long_session},
                               {.type = 51},
                               {.service = "ssh-userauth"},
                               {.method = "hostbased"},
                               {.method = host_bound},
                               {.with_signature = 0},
                               {.with_signature = 2},
                               {.host_key = as_bytes("left over")}}) {
        EXPECT_EQ(parse_signed_data(authentication(fields)).error().code, ErrorCode::not_allowed);
    }
    for (const Bytes& data : {file_signature("", "sha512", 64), file_signature("git", "sha1", 20),
                              file_signature("git", "md5", 16), file_signature("git", "sha256", 64), Bytes(),
                              Bytes(1024, 0xff)}) {
        EXPECT_EQ(parse_signed_data(data).error().code, ErrorCode::not_allowed);
    }
}

TEST(SshSignedData, IsToldToThePersonInPrintableTextThatIsShort) {
    const auto purpose = [](const Bytes& data) { return purpose_of(parse_signed_data(data).value()); };
    EXPECT_EQ(purpose(authentication({})), "to log in as \"alice\"");
    EXPECT_EQ(purpose(file_signature("git", "sha512", 64)), "to sign a file for \"git\"");
    const std::string hostile = purpose(file_signature("a\n\x1b[2J" + std::string(1000, 'x'), "sha512", 64));
    EXPECT_EQ(hostile.find_first_of("\n\x1b"), std::string::npos);
    EXPECT_LT(hostile.size(), 256U);
}

TEST(SshSignedData, IsToldWithNamesThatCannotGoOnAsTheQuestion) {
    const auto purpose = [](std::string_view user) { return purpose_of(UserAuthentication{.user = user}); };
    EXPECT_EQ(purpose("bob\" at home, as \\"), R"(to log in as "bob\" at home, as \\")");
    EXPECT_EQ(purpose(""), "to log in without a user name");
    EXPECT_EQ(purpose("al\xe2\x80\xae"
                      "ecila"),
              "to log in as \"al\xef\xbf\xbd"
              "ecila\"");
    EXPECT_EQ(purpose(std::string(65, 'a')), "to log in as \"" + std::string(64, 'a') + "\"...");
    const std::string longest = purpose(std::string(64, '\xff'));
    EXPECT_LT(("for another machine, " + longest).size(), 256U) << "is not cut before its end";
}

TEST(SshSignedData, RefusesEveryTruncation) {
    for (const Bytes& data :
         {authentication({}), authentication({.method = host_bound, .host_key = as_bytes("host")}),
          file_signature("git", "sha256", 32)}) {
        for (std::size_t size = 0; size < data.size(); ++size) {
            EXPECT_FALSE(parse_signed_data(ByteView(data).first(size))) << size;
        }
    }
}

}  // namespace
}  // namespace signet::ssh
