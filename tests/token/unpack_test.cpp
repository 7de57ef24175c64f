// signet-token as the process that unpacks a PKCS#12 file.
#include "tests/support/certificates.h"
#include "tests/support/private_keys.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"
#include "x509/certificate.h"

#include <gtest/gtest.h>

namespace signet::test {
namespace {

constexpr const char* signet_token = SIGNET_BUILD_DIR "/bin/signet-token";

class Unpacking : public testing::Test {
  protected:
    void SetUp() override {
        write_pkcs12(m_directory / "file", m_identity, {m_authority.certificate()}, "geheim");
    }
    ProcessResult unpack(const std::string& password, const std::string& descriptors = "3,4,5,6") {
        write_file(m_directory / "password", password);
        return run({"sh", "-c", "exec \"$0\" --unpack-pkcs12 \"$1\" 3<file 4<password 5>key 6>certificates",
                    signet_token, descriptors},
                   {.working_directory = m_directory.path()});
    }

    TemporaryDirectory m_directory;
    TestAuthority m_authority;
    Identity m_identity = m_authority.issue_identity("P-256", "holder@example.test");
};

TEST_F(Unpacking, WritesTheKeyAndTheCertificates) {
    const auto result = unpack("geheim");
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    const std::string key = read_file(m_directory / "key");
    EXPECT_EQ(to_hex(as_bytes(key)), to_hex(private_key_info(m_identity.key.get()).expose()));
    Bytes expected = m_identity.certificate.der();
    const Bytes issuer = m_authority.certificate().der();
    expected.insert(expected.end(), issuer.begin(), issuer.end());
    EXPECT_EQ(to_hex(as_bytes(read_file(m_directory / "certificates"))), to_hex(expected));
    EXPECT_EQ(result.output, "");
}

TEST_F(Unpacking, TellsAWrongPasswordFromOtherFailures) {
    EXPECT_EQ(unpack("gehein").exit_status, 3);
    EXPECT_EQ(read_file(m_directory / "key"), "");
    write_file(m_directory / "file", "nonsense");
    EXPECT_EQ(unpack("geheim").exit_status, 1);
}

TEST_F(Unpacking, WantsFourDescriptors) {
    for (const char* wrong : {"", "3,4,5", "3,4,5,6,7", "0,4,5,6", "3,4,5,x", "3,4,5,6,"}) {
        EXPECT_EQ(unpack("geheim", wrong).exit_status, 2) << wrong;
    }
}

}  // namespace
}  // namespace signet::test
