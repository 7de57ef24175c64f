#include "tests/support/pcscd.h"

#include "base/file_descriptor.h"
#include "tests/support/requirements.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace signet::test {
namespace {

constexpr const char* vpcd_driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

// $1 is to be /run; the drivers of the machine's readers disappear. "ready" tells that all is set up.
constexpr const char* set_up =
    "set -e\n"
    "mount --bind \"$1\" /run\n"
    "mount -t tmpfs none /usr/lib/pcsc/drivers\n"
    "ip link set lo up\n"
    "touch \"$1/ready\"\n"
    "exec sleep infinity\n";

// A person who is not root becomes it in a user namespace, as far as that goes.
std::vector<std::string> unshare_command() {
    std::vector<std::string> command{"unshare", "--mount", "--net"};
    if (geteuid() != 0) {
        command.emplace_back("--map-root-user");
    }
    return command;
}

std::unique_ptr<BackgroundProcess> start_holder(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory / "pcscd");
    auto command = unshare_command();
    command.insert(command.end(), {"--", "sh", "-c", set_up, "sh", directory.string()});
    const auto log = directory / "namespace.log";
    auto holder = std::make_unique<BackgroundProcess>(command, Variables{}, log.string());
    const bool ready = eventually(
        [&holder, &directory] { return !holder->running() || std::filesystem::exists(directory / "ready"); });
    if (!ready || !holder->running()) {
        throw std::runtime_error("no namespaces: " + read_file(log));
    }
    return holder;
}

bool accepts_connections(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), std::min(path.native().size(), sizeof(address.sun_path) - 1));
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

// One reader: vpcd, from a copy of its driver, since the drivers' own folder is hidden.
void write_configuration(const std::filesystem::path& directory, const std::string& reader_name) {
    std::filesystem::create_directories(directory / "configuration");
    const auto driver = directory / "libifdvpcd.so";
    std::filesystem::copy_file(vpcd_driver, driver);
    const auto port = std::to_string(Pcscd::first_port);
    write_file(directory / "configuration/vpcd", "FRIENDLYNAME \"" + reader_name +
                                                     "\"\nDEVICENAME /dev/null:" + port + "\nLIBPATH " +
                                                     driver.string() + "\nCHANNELID " + port + "\n");
}

const std::filesystem::path& made(const std::filesystem::path& path) {
    std::filesystem::create_directories(path);
    return path;
}

}  // namespace

ReaderNamespace::ReaderNamespace(const std::filesystem::path& directory)
    : m_holder(start_holder(directory)) {}

std::vector<std::string> ReaderNamespace::command(const std::vector<std::string>& inner) const {
    std::vector<std::string> command{"nsenter", "--target", std::to_string(m_holder->pid()), "--mount",
                                     "--net"};
    if (geteuid() != 0) {
        command.insert(command.end(), {"--user", "--preserve-credentials"});
    }
    command.emplace_back("--");
    command.insert(command.end(), inner.begin(), inner.end());
    return command;
}

bool Pcscd::available() {
    return have_program("unshare") && have_program("nsenter") && have_program("ip") &&
           (have_program("pcscd") || std::filesystem::exists("/usr/sbin/pcscd")) &&
           std::filesystem::exists(vpcd_driver);
}

Pcscd::Pcscd(std::string reader_name)
    : m_reader_name(std::move(reader_name)), m_namespace(made(m_directory / "run")) {
    write_configuration(m_directory.path(), m_reader_name);
    start();
}

Variables Pcscd::variables() const {
    return {{"PCSCLITE_CSOCK_NAME", socket().string()},
            {"XDG_CACHE_HOME", (m_directory / "cache").string()},
            {"HOME", m_directory.path().string()}};
}

std::string Pcscd::slot_name(int slot) const {
    return m_reader_name + " 00 0" + std::to_string(slot);
}

void Pcscd::start() {
    const auto configuration = (m_directory / "configuration").string();
    m_process = std::make_unique<BackgroundProcess>(
        m_namespace.command({"/usr/sbin/pcscd", "--foreground", "--config", configuration}), Variables{},
        log().string());
    if (!eventually([this] { return !m_process->running() || accepts_connections(socket()); }) ||
        !m_process->running()) {
        throw std::runtime_error("pcscd does not start: " + read_file(log()));
    }
}

void Pcscd::stop(int signal_number) {
    if (m_process) {
        m_process->stop(signal_number);
        m_process.reset();
    }
    std::filesystem::remove(socket());
}

void Pcscd::restart(int signal_number) {
    stop(signal_number);
    start();
}

}  // namespace signet::test
