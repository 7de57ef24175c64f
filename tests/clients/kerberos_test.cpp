// MIT Kerberos: kinit gets a ticket from a KDC of the test's own for who holds a key on the token (PKINIT,
// RFC 4556).
#include "tests/clients/client_test.h"
#include "tests/support/loopback_server.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

constexpr const char* kdc = "/usr/sbin/krb5kdc";
constexpr const char* kdc_database = "/usr/sbin/kdb5_util";
constexpr const char* kadmin = "/usr/sbin/kadmin.local";
constexpr const char* pkinit = "/usr/lib/x86_64-linux-gnu/krb5/plugins/preauth/pkinit.so";

class Kinit : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("kinit");
        SIGNET_REQUIRE(std::filesystem::exists(kdc) && std::filesystem::exists(kadmin),
                       "krb5-kdc and its tools");
        SIGNET_REQUIRE(std::filesystem::exists(pkinit), "krb5-pkinit");
        ClientTest::SetUp();
        write_settings("127.0.0.1:" + std::to_string(unused_port()));
        // RFC 4556 section 3.2.4: id-pkinit-KPKdc.
        kerberos({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "kdc.key", "-out",
                  "kdc.pem", "-subj", "/CN=kdc", "-addext", "subjectAltName=DNS:kdc.example.test", "-addext",
                  "extendedKeyUsage=1.3.6.1.5.2.3.5", "-addext", "keyUsage=digitalSignature"});
        kerberos({kdc_database, "create", "-s", "-P", "master"});
        kerberos({kadmin, "addprinc", "-nokey", "+requires_preauth", "rsa"});
        kerberos({kadmin, "setstr", "rsa", "pkinit_cert_match", "<SUBJECT>.*CN=rsa.*"});
        m_kdc.emplace(std::vector<std::string>{kdc, "-n"}, m_variables, place().path("kdc.out"));
        ASSERT_TRUE(eventually([this] { return log().find("commencing operation") != std::string::npos; }))
            << log();
    }
    std::string kerberos(const std::vector<std::string>& command) {
        return succeed(command, {}, m_variables);
    }
    ProcessResult kinit() {
        return place().run(
            {"kinit", "-X",
             "X509_user_identity=PKCS11:module_name=" + pkcs11_module() + ":token=tok:certid=01", "rsa"},
            {}, m_variables);
    }
    std::string log() { return place().read("kdc.log"); }

  private:
    void write_settings(const std::string& address);

    Variables m_variables;
    std::optional<BackgroundProcess> m_kdc;
};

void Kinit::write_settings(const std::string& address) {
    const auto file = [this](const std::string& name) { return place().path(name); };
    const auto write = [this](const std::string& name, const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) {
            text += line + '\n';
        }
        place().write(name, text);
    };
    write("krb5.conf",
          {"[libdefaults]", "default_realm = EXAMPLE.TEST", "dns_lookup_kdc = false",
           "dns_lookup_realm = false", "rdns = false", "[realms]", "EXAMPLE.TEST = {", "kdc = " + address,
           "pkinit_kdc_hostname = kdc.example.test", "pkinit_anchors = FILE:" + file("kdc.pem"),
           "pkinit_anchors = FILE:" + file("root.pem"), "}"});
    write("kdc.conf",
          {"[kdcdefaults]", "kdc_listen = " + address, "kdc_tcp_listen = " + address, "[realms]",
           "EXAMPLE.TEST = {", "database_name = " + file("principals"), "key_stash_file = " + file("stash"),
           "pkinit_identity = FILE:" + file("kdc.pem") + "," + file("kdc.key"),
           "pkinit_anchors = FILE:" + file("root.pem"), "pkinit_eku_checking = none", "}", "[logging]",
           "kdc = FILE:" + file("kdc.log")});
    place().write("kdc.log", "");
    m_variables = {{"KRB5_CONFIG", file("krb5.conf")},
                   {"KRB5_KDC_PROFILE", file("kdc.conf")},
                   {"KRB5CCNAME", "FILE:" + file("tickets")}};
}

TEST_F(Kinit, GetsATicketWithAnRsaKey) {
    const auto login = kinit();
    ASSERT_EQ(login.exit_status, 0) << login.output << login.error_output << log();
    EXPECT_THAT(kerberos({"klist"}), HasSubstr("Default principal: rsa@EXAMPLE.TEST"));
    EXPECT_EQ(agent().prompts(), 0);
}

TEST_F(Kinit, LeavesThePinToTheAgent) {
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({SoftHsm::pin});
    const auto login = kinit();
    EXPECT_EQ(login.exit_status, 0) << login.error_output << log();
    EXPECT_EQ(login.output, "");
    EXPECT_EQ(agent().prompts(), 1);
}

TEST_F(Kinit, GetsNoTicketWhenThePinIsNotGiven) {
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({"cancel"});
    EXPECT_NE(kinit().exit_status, 0);
    EXPECT_FALSE(std::filesystem::exists(place().path("tickets")));
    EXPECT_EQ(agent().prompts(), 1);
}

}  // namespace
}  // namespace signet::test
