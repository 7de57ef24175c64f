#include "tests/clients/client_test.h"

#include "tests/support/requirements.h"

namespace signet::test {

void ClientTest::SetUp() {
    SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    m_place.emplace(options());
    agent().softhsm().generate_key(Workplace::token, "EC:edwards25519", "03", "edwards");
    add_rsa_identity();
    place().add_identity("EC:prime256v1", "02", "ec@example.test");
    place().start();
    place().write("message", "A message to sign.\n");
    succeed({"openssl", "dgst", "-sha256", "-binary", "-out", "digest", "message"});
    for (const std::string name : {"rsa", "ec"}) {
        succeed({"openssl", "x509", "-in", name + ".pem", "-pubkey", "-noout", "-out", name + ".pub"});
    }
}

void ClientTest::add_rsa_identity() {
    place().add_identity("rsa:2048", "01", "rsa@example.test");
}

std::string ClientTest::succeed(const std::vector<std::string>& command, const std::string& input,
                                const Variables& variables) {
    const auto result = place().run(command, input, variables);
    EXPECT_EQ(result.exit_status, 0) << command[0] << ": " << result.output << result.error_output
                                     << agent().log();
    return result.output;
}

std::string ClientTest::uri(const std::string& label) {
    return "pkcs11:token=" + std::string(Workplace::token) + ";object=" + label + ";type=private";
}

std::vector<std::string> ClientTest::joined(std::vector<std::string> command,
                                            const std::vector<std::string>& further) {
    command.insert(command.end(), further.begin(), further.end());
    return command;
}

void ClientTest::encrypt_for(const std::string& label, const std::vector<std::string>& options) {
    succeed(joined({"openssl", "cms", "-encrypt", "-binary", "-aes256", "-in", "message", "-outform", "DER",
                    "-out", "encrypted.p7m", "-recip", label + ".pem"},
                   options));
}

void ClientTest::expect_openssl_verifies(const std::string& signature, const std::string& detached_content) {
    std::vector<std::string> command{"openssl", "cms",     "-verify", "-inform",  "DER",  "-binary",
                                     "-in",     signature, "-CAfile", "root.pem", "-out", "verified"};
    if (!detached_content.empty()) {
        command.insert(command.end(), {"-content", detached_content});
    }
    succeed(command);
    EXPECT_EQ(place().read("verified"), place().read("message"));
}

}  // namespace signet::test
