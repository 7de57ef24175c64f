#include "tests/support/postfix.h"

#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <stdexcept>

namespace signet::test {
namespace {

namespace fs = std::filesystem;

// Those that take a mail from the queue to a relay; none listens on the network.
constexpr std::string_view services = R"(pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
)";

std::string main_settings(const std::string& folder, std::uint16_t relay) {
    return "compatibility_level = 3.6\n"
           "queue_directory = " +
           folder +
           "/queue\n"
           "data_directory = " +
           folder +
           "/data\n"
           "maillog_file = " +
           folder +
           "/log\n"
           "maillog_file_prefixes = " +
           folder +
           "\n"
           "myhostname = postfix.example.test\n"
           "mydestination =\n"
           "alias_maps =\n"
           "inet_interfaces = 127.0.0.1\n"
           "inet_protocols = ipv4\n"
           "smtp_host_lookup = native\n"
           "smtp_tls_security_level = none\n"
           "relayhost = [127.0.0.1]:" +
           std::to_string(relay) + "\n";
}

}  // namespace

bool Postfix::available() {
    return geteuid() == 0 && have_program("postfix") && getpwnam("postfix") != nullptr;
}

Postfix::Postfix(std::uint16_t relay) {
    // Its processes are another user's.
    fs::permissions(m_folder.path(), fs::perms(0711));
    for (const char* name : {"settings", "queue", "data"}) {
        fs::create_directory(m_folder / name);
    }
    const passwd* user = getpwnam("postfix");
    if (user == nullptr || chown((m_folder / "data").c_str(), user->pw_uid, user->pw_gid) != 0) {
        throw std::runtime_error("no folder for the user postfix");
    }
    write_file(m_folder / "settings/main.cf", main_settings(m_folder.path(), relay));
    write_file(m_folder / "settings/master.cf", services);
    // Makes the folders of the queue.
    run_checked({"postfix", "-c", settings(), "check"});
}

Postfix::~Postfix() {
    if (m_running) {
        EXPECT_EQ(run({"postfix", "-c", settings(), "stop"}).exit_status, 0) << log();
    }
}

void Postfix::start() {
    run_checked({"postfix", "-c", settings(), "start"});
    m_running = true;
}

void Postfix::add_setting(const std::string& line) const {
    const auto file = m_folder / "settings/main.cf";
    write_file(file, read_file(file) + line + "\n");
}

std::string Postfix::queued() const {
    std::string all;
    for (const char* part : {"maildrop", "incoming", "active", "deferred"}) {
        for (const auto& entry : fs::recursive_directory_iterator(m_folder.path() / "queue" / part)) {
            if (entry.is_regular_file()) {
                all += read_file(entry.path());
            }
        }
    }
    return all;
}

std::string Postfix::log() const {
    const auto file = m_folder / "log";
    return fs::exists(file) ? read_file(file) : std::string();
}

}  // namespace signet::test
