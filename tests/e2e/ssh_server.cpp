#include "tests/e2e/ssh_server.h"

#include <pwd.h>
#include <unistd.h>

#include <stdexcept>

namespace signet::test {
namespace {

constexpr const char* sshd = "/usr/sbin/sshd";

}  // namespace

bool SshServer::available() {
    return std::filesystem::exists(sshd);
}

SshServer::SshServer(const Workplace& place, const std::string& host_key) : m_place(place) {
    std::filesystem::remove(place.path("host"));
    const auto made = place.run({"ssh-keygen", "-q", "-t", host_key, "-N", "", "-f", "host"});
    if (made.exit_status != 0) {
        throw std::runtime_error("ssh-keygen: " + made.error_output);
    }
    place.write("known", "token " + place.read("host.pub"));
    place.write("sshd_config", "HostKey " + place.path("host") + "\nAuthorizedKeysFile " +
                                   place.path("authorized") +
                                   "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                                   "KbdInteractiveAuthentication no\nPidFile none\n"
                                   "PubkeyAcceptedAlgorithms +ssh-rsa\n");
}

std::vector<std::string> SshServer::login(const std::vector<std::string>& options) const {
    const std::string server = std::string(sshd) + " -i -f " + m_place.path("sshd_config");
    // Run by root, sshd wants a folder below /run.
    const std::string proxy =
        geteuid() == 0
            ? "unshare --mount sh -c 'mount -t tmpfs run /run && mkdir /run/sshd && exec " + server + "'"
            : server;
    std::vector<std::string> command{"ssh", "-F", "none", "-o", "BatchMode=yes"};
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(),
                   {"-o", "UserKnownHostsFile=" + m_place.path("known"), "-o", "ProxyCommand=" + proxy,
                    std::string(getpwuid(geteuid())->pw_name) + "@token"});
    return command;
}

}  // namespace signet::test
