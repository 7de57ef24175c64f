#include "tests/support/piv_card/log.h"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace signet::test::piv_card {
namespace {

// In the order of SelectedApplet.
constexpr std::array applet_names{"none", "piv", "derived", "other"};
constexpr std::size_t header_size = 4;

}  // namespace

Log::Log(const std::filesystem::path& path) : m_start(std::chrono::steady_clock::now()) {
    if (path.empty()) {
        return;
    }
    m_file.reset(std::fopen(path.c_str(), "ae"));
    if (!m_file) {
        throw std::runtime_error("cannot write " + path.string());
    }
    std::setvbuf(m_file.get(), nullptr, _IOLBF, BUFSIZ);
}

double Log::elapsed() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - m_start).count();
}

void Log::apdu(ByteView command, const Bytes* response, SelectedApplet applet) {
    if (!m_file) {
        return;
    }
    const auto parsed = parse_command(command);
    const auto header = to_hex(command.first(std::min(command.size(), header_size)));
    std::string status = "none";
    std::size_t length = 0;
    if (response != nullptr && response->size() >= status_size) {
        length = response->size() - status_size;
        status = to_hex(ByteView(*response).last(status_size));
    }
    std::fprintf(m_file.get(), "apdu %.1f %s lc=%zu le=%zu sw=%s length=%zu applet=%s\n", elapsed(),
                 header.c_str(), parsed ? parsed->data.size() : 0, parsed ? parsed->expected.value_or(0) : 0,
                 status.c_str(), length, applet_names.at(static_cast<std::size_t>(applet)));
}

void Log::event(std::string_view text) {
    if (m_file) {
        std::fprintf(m_file.get(), "event %.1f %.*s\n", elapsed(), static_cast<int>(text.size()),
                     text.data());
    }
}

}  // namespace signet::test::piv_card
