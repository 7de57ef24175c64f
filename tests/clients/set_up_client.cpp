#include "tests/clients/set_up_client.h"

#include "tests/support/requirements.h"

namespace signet::test {

Variables SetUpClient::variables() {
    Variables variables{{"HOME", m_home.path()},
                        {"XDG_CONFIG_HOME", ""},
                        {"XDG_STATE_HOME", ""},
                        // Not ~/.gnupg, whose sockets are in a place that does not depend on $HOME.
                        {"GNUPGHOME", home("gnupg")}};
    variables.merge(agent().variables());
    return variables;
}

std::string SetUpClient::in_home(const std::vector<std::string>& command, const Variables& further) {
    Variables all = further;
    all.merge(variables());
    return succeed(command, {}, all);
}

std::string SetUpClient::set_up(const std::string& client, const Variables& further) {
    return in_home({program("signet"), "setup", client, "--yes"}, further);
}

void SetUpGpgsm::SetUp() {
    SIGNET_REQUIRE_PROGRAM("gpgsm");
    SIGNET_REQUIRE_PROGRAM("gnupg-pkcs11-scd");
    SetUpClient::SetUp();
    std::filesystem::create_directory(home("gnupg"));
    std::filesystem::permissions(home("gnupg"), std::filesystem::perms::owner_all);
    write_file(home("gnupg/gpgsm.conf"), "disable-crl-checks\ndisable-dirmngr\n");
    trust_root();
}

void SetUpGpgsm::TearDown() {
    if (std::filesystem::exists(home("gnupg"))) {
        in_home({"gpgconf", "--kill", "all"});
    }
}

std::string SetUpGpgsm::gpgsm(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"gpgsm", "--batch", "--yes"});
    return in_home(arguments);
}

void SetUpGpgsm::trust_root() {
    gpgsm({"--import", place().path("root.pem")});
    // The trust list names certificates by SHA-1.
    const auto print = succeed({"openssl", "x509", "-in", "root.pem", "-noout", "-fingerprint", "-sha1"});
    write_file(home("gnupg/trustlist.txt"), print.substr(print.find('=') + 1, 59) + " S relax\n");
}

}  // namespace signet::test
