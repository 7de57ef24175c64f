#include "tests/support/inserted_card.h"

#include "tests/support/piv_card/control_socket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace signet::test {
namespace {

// "lc=5" as the value of "lc"
std::string value_of(const std::string& word) {
    return word.substr(word.find('=') + 1);
}

LoggedApdu parse_line(const std::string& line) {
    std::istringstream words(line);
    std::string kind, time, lc, le, sw, length, applet;
    LoggedApdu apdu;
    words >> kind >> time >> apdu.header >> lc >> le >> sw >> length >> applet;
    apdu.command_length = std::stoul(value_of(lc));
    apdu.response_length = std::stoul(value_of(length));
    apdu.status = value_of(sw);
    apdu.applet = value_of(applet);
    return apdu;
}

bool is_apdu(const std::string& line) {
    return line.starts_with("apdu ");
}

}  // namespace

InsertedCard::InsertedCard(const Pcscd& pcscd, const InsertedCardOptions& options)
    : m_pcscd(pcscd),
      m_options(options),
      m_state(options.state.empty() ? m_directory / "card" : options.state) {
    start();
}

InsertedCard::~InsertedCard() {
    EXPECT_TRUE(m_process->running()) << "piv-card has ended by itself";
    m_process->stop();
    expect_no_sanitizer_report(read_file(m_directory / "errors"));
}

void InsertedCard::start(const std::vector<std::string>& more_options) {
    const auto port = m_options.slot == 0 ? Pcscd::first_port : Pcscd::second_port;
    std::vector<std::string> command{SIGNET_PIV_CARD,
                                     "--port",
                                     std::to_string(port),
                                     "--state",
                                     m_state.string(),
                                     "--log",
                                     (m_directory / "log").string(),
                                     "--control",
                                     (m_directory / "control").string(),
                                     "--serial",
                                     std::to_string(m_options.serial),
                                     "--firmware",
                                     m_options.firmware,
                                     "--attestation-root",
                                     attestation_root().string()};
    for (const auto& setting : m_options.settings) {
        command.insert(command.end(), {"--set", setting});
    }
    for (const auto& fault : m_options.faults) {
        command.insert(command.end(), {"--fault", fault});
    }
    command.insert(command.end(), m_options.options.begin(), m_options.options.end());
    command.insert(command.end(), more_options.begin(), more_options.end());
    const auto errors = (m_directory / "errors").string();
    m_process = std::make_unique<BackgroundProcess>(m_pcscd.inside().command(command), Variables{}, errors);
    const bool ready = eventually(
        [this] { return !m_process->running() || std::filesystem::exists(m_directory / "control"); });
    if (!ready || !m_process->running()) {
        throw std::runtime_error("piv-card does not start: " + read_file(errors));
    }
    if (m_options.wait) {
        wait_for_power();
    }
}

void InsertedCard::restart() {
    remove();
    m_process->stop();
    std::filesystem::remove(m_directory / "control");
    // pcscd looks every 400 ms, and must have seen that the card was out.
    start({"--insert-after", "500"});
}

// pcscd has seen the card once it has powered it on after the insertion.
void InsertedCard::wait_for_power() const {
    const bool seen = eventually([this] {
        const auto lines = log_lines();
        const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
            return line.ends_with(" inserted") || line.ends_with(" removed") || line.ends_with(" power on");
        });
        return last != lines.rend() && last->ends_with(" power on");
    });
    if (!seen) {
        throw std::runtime_error("pcscd does not see the card: " + read_file(m_pcscd.log()));
    }
}

void InsertedCard::insert() {
    control("insert");
    if (!eventually([this] { return inserted(); })) {
        throw std::runtime_error("vpcd does not take the card");
    }
    wait_for_power();
}

void InsertedCard::remove() {
    control("remove");
}

bool InsertedCard::inserted() const {
    return piv_card::send_control_line(m_directory / "control", "state") == "inserted";
}

void InsertedCard::control(const std::string& line) const {
    const auto answer = piv_card::send_control_line(m_directory / "control", line);
    if (answer != "ok") {
        throw std::runtime_error(line + ": " + answer);
    }
}

bool InsertedCard::wants_touch() const {
    const auto lines = log_lines();
    const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
        return line.find("touch") != std::string::npos;
    });
    return last != lines.rend() && last->ends_with("touch wanted");
}

std::vector<std::string> InsertedCard::log_lines() const {
    std::ifstream file(m_directory / "log");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::vector<LoggedApdu> InsertedCard::new_apdus() {
    const auto lines = log_lines();
    std::vector<LoggedApdu> apdus;
    for (; m_read_lines < lines.size(); ++m_read_lines) {
        if (is_apdu(lines[m_read_lines])) {
            apdus.push_back(parse_line(lines[m_read_lines]));
        }
    }
    return apdus;
}

std::size_t InsertedCard::apdu_count() const {
    const auto lines = log_lines();
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), is_apdu));
}

std::size_t count(const std::vector<LoggedApdu>& apdus, std::string_view instruction) {
    return static_cast<std::size_t>(
        std::count_if(apdus.begin(), apdus.end(),
                      [instruction](const auto& apdu) { return apdu.instruction() == instruction; }));
}

}  // namespace signet::test
