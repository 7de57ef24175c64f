#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

class P11tool : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("p11tool");
        ClientTest::SetUp();
    }
    std::string p11tool(const std::vector<std::string>& arguments) {
        return succeed(joined({"p11tool", "--provider", pkcs11_module(), "--batch"}, arguments));
    }
};

TEST_F(P11tool, ListsTokensKeysAndCertificatesWithoutAPin) {
    EXPECT_THAT(p11tool({"--list-tokens"}), HasSubstr("Label: tok"));
    const auto objects = p11tool({"--list-all", "pkcs11:token=tok"});
    for (const std::string name : {"rsa", "ec"}) {
        EXPECT_THAT(objects, HasSubstr("object=" + name + ";type=private"));
        EXPECT_THAT(objects, HasSubstr("object=" + name + ";type=public"));
        EXPECT_THAT(objects, HasSubstr("object=" + name + ";type=cert"));
    }
}

TEST_F(P11tool, TestsThatItCanSign) {
    for (const std::string name : {"rsa", "ec"}) {
        p11tool({"--test-sign", uri(name)});
    }
}

class Certtool : public P11tool {
  protected:
    void certtool(const std::vector<std::string>& arguments) {
        succeed(joined({"certtool", "--provider", pkcs11_module()}, arguments));
    }
};

TEST_F(Certtool, SignsCmsAndRequests) {
    place().write("template", "cn = somebody\nsigning_key\n");
    for (const std::string name : {"rsa", "ec"}) {
        certtool({"--p7-detached-sign", "--load-certificate", name + ".pem", "--load-privkey", uri(name),
                  "--outder", "--infile", "message", "--outfile", "signature"});
        expect_openssl_verifies("signature", "message");
        certtool({"--generate-request", "--template", "template", "--load-privkey", uri(name),
                  "--load-pubkey", "pkcs11:token=tok;object=" + name + ";type=public", "--outfile",
                  "request"});
        succeed({"openssl", "req", "-verify", "-noout", "-in", "request"});
    }
}

}  // namespace
}  // namespace signet::test
