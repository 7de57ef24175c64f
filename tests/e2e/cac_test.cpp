// A Common Access Card of somebody else's making, libcacard's, through OpenSC's module and our PKCS#11
// driver.
#include "ipc/codec.h"
#include "tests/piv-card/desk.h"
#include "tests/support/agent.h"
#include "tests/support/requirements.h"
#include "tests/token/verify.h"

#include <gmock/gmock.h>

#include <fstream>

namespace signet::test {
namespace {

#ifdef SIGNET_CAC_CARD
constexpr const char* cac_card = SIGNET_CAC_CARD;
#else
constexpr const char* cac_card = "";
#endif
constexpr const char* pin = "123456";
const Bytes message(32, 0x5C);

class CommonAccessCard : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE(std::filesystem::exists(cac_card), "libcacard-dev");
        SIGNET_REQUIRE(std::filesystem::exists(opensc_module), "opensc-pkcs11");
        SIGNET_REQUIRE_PROGRAM("certutil");
        make_database();
        m_pcscd.emplace();
        m_card = std::make_unique<BackgroundProcess>(
            m_pcscd->inside().command({cac_card, database(), "identity", "signing", "encryption"}),
            Variables{}, m_folder / "card.log");
        AgentOptions options{.module = opensc_module};
        options.variables = m_pcscd->variables();
        m_agent = std::make_unique<RunningAgent>(options);
        m_agent->start();
        ASSERT_TRUE(eventually([this] { return m_agent->tokens().size() == 1; }))
            << read_file(m_folder / "card.log") << m_agent->log();
    }

    // With three keys and certificates that they have signed themselves.
    void make_database() {
        std::filesystem::create_directory(m_folder / "nss");
        write_file(m_folder / "pin", pin);
        std::ofstream(m_folder / "noise") << std::string(64, 'x');
        certutil({"-N"});
        int serial = 0;
        for (const auto* name : {"identity", "signing", "encryption"}) {
            certutil({"-S", "-x", "-n", name, "-s", std::string("CN=") + name, "-t", ",,", "-k", "rsa", "-g",
                      "2048", "-m", std::to_string(++serial), "-z", m_folder / "noise"});
        }
    }
    void certutil(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"certutil"});
        arguments.insert(arguments.end(), {"-d", database(), "-f", m_folder / "pin"});
        run_checked(arguments);
    }
    [[nodiscard]] std::string database() const { return "sql:" + (m_folder / "nss").string(); }

    [[nodiscard]] ipc::Key key(const std::string& label) const {
        const auto tokens = m_agent->tokens();
        for (const auto& key : tokens.at(0).keys) {
            if (key.label == label) {
                return key;
            }
        }
        throw std::runtime_error("no key " + label);
    }
    [[nodiscard]] Result<ipc::Reply> call(const char* method, const std::string& parameters) const {
        auto client = m_agent->client();
        return client.call(std::string("org.signet.agent.") + method, parameters);
    }

    TemporaryDirectory m_folder;
    std::optional<Pcscd> m_pcscd;
    std::unique_ptr<BackgroundProcess> m_card;
    std::unique_ptr<RunningAgent> m_agent;
};

TEST_F(CommonAccessCard, SignsAndDecryptsThroughOpenSc) {
    const auto token = m_agent->tokens().at(0);
    EXPECT_EQ(token.keys.size(), 3U);
    EXPECT_EQ(token.certificates.size(), 3U);
    ASSERT_TRUE(m_agent->unlock(pin)) << m_agent->log();

    const std::string signing = "CAC Email Signature Certificate";
    const ipc::SignCall sign{.use = m_agent->use(signing),
                             .scheme = SignatureScheme::rsa_pkcs1,
                             .hash = HashAlgorithm::sha256,
                             .data = message,
                             .data_is_message = true};
    const auto signature = call("Sign", ipc::encode(sign));
    ASSERT_TRUE(signature) << outcome(signature) << m_agent->log();
    EXPECT_TRUE(verifies_pkcs1(key(signing).public_key_info, HashAlgorithm::sha256, message,
                               ipc::decode_octets(signature->parameters, "signature").value()));

    const std::string encryption = "CAC Email Encryption Certificate";
    const ipc::DecryptCall decrypt{.use = m_agent->use(encryption),
                                   .scheme = DecryptionScheme::rsa_pkcs1,
                                   .ciphertext = encrypt_pkcs1(key(encryption).public_key_info, message)};
    const auto plaintext = call("Decrypt", ipc::encode(decrypt));
    ASSERT_TRUE(plaintext) << outcome(plaintext) << m_agent->log();
    EXPECT_EQ(ipc::decode_octets(plaintext->parameters, "plaintext").value(), message);
}

// OpenSC 0.23 does not understand how this card refuses a PIN.
TEST_F(CommonAccessCard, WorksAfterAWrongPin) {
    EXPECT_THAT(outcome(m_agent->unlock("654321")), testing::HasSubstr("DriverFailed: C_Login"));
    EXPECT_TRUE(m_agent->unlock(pin)) << m_agent->log();
}

}  // namespace
}  // namespace signet::test
