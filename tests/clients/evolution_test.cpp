// Evolution, by the library that does its S/MIME, over the database that `signet setup evolution` has
// changed.
#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Debian's, since the bindings are for that one.
constexpr const char* python = "/usr/bin/python3";
constexpr const char* bindings = "/usr/lib/python3/dist-packages/gi";
constexpr const char* description = "/usr/share/glib-2.0/schemas/org.gnome.evolution-data-server.gschema.xml";

bool has_camel() {
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
        if (std::filesystem::exists(entry.path() / "girepository-1.0/Camel-1.2.typelib")) {
            return true;
        }
    }
    return false;
}

class Evolution : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("certutil");
        SIGNET_REQUIRE(std::filesystem::exists(bindings), "python3-gi");
        SIGNET_REQUIRE(has_camel(), "gir1.2-camel-1.2");
        SIGNET_REQUIRE(std::filesystem::exists(description), "evolution-data-server-common");
        ClientTest::SetUp();
        std::filesystem::create_directories(m_home / ".pki/nssdb");
        const std::string database = "sql:" + (m_home / ".pki/nssdb").string();
        succeed({"certutil", "-N", "-d", database, "--empty-password"});
        succeed({"certutil", "-A", "-d", database, "-n", "root", "-t", "C,C,", "-i", "root.pem"});
        succeed({program("signet"), "setup", "evolution", "--yes"}, {}, variables());
    }

    // Its nickname for a certificate on the token.
    static std::string nickname(const std::string& label) {
        return std::string(Workplace::token) + ":" + label;
    }
    void camel(const std::string& action, const std::string& who, const std::string& source,
               const std::string& target) {
        succeed({python, "-B", SIGNET_EVOLUTION_SMIME, action, who, source, target}, {}, variables());
    }
    std::string as_mail(const std::string& part) {
        return "From: rsa@example.test\r\nTo: rsa@example.test\r\nMIME-Version: 1.0\r\n" + place().read(part);
    }

    const std::string m_part = "Content-Type: text/plain\r\n\r\nWritten in Evolution\r\n";

  private:
    [[nodiscard]] Variables variables() const {
        return {{"HOME", m_home.path()},
                {"XDG_CONFIG_HOME", ""},
                {"XDG_STATE_HOME", ""},
                {"XDG_DATA_HOME", ""},
                {"SIGNET_MODULE", pkcs11_module()},
                {"GSETTINGS_BACKEND", "memory"}};
    }

    TemporaryDirectory m_home;
};

TEST_F(Evolution, SignsWithRsaAndEc) {
    place().write("part", m_part);
    for (const std::string label : {"rsa", "ec"}) {
        camel("sign", nickname(label), "part", "signed");
        const auto mail =
            "From: " + label + "@example.test\r\nMIME-Version: 1.0\r\n" + place().read("signed");
        const auto verdict = place().signet({"verify", "--ca", "root.pem"}, mail);
        EXPECT_EQ(verdict.exit_status, 0) << label << ": " << verdict.output;
    }
}

TEST_F(Evolution, DecryptsWhatSignetEncrypts) {
    const auto mail =
        place().signet_output({"encrypt", "--to", "rsa@example.test"}, mail_from("rsa@example.test"));
    place().write("encrypted", mail);
    camel("decrypt", "", "encrypted", "decrypted");
    EXPECT_THAT(place().read("decrypted"), HasSubstr("this is from a token"));
}

TEST_F(Evolution, EncryptsWhatSignetDecrypts) {
    place().write("part", m_part);
    camel("encrypt", "rsa@example.test", "part", "encrypted");
    EXPECT_THAT(place().signet_output({"decrypt"}, as_mail("encrypted")), HasSubstr("Written in Evolution"));
}

TEST_F(Evolution, FindsSignaturesOfSignetGood) {
    for (const std::string label : {"rsa", "ec"}) {
        const std::string address = label + "@example.test";
        place().write("signed", place().signet_output({"sign", "--from", address}, mail_from(address)));
        camel("verify", "", "signed", "told");
        EXPECT_THAT(place().read("told"), StartsWith("True: Signer: " + label + " <" + address + ">"));
    }
}

}  // namespace
}  // namespace signet::test
