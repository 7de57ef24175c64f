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
#ifdef SIGNET_PIN_PAD_DRIVER
constexpr const char* pin_pad_driver = SIGNET_PIN_PAD_DRIVER;
#else
constexpr const char* pin_pad_driver = "";
#endif

// $1 is to be /run; the drivers of the machine's readers disappear. "ready" tells that all is set up.
constexpr const char* set_up =
    "set -e\n"
    "mount --bind \"$1\" /run\n"
    "mount -t tmpfs none /usr/lib/pcsc/drivers\n"
    "ip link set lo up\n"
    "touch \"$1/ready\"\n"
    "exec setpriv --pdeathsig KILL sleep infinity\n";

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

// The drivers' own folder is hidden; they are copied to where the configuration is.
std::filesystem::path copy_drivers(const std::filesystem::path& directory, bool pin_pad) {
    auto driver = directory / "libifdvpcd.so";
    std::filesystem::copy_file(vpcd_driver, driver);
    if (pin_pad) {
        driver = directory / "pin-pad.so";
        std::filesystem::copy_file(pin_pad_driver, driver);
    }
    return driver;
}

void write_configuration(const std::filesystem::path& directory, const PcscdOptions& options) {
    std::filesystem::create_directories(directory / "configuration");
    const auto driver = copy_drivers(directory, options.pin_pad);
    const auto port = std::to_string(Pcscd::first_port);
    write_file(directory / "configuration/vpcd", "FRIENDLYNAME \"" + options.reader_name +
                                                     "\"\nDEVICENAME /dev/null:" + port + "\nLIBPATH " +
                                                     driver.string() + "\nCHANNELID " + port + "\n");
}

const std::filesystem::path& made(const std::filesystem::path& path) {
    std::filesystem::create_directories(path);
    return path;
}

}  // namespace

bool ReaderNamespace::available() {
    for (const auto* program : {"unshare", "nsenter", "setpriv", "ip"}) {
        if (!have_program(program)) {
            return false;
        }
    }
    return true;
}

bool ReaderNamespace::permitted() {
    auto command = unshare_command();
    command.emplace_back("true");
    return run(command).exit_status == 0;
}

ReaderNamespace::ReaderNamespace(const std::filesystem::path& directory)
    : m_holder(start_holder(directory)) {}

std::vector<std::string> ReaderNamespace::command(const std::vector<std::string>& inner) const {
    std::vector<std::string> command{"nsenter", "--target", std::to_string(m_holder->pid()), "--mount",
                                     "--net"};
    if (geteuid() != 0) {
        command.insert(command.end(), {"--user", "--preserve-credentials"});
    }
    command.insert(command.end(), {"--", "setpriv", "--pdeathsig", "KILL", "--"});
    command.insert(command.end(), inner.begin(), inner.end());
    return command;
}

bool Pcscd::available() {
    return std::filesystem::exists("/usr/sbin/pcscd") && std::filesystem::exists(vpcd_driver) &&
           ReaderNamespace::available();
}

bool Pcscd::pin_pad_available() {
    return !std::string_view(pin_pad_driver).empty();
}

Pcscd::Pcscd(PcscdOptions options) : m_options(std::move(options)), m_namespace(made(m_directory / "run")) {
    write_configuration(m_directory.path(), m_options);
    start();
}

Variables Pcscd::variables() const {
    return {{"PCSCLITE_CSOCK_NAME", socket().string()},
            {"XDG_CACHE_HOME", (m_directory / "cache").string()},
            {"HOME", m_directory.path().string()}};
}

std::string Pcscd::slot_name(int slot) const {
    return m_options.reader_name + " 00 0" + std::to_string(slot);
}

void Pcscd::type(const std::vector<std::string>& answers) const {
    std::string lines;
    for (const auto& answer : answers) {
        lines += answer + "\n";
    }
    write_file(m_directory / "keys", lines);
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
