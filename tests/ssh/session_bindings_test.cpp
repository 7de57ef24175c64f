#include "ssh/session_bindings.h"

#include "tests/ssh/host_key.h"
#include "tests/ssh/requests.h"

#include <gtest/gtest.h>

namespace signet::ssh {
namespace {

using test::HostKey;

class SshSessionBindings : public testing::Test {
  protected:
    // As ssh sends it, of this host unless another one signs.
    static Bytes message(const HostKey& host, std::string_view session, bool is_forwarding,
                         const HostKey* signer = nullptr) {
        WireWriter writer;
        writer.string(host.blob());
        writer.string(session);
        writer.string((signer != nullptr ? *signer : host).sign(as_bytes(session)));
        writer.octet(is_forwarding ? 1 : 0);
        return writer.take();
    }
    // Whether an authentication for the session, to the host where one is given, would be signed.
    bool allows(std::string_view session, const HostKey* host = nullptr) {
        const Bytes data = test::authentication(
            {.session_id = as_bytes(session),
             .method = host != nullptr ? "publickey-hostbound-v00@openssh.com" : "publickey",
             .host_key = host != nullptr ? std::optional<ByteView>(host->blob()) : std::nullopt});
        return m_bindings.check(parse_signed_data(data).value()).has_value();
    }
    bool allows_file() { return m_bindings.check(FileSignature{.name_space = "git"}).has_value(); }

    HostKey m_host{"ed25519"};
    HostKey m_other{"P-256"};
    SessionBindings m_bindings;
};

TEST_F(SshSessionBindings, LetEverythingPassUntilThereIsOne) {
    EXPECT_TRUE(allows("any"));
    EXPECT_TRUE(allows("any", &m_host));
    EXPECT_TRUE(allows_file());
    EXPECT_FALSE(m_bindings.forwarded());
}

TEST_F(SshSessionBindings, LetTheirSessionPassAndNoOther) {
    ASSERT_TRUE(m_bindings.bind(message(m_host, "one", false)));
    EXPECT_TRUE(allows("one"));
    EXPECT_TRUE(allows("one", &m_host));
    EXPECT_FALSE(allows("one", &m_other)) << "the request names another host";
    EXPECT_FALSE(allows("two"));
    EXPECT_FALSE(allows_file());
    EXPECT_FALSE(m_bindings.forwarded());
}

TEST_F(SshSessionBindings, FollowAForwardedConnectionToItsEnd) {
    ASSERT_TRUE(m_bindings.bind(message(m_host, "one", true)));
    EXPECT_TRUE(m_bindings.forwarded());
    EXPECT_FALSE(allows("one")) << "that session is authenticated already";
    EXPECT_FALSE(allows("two")) << "nobody spoke of it";
    EXPECT_TRUE(allows_file());
    ASSERT_TRUE(m_bindings.bind(message(m_other, "two", false)));
    EXPECT_TRUE(m_bindings.forwarded());
    EXPECT_TRUE(allows("two"));
    EXPECT_FALSE(allows("one"));
}

TEST_F(SshSessionBindings, RefuseToBeChangedOnceTheyAreForAnAuthentication) {
    ASSERT_TRUE(m_bindings.bind(message(m_host, "one", false)));
    EXPECT_FALSE(m_bindings.bind(message(m_host, "two", false)));
    EXPECT_FALSE(allows("one"));
    EXPECT_FALSE(allows("two"));
}

TEST_F(SshSessionBindings, RefuseAnotherHostForASession) {
    ASSERT_TRUE(m_bindings.bind(message(m_host, "one", true)));
    ASSERT_TRUE(m_bindings.bind(message(m_host, "one", true))) << "the same again";
    EXPECT_FALSE(m_bindings.bind(message(m_other, "one", true)));
    EXPECT_FALSE(allows_file());
}

TEST_F(SshSessionBindings, StayForwardedWhateverIsSaidLater) {
    ASSERT_TRUE(m_bindings.bind(message(m_host, "one", true)));
    ASSERT_TRUE(m_bindings.bind(message(m_host, "one", false)));
    EXPECT_TRUE(m_bindings.forwarded());
    EXPECT_FALSE(allows("one"));
}

TEST_F(SshSessionBindings, RefuseASessionThatTheHostHasNotSigned) {
    EXPECT_FALSE(m_bindings.bind(message(m_host, "one", false, &m_other)));
    EXPECT_FALSE(allows("one"));
    EXPECT_FALSE(allows_file());
    EXPECT_FALSE(m_bindings.bind(message(m_host, "one", false))) << "there is no second chance";
    EXPECT_TRUE(m_bindings.forwarded()) << "who knows";
}

TEST_F(SshSessionBindings, RefuseWhatIsMalformed) {
    Bytes whole = message(m_host, "one", false);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(SessionBindings().bind(ByteView(whole).first(size))) << size;
    }
    whole.push_back(0);
    EXPECT_FALSE(SessionBindings().bind(whole));
    EXPECT_FALSE(SessionBindings().bind(message(m_host, "", false)));
    EXPECT_FALSE(SessionBindings().bind(message(m_host, std::string(max_session_id_size + 1, 'x'), false)));
}

TEST_F(SshSessionBindings, FollowNoEndlessWay) {
    for (std::size_t i = 0; i < SessionBindings::max_bindings; ++i) {
        ASSERT_TRUE(m_bindings.bind(message(m_host, std::to_string(i), true))) << i;
    }
    EXPECT_FALSE(m_bindings.bind(message(m_host, "one more", true)));
}

}  // namespace
}  // namespace signet::ssh
