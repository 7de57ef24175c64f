// NSS as cmsutil and certutil have it: Debian's, and the newer one that Thunderbird brings along.
#include "tests/clients/client_test.h"
#include "tests/support/mail_peers.h"
#include "tests/support/recording_proxy.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

constexpr const char* thunderbird_folder = "/usr/lib/thunderbird";

class Nss : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("cmsutil");
        SIGNET_REQUIRE_PROGRAM("modutil");
        ClientTest::SetUp();
        m_database.emplace(place().authority().certificate());
        m_database->add_module("signet", pkcs11_module());
    }
    // The library folder is that of the NSS which is used; the system's when it is empty.
    [[nodiscard]] virtual std::string library_folder() const { return {}; }

    ProcessResult nss(const std::vector<std::string>& command, Variables variables = {}) {
        if (!library_folder().empty()) {
            variables["LD_LIBRARY_PATH"] = library_folder();
        }
        return place().run(m_database->on(command), {}, variables);
    }
    std::string expect_success(const std::vector<std::string>& command) {
        const auto result = nss(command);
        EXPECT_EQ(result.exit_status, 0) << command[0] << ": " << result.output << result.error_output;
        return result.output;
    }
    void expect_signature_by(const std::string& label) {
        const std::string key = std::string(Workplace::token) + ":" + label;
        expect_success({"cmsutil", "-S", "-N", key, "-G", "-Y", "NONE", "-i", "message", "-o", "signed.p7m"});
        expect_openssl_verifies("signed.p7m");
        EXPECT_THAT(expect_success({"cmsutil", "-D", "-i", "signed.p7m", "-h", "1"}),
                    HasSubstr("signer0.status=GoodSignature"));
        expect_success(
            {"cmsutil", "-S", "-T", "-N", key, "-G", "-Y", "NONE", "-i", "message", "-o", "signed.p7s"});
        expect_openssl_verifies("signed.p7s", "message");
    }
    void expect_decryption_for(const std::string& label, const std::vector<std::string>& options = {}) {
        encrypt_for(label, options);
        EXPECT_EQ(expect_success({"cmsutil", "-D", "-i", "encrypted.p7m"}), place().read("message"))
            << testing::PrintToString(options);
    }

    std::optional<NssDatabase> m_database;
};

class ThunderbirdNss : public Nss {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(std::filesystem::exists(std::string(thunderbird_folder) + "/libnss3.so"),
                       "thunderbird");
        Nss::SetUp();
    }
    [[nodiscard]] std::string library_folder() const override { return thunderbird_folder; }
};

TEST_F(Nss, ListsAndChecksCertificatesAndKeysOfALockedTokenWithoutAPrompt) {
    ASSERT_TRUE(agent().lock());
    EXPECT_THAT(expect_success({"modutil", "-list"}), HasSubstr("token: tok"));
    const auto certificates = expect_success({"certutil", "-L", "-h", "all"});
    const auto keys = expect_success({"certutil", "-K", "-h", Workplace::token});
    for (const std::string label : {"rsa", "ec"}) {
        EXPECT_THAT(certificates, testing::ContainsRegex("tok:" + label + " +u,u,u"));
        EXPECT_THAT(keys, HasSubstr(label));
        EXPECT_THAT(expect_success({"certutil", "-V", "-n", "tok:" + label, "-u", "S", "-e"}),
                    HasSubstr("certificate is valid"));
    }
    EXPECT_EQ(agent().prompts(), 0);
}

TEST_F(Nss, SignsWithRsaAndEc) {
    expect_signature_by("rsa");
    expect_signature_by("ec");
}

// Its CMS has neither OAEP nor ECDH.
TEST_F(Nss, DecryptsRsa) {
    expect_decryption_for("rsa");
}

// Hundreds of searches for trust objects and certificates are answered from what the module knows.
TEST_F(Nss, SignsInTwoRoundTrips) {
    const auto socket = agent().folder() / "run/recorded";
    const RecordingProxy proxy(socket, agent().socket());
    const auto result =
        nss({"cmsutil", "-S", "-N", "tok:rsa", "-G", "-Y", "NONE", "-i", "message", "-o", "x"},
            {{"SIGNET_SOCKET", socket}});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(proxy.calls("GetInventory").size(), 1U);
    EXPECT_EQ(proxy.calls("Sign").size(), 1U);
}

TEST_F(Nss, AsksForNoPinWhenThePromptWasCancelled) {
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({"cancel"});
    const std::vector<std::string> sign{"cmsutil", "-S", "-N",      "tok:rsa", "-Y",
                                        "NONE",    "-i", "message", "-o",      "x"};
    EXPECT_NE(nss(sign).exit_status, 0);
    EXPECT_NE(nss(sign).exit_status, 0);
    EXPECT_EQ(agent().prompts(), 1) << "a cancel is remembered";
}

TEST_F(ThunderbirdNss, SignsWithRsaAndEc) {
    expect_signature_by("rsa");
    expect_signature_by("ec");
}

TEST_F(ThunderbirdNss, DecryptsRsaWithOaepOfAnyHash) {
    expect_decryption_for("rsa");
    for (const std::string hash : {"sha1", "sha224", "sha256", "sha384", "sha512"}) {
        expect_decryption_for("rsa", {"-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:" + hash});
    }
}

TEST_F(ThunderbirdNss, DecryptsEcWithAnyKeyDerivation) {
    for (const std::string hash : {"sha1", "sha224", "sha256", "sha384", "sha512"}) {
        expect_decryption_for("ec", {"-keyopt", "ecdh_kdf_md:" + hash});
    }
    for (const std::string wrap : {"-aes128-wrap", "-aes192-wrap", "-aes256-wrap"}) {
        expect_decryption_for("ec", {"-keyopt", "ecdh_kdf_md:sha256", wrap});
    }
}

TEST_F(ThunderbirdNss, ReadsWhatItEncryptedItself) {
    for (const std::string label : {"rsa", "ec"}) {
        expect_success({"cmsutil", "-E", "-r", "tok:" + label, "-i", "message", "-o", "own.p7m"});
        EXPECT_EQ(expect_success({"cmsutil", "-D", "-i", "own.p7m"}), place().read("message"));
    }
}

}  // namespace
}  // namespace signet::test
