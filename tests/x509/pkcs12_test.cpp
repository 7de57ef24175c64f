#include "x509/pkcs12.h"

#include "tests/support/certificates.h"
#include "tests/support/private_keys.h"
#include "tests/support/requirements.h"
#include "tests/support/results.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace signet::test {
namespace {

Secret password(std::string_view text) {
    return Secret::copy_of(as_bytes(text)).value();
}

// A file with one key and its chain, as openssl pkcs12 makes it with further options.
class Pkcs12 : public testing::Test {
  protected:
    Bytes file(const std::string& kind, const std::string& text,
               const std::vector<std::string>& options = {}) {
        m_identity = m_authority.issue_identity(kind, "h@example.test");
        write_file(m_directory / "key.pem", to_pem(m_identity.key.get()));
        write_file(m_directory / "certificate.pem", to_pem(m_identity.certificate));
        write_file(m_directory / "chain.pem", to_pem(m_authority.certificate()));
        std::vector<std::string> command{"openssl",
                                         "pkcs12",
                                         "-export",
                                         "-inkey",
                                         m_directory / "key.pem",
                                         "-in",
                                         m_directory / "certificate.pem",
                                         "-certfile",
                                         m_directory / "chain.pem",
                                         "-passout",
                                         "pass:" + text,
                                         "-out",
                                         m_directory / "file.p12"};
        command.insert(command.end(), options.begin(), options.end());
        EXPECT_EQ(run(command).exit_status, 0);
        const std::string content = read_file(m_directory / "file.p12");
        return {content.begin(), content.end()};
    }
    void expect_whole(const x509::Pkcs12Content& content) {
        EXPECT_EQ(to_hex(content.private_key.expose()),
                  to_hex(private_key_info(m_identity.key.get()).expose()));
        ASSERT_EQ(content.certificates.size(), 2U);
        EXPECT_EQ(content.certificates[0].der(), m_identity.certificate.der());
        EXPECT_EQ(content.certificates[1].der(), m_authority.certificate().der());
    }

    TemporaryDirectory m_directory;
    TestAuthority m_authority;
    Identity m_identity{.certificate = m_authority.certificate(), .key = nullptr};
};

TEST_F(Pkcs12, GivesTheKeyAndItsCertificateFirst) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    for (const char* kind : {"rsa:2048", "P-256", "ed25519"}) {
        SCOPED_TRACE(kind);
        const auto content = x509::unpack_pkcs12(file(kind, "geheim"), password("geheim"));
        ASSERT_TRUE(content) << content.error().detail;
        expect_whole(*content);
    }
}

TEST_F(Pkcs12, HoldsRsaKeysOf4096Bits) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    const auto content = x509::unpack_pkcs12(file("rsa:4096", "geheim"), password("geheim"));
    ASSERT_TRUE(content) << content.error().detail;
    expect_whole(*content);
}

TEST_F(Pkcs12, TakesPasswordsThatAreEmptyOrNotAscii) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    for (const char* text : {"", "Schl\xc3\xbcssel \xe2\x82\xac"}) {
        const auto content = x509::unpack_pkcs12(file("P-256", text), password(text));
        ASSERT_TRUE(content) << text << ": " << content.error().detail;
        expect_whole(*content);
    }
}

TEST_F(Pkcs12, WithAWrongPasswordOrAChangedOctetIsNotAllowed) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    Bytes der = file("P-256", "geheim");
    EXPECT_EQ(code_of(x509::unpack_pkcs12(der, password("gehein"))), ErrorCode::not_allowed);
    der[der.size() / 2] ^= 0x01;
    const auto changed = x509::unpack_pkcs12(der, password("geheim"));
    ASSERT_FALSE(changed);
    EXPECT_TRUE(changed.error().code == ErrorCode::not_allowed ||
                changed.error().code == ErrorCode::malformed);
}

TEST_F(Pkcs12, ThatAsksForTooMuchWorkIsNotBegun) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    // Written with 100,000 iterations, which become 8,388,607.
    Bytes der = file("P-256", "geheim", {"-iter", "100000"});
    const Bytes few{0x02, 0x03, 0x01, 0x86, 0xa0};
    const Bytes many{0x02, 0x03, 0x7f, 0xff, 0xff};
    int raised = 0;
    for (auto found = der.begin();
         (found = std::search(found, der.end(), few.begin(), few.end())) != der.end(); ++raised) {
        std::copy(many.begin(), many.end(), found);
    }
    EXPECT_GE(raised, 1);
    EXPECT_EQ(code_of(x509::unpack_pkcs12(der, password("geheim"))), ErrorCode::too_large);
}

TEST_F(Pkcs12, WithoutAMacIsUnsupported) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    EXPECT_EQ(code_of(x509::unpack_pkcs12(file("P-256", "geheim", {"-nomac"}), password("geheim"))),
              ErrorCode::unsupported);
}

TEST_F(Pkcs12, WithoutAKeyIsNotFound) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    EXPECT_EQ(code_of(x509::unpack_pkcs12(file("P-256", "geheim", {"-nokeys"}), password("geheim"))),
              ErrorCode::not_found);
}

TEST_F(Pkcs12, ThatIsNoneIsMalformed) {
    EXPECT_EQ(code_of(x509::unpack_pkcs12({}, password("geheim"))), ErrorCode::malformed);
    EXPECT_EQ(code_of(x509::unpack_pkcs12(Bytes(100, 0x30), password("geheim"))), ErrorCode::malformed);
    EXPECT_EQ(code_of(x509::unpack_pkcs12(Bytes((std::size_t{1} << 20) + 1, 0x30), password("geheim"))),
              ErrorCode::too_large);
}

}  // namespace
}  // namespace signet::test
