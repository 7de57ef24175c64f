// Java's SunPKCS11.
#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Java : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("javac");
        ClientTest::SetUp();
    }
};

// Java takes mechanisms that decrypt and do not encrypt, as they do with private keys alone, for old ones.
TEST_F(Java, SignsDecryptsAndDerives) {
    place().write("token.cfg", "name = signet\nlibrary = " + pkcs11_module() + "\nallowLegacy = true\n");
    const auto output =
        succeed({"java", SIGNET_SOURCE_DIR "/tests/clients/TokenKeys.java", place().path("token.cfg")});
    EXPECT_THAT(output, AllOf(HasSubstr("rsa SHA256withRSA\n"), HasSubstr("rsa SHA256withRSA 2 MiB\n"),
                              HasSubstr("rsa decryption\n"), HasSubstr("ec SHA256withECDSA\n"),
                              HasSubstr("ec SHA256withECDSA 2 MiB\n"), HasSubstr("ec agreement\n")));
    EXPECT_THAT(output, Not(HasSubstr("WRONG")));
}

}  // namespace
}  // namespace signet::test
