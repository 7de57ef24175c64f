#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Pkcs11Tool : public ClientTest {
  protected:
    std::string pkcs11_tool(const std::vector<std::string>& arguments) {
        return succeed(joined({"pkcs11-tool", "--module", pkcs11_module()}, arguments));
    }
};

TEST_F(Pkcs11Tool, ListsTokensMechanismsAndObjects) {
    EXPECT_THAT(pkcs11_tool({"-L"}), AllOf(HasSubstr("token label        : tok"),
                                           HasSubstr("PIN pad present"), Not(HasSubstr("login required"))));
    EXPECT_THAT(pkcs11_tool({"-M"}),
                AllOf(HasSubstr("RSA-PKCS-PSS"), HasSubstr("RSA-PKCS-OAEP"), HasSubstr("ECDSA"),
                      HasSubstr("ECDH1-DERIVE"), Not(HasSubstr("RSA-X-509")), Not(HasSubstr("AES"))));
    EXPECT_THAT(
        pkcs11_tool({"-O"}),
        AllOf(HasSubstr("Private Key Object; RSA"), HasSubstr("Private Key Object; EC"),
              HasSubstr("Public Key Object; RSA 2048"), HasSubstr("Certificate Object; type = X.509")));
}

TEST_F(Pkcs11Tool, SignsWithRsaPssAndEc) {
    pkcs11_tool(
        {"--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01", "-i", "message", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "rsa.pub", "-signature", "signature", "message"});
    pkcs11_tool(
        {"--sign", "--mechanism", "SHA256-RSA-PKCS-PSS", "--id", "01", "-i", "message", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "rsa.pub", "-sigopt", "rsa_padding_mode:pss",
             "-signature", "signature", "message"});
    pkcs11_tool({"--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "02", "-i",
                 "digest", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "ec.pub", "-signature", "signature", "message"});
}

// It hands a file over in parts.
TEST_F(Pkcs11Tool, SignsALargeFile) {
    place().write("message", std::string(std::size_t{5} << 20, 'x'));
    for (const std::string hash : {"SHA1", "SHA256", "SHA384", "SHA512"}) {
        pkcs11_tool(
            {"--sign", "--mechanism", hash + "-RSA-PKCS", "--id", "01", "-i", "message", "-o", "signature"});
        succeed({"openssl", "dgst", "-" + hash, "-verify", "rsa.pub", "-signature", "signature", "message"});
        pkcs11_tool({"--sign", "--mechanism", "ECDSA-" + hash, "--signature-format", "openssl", "--id", "02",
                     "-i", "message", "-o", "signature"});
        succeed({"openssl", "dgst", "-" + hash, "-verify", "ec.pub", "-signature", "signature", "message"});
    }
}

TEST_F(Pkcs11Tool, DecryptsPkcs1AndOaep) {
    succeed({"openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", "rsa.pub", "-in", "message", "-out",
             "ciphertext"});
    pkcs11_tool(
        {"--decrypt", "--mechanism", "RSA-PKCS", "--id", "01", "-i", "ciphertext", "-o", "plaintext"});
    EXPECT_EQ(place().read("plaintext"), place().read("message"));
    succeed({"openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", "rsa.pub", "-in", "message", "-out",
             "ciphertext", "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"});
    pkcs11_tool({"--decrypt", "--mechanism", "RSA-PKCS-OAEP", "--hash-algorithm", "SHA256", "--id", "01",
                 "-i", "ciphertext", "-o", "plaintext"});
    EXPECT_EQ(place().read("plaintext"), place().read("message"));
}

TEST_F(Pkcs11Tool, Derives) {
    place().add_peer("P-256", "peer@example.test");
    succeed({"openssl", "pkey", "-in", "peer.key", "-pubout", "-outform", "DER", "-out", "peer.der"});
    pkcs11_tool({"--derive", "--mechanism", "ECDH1-DERIVE", "--id", "02", "-i", "peer.der", "-o", "secret"});
    succeed(
        {"openssl", "pkeyutl", "-derive", "-inkey", "peer.key", "-peerkey", "ec.pub", "-out", "expected"});
    EXPECT_EQ(place().read("secret"), place().read("expected"));
}

TEST_F(Pkcs11Tool, PassesItsOwnTest) {
    const auto report = pkcs11_tool({"--test"});
    EXPECT_THAT(report,
                AllOf(HasSubstr("all 4 signature functions seem to work"), HasSubstr("SHA256-RSA-PKCS: OK"),
                      HasSubstr("RSA-PKCS-OAEP:"), HasSubstr("No errors")));
    EXPECT_THAT(pkcs11_tool({"--test-fork"}), HasSubstr("Calling C_Initialize in forked child process"));
}

// Threads that initialise, list slots and ask for the token beside the tool's own test, which takes longer:
// it would wait 30 seconds for the threads.
TEST_F(Pkcs11Tool, PassesItsTestOfThreads) {
    const auto result = place().run({"pkcs11-tool", "--module", pkcs11_module(), "--test-threads", "ILGISLT0",
                                     "--test-threads", "ILGISLT0", "--test"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.error_output + result.output,
                AllOf(HasSubstr("all threads have ended with CKR_OK"), HasSubstr("No errors")));
}

// "Return" lists the slots again, "x" ends; the second half waits for an event, which is the token's.
TEST_F(Pkcs11Tool, PassesItsTestOfRemovalAndInsertion) {
    const auto result =
        place().run({"pkcs11-tool", "--module", pkcs11_module(), "--test-hotplug"}, "\nx\nx\n");
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("token label        : tok"));
}

// It searches without a key type, and such a search must not find Edwards keys: libp11 0.4.12 would list
// none.
TEST_F(Pkcs11Tool, DoesNotSeeTheEd25519Key) {
    EXPECT_THAT(pkcs11_tool({"-O"}), Not(HasSubstr("edwards")));
    const auto result = place().run({"pkcs11-tool", "--module", pkcs11_module(), "--sign", "--mechanism",
                                     "EDDSA", "--id", "03", "-i", "message", "-o", "signature"});
    EXPECT_THAT(result.error_output, HasSubstr("Private key not found"));
    EXPECT_THAT(place().signet_output({"keys"}), HasSubstr("ed25519"));
}

// A program that unlocks by itself gets the agent's prompt, and no PIN of its own through.
TEST_F(Pkcs11Tool, IsAskedForThePinByTheAgent) {
    ASSERT_TRUE(place().agent().lock());
    place().agent().answer_prompts({SoftHsm::pin});
    pkcs11_tool({"--sign", "--mechanism", "ECDSA", "--id", "02", "-i", "digest", "-o", "signature"});
    EXPECT_EQ(place().agent().prompts(), 1);
    EXPECT_THAT(place().agent().prompt_log(), HasSubstr("pkcs11-tool (pid "));
}

TEST_F(Pkcs11Tool, FindsNoTokenAfterTheAgentIsGone) {
    place().agent().stop();
    EXPECT_THAT(pkcs11_tool({"-L"}), AllOf(HasSubstr("(empty)"), Not(HasSubstr("token label"))));
}

}  // namespace
}  // namespace signet::test
