#include "tests/support/wycheproof.h"

#include "tests/support/requirements.h"
#include "tests/support/softhsm.h"
#include "tests/support/token_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::test {
namespace {

class WycheproofVectors : public testing::TestWithParam<const char*> {};

TEST_P(WycheproofVectors, PassThroughTheTokenHost) {
    SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    SIGNET_REQUIRE_CORPUS("wycheproof");
    const SoftHsm softhsm;
    softhsm.init_token("vectors");
    WycheproofFile file(GetParam());
    {
        KeyImporter importer(softhsm, "vectors");
        file.import_keys(importer);
    }
    TokenHost host({.module = SoftHsm::module, .variables = softhsm.variables()});
    const auto inventory = host.session().inventory();
    ASSERT_TRUE(inventory) << inventory.error().detail;
    ASSERT_EQ(inventory->tokens.size(), 1U);
    const std::string token = inventory->tokens[0].id;
    ASSERT_TRUE(host.session().login(token, SoftHsm::pin));

    const auto on_token = [&token](auto call) {
        call.use.token = token;
        return call;
    };
    const WycheproofReport report = file.run(
        {.sign = [&](ipc::SignCall call) { return host.session().sign(on_token(std::move(call))); },
         .decrypt = [&](ipc::DecryptCall call) { return host.session().decrypt(on_token(std::move(call))); },
         .derive = [&](ipc::DeriveCall call) { return host.session().derive(on_token(std::move(call))); }});
    EXPECT_GT(report.run, 30);
    EXPECT_THAT(report.failures, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Corpus, WycheproofVectors,
                         testing::Values("rsa_pkcs1_2048_test", "rsa_pkcs1_2048_sig_gen_test",
                                         "rsa_oaep_2048_sha1_mgf1sha1_test",
                                         "rsa_oaep_2048_sha256_mgf1sha1_test",
                                         "rsa_oaep_2048_sha256_mgf1sha256_test",
                                         "rsa_oaep_2048_sha512_mgf1sha512_test",
                                         "ecdh_secp256r1_ecpoint_test", "ecdh_secp384r1_ecpoint_test"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace signet::test
