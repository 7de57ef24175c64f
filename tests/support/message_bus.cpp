#include "tests/support/message_bus.h"

#include "ipc/client.h"
#include "tests/support/requirements.h"

#include <filesystem>
#include <stdexcept>

namespace signet::test {

bool MessageBus::available() {
    return have_program("dbus-daemon");
}

MessageBus::MessageBus() {
    write_file(m_folder / "bus.conf",
               "<busconfig>\n"
               "  <listen>" +
                   address() +
                   "</listen>\n"
                   "  <auth>EXTERNAL</auth>\n"
                   "  <policy context=\"default\">\n"
                   "    <allow own=\"*\"/>\n"
                   "    <allow send_destination=\"*\"/>\n"
                   "    <allow receive_sender=\"*\"/>\n"
                   "  </policy>\n"
                   "</busconfig>\n");
    start();
}

std::string MessageBus::address() const {
    return "unix:path=" + (m_folder / "bus").string();
}

void MessageBus::stop() {
    m_process.reset();
    std::filesystem::remove(m_folder / "bus");
}

void MessageBus::start() {
    m_process = std::make_unique<BackgroundProcess>(
        std::vector<std::string>{"dbus-daemon", "--nofork", "--nopidfile",
                                 "--config-file=" + (m_folder / "bus.conf").string()},
        Variables{}, m_folder / "log");
    // The file is there before anybody listens.
    if (!eventually([this] { return ipc::Client::connect(m_folder / "bus").has_value(); })) {
        throw std::runtime_error("no message bus: " + read_file(m_folder / "log"));
    }
}

}  // namespace signet::test
