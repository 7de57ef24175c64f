#include "tests/e2e/sendmail_fixture.h"

#include "tests/support/requirements.h"

namespace signet::test {

void SendmailFixture::SetUpTestSuite() {
    if (!SoftHsm::available()) {
        return;
    }
    s_place = std::make_unique<Workplace>();
    s_place->add_identity("rsa:2048", "01", "alice@example.test");
    s_place->add_identity("EC:prime256v1", "02", "erin@example.test");
    s_place->add_peer("rsa:2048", "bob@example.test");
    s_place->add_peer("P-256", "carol@example.test");
    s_place->start();
}

void SendmailFixture::SetUp() {
    SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    std::filesystem::create_directories(m_home / "signet");
    std::filesystem::create_directories(m_home / "people");
    for (const char* name : {"bob.pem", "carol.pem"}) {
        write_file(m_home / "people" / name, s_place->read(name));
    }
}

void SendmailFixture::settings(const std::string& transport, const std::string& account,
                               const std::string& further) const {
    std::string text = "transport = " + transport + "\ncertificates = [\"../people\"]\n";
    for (const char* address : {"alice@example.test", "erin@example.test"}) {
        text.append("[[account]]\naddress = \"").append(address).append("\"\n").append(account);
    }
    write_file(m_home / "signet/mail.toml", text + further);
}

ProcessResult SendmailFixture::sendmail(std::vector<std::string> arguments, const std::string& mail) const {
    arguments.insert(arguments.begin(), "sendmail");
    return s_place->signet(arguments, mail, {{"XDG_CONFIG_HOME", m_home.path()}});
}

ProcessResult SendmailFixture::decrypt(const std::string& mail, const std::string& who) {
    return s_place->run({"openssl", "cms", "-decrypt", "-recip", who + ".pem", "-inkey", who + ".key"}, mail);
}

}  // namespace signet::test
