#include "tests/support/wycheproof.h"

#include "ipc/codec.h"
#include "tests/support/agent.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::test {
namespace {

// Through agent and host, with the vectors' keys in a SoftHSM.
class WycheproofThroughAgent : public testing::TestWithParam<const char*> {};

TEST_P(WycheproofThroughAgent, GivesTheAnswersOfTheVectors) {
    SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    SIGNET_REQUIRE_CORPUS("wycheproof");
    RunningAgent agent;
    agent.softhsm().init_token("tok");
    WycheproofFile file(GetParam());
    {
        KeyImporter importer(agent.softhsm(), "tok");
        file.import_keys(importer);
    }
    agent.start();
    ASSERT_TRUE(agent.unlock());
    auto client = agent.client();
    const std::string token = agent.tokens().at(0).id;
    const auto call = [&](auto operation, std::string_view method, std::string_view field) -> Result<Bytes> {
        operation.use.token = token;
        SIGNET_TRY(const auto reply, client.call(method, ipc::encode(operation)));
        return ipc::decode_octets(reply.parameters, field);
    };
    const auto report = file.run(
        {.sign = [&](ipc::SignCall c) { return call(std::move(c), "org.signet.agent.Sign", "signature"); },
         .decrypt =
             [&](ipc::DecryptCall c) { return call(std::move(c), "org.signet.agent.Decrypt", "plaintext"); },
         .derive =
             [&](ipc::DeriveCall c) { return call(std::move(c), "org.signet.agent.Derive", "secret"); }});
    EXPECT_GT(report.run, 0);
    EXPECT_THAT(report.failures, testing::IsEmpty());
    RecordProperty("run", report.run);
    RecordProperty("skipped", report.skipped);
}

INSTANTIATE_TEST_SUITE_P(Files, WycheproofThroughAgent,
                         testing::Values("rsa_pkcs1_2048_test", "rsa_pkcs1_2048_sig_gen_test",
                                         "rsa_oaep_2048_sha1_mgf1sha1_test",
                                         "rsa_oaep_2048_sha256_mgf1sha1_test",
                                         "rsa_oaep_2048_sha256_mgf1sha256_test",
                                         "rsa_oaep_2048_sha512_mgf1sha512_test",
                                         "ecdh_secp256r1_ecpoint_test", "ecdh_secp384r1_ecpoint_test"),
                         [](const auto& file) {
                             const std::string name = file.param;
                             return name.substr(0, name.find("_test"));
                         });

}  // namespace
}  // namespace signet::test
