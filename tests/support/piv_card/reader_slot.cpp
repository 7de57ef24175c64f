#include "tests/support/piv_card/reader_slot.h"

#include <poll.h>

#include <algorithm>
#include <array>

namespace signet::test::piv_card {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds reconnect_interval{20};
constexpr milliseconds default_touch_patience{15000};

int poll_timeout(steady_clock::time_point end) {
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60000));
}

}  // namespace

ReaderSlot::ReaderSlot(SlotOptions options, const CardFiles& files, const std::function<CardState()>& fresh,
                       const Settings& settings)
    : m_options(std::move(options)),
      m_card(files, fresh, settings, [this] { return wait_for_touch(); }),
      m_inserted(m_options.inserted) {
    if (m_options.insert_after) {
        m_reinsertion = steady_clock::now() + *m_options.insert_after;
    }
    if (!m_options.control.empty()) {
        m_control.emplace(m_options.control);
    }
}

void ReaderSlot::run() {
    for (;;) {
        keep_connected();
        serve_until(steady_clock::now() + reconnect_interval, true);
    }
}

void ReaderSlot::keep_connected() {
    if (m_reinsertion && steady_clock::now() >= *m_reinsertion) {
        m_reinsertion.reset();
        m_inserted = true;
    }
    if (m_inserted && !m_connection && steady_clock::now() >= m_removal + m_options.shortest_absence) {
        m_connection = VpcdConnection::connect(m_options.port);
        if (m_connection) {
            m_card.power("inserted");
        }
    }
}

void ReaderSlot::remove() {
    m_inserted = false;
    if (m_connection) {
        m_connection.reset();
        m_removal = steady_clock::now();
        m_card.power("removed");
    }
}

void ReaderSlot::serve_until(TimePoint end, bool messages) {
    std::array<pollfd, 2> entries{pollfd{m_control ? m_control->fd() : -1, POLLIN, 0},
                                  pollfd{messages && m_connection ? m_connection->fd() : -1, POLLIN, 0}};
    if (poll(entries.data(), entries.size(), poll_timeout(end)) <= 0) {
        return;
    }
    if (entries[0].revents != 0) {
        m_control->serve([this](std::string_view line) { return obey(line); });
    }
    if (entries[1].revents != 0 && m_connection) {
        serve_message();
    }
}

void ReaderSlot::serve_message() {
    const auto message = m_connection->receive();
    if (!message) {
        lose_reader();
        return;
    }
    switch (message->kind) {
        case VpcdMessage::Kind::power_off:
            m_card.power("power off");
            break;
        case VpcdMessage::Kind::power_on:
            m_card.power("power on");
            break;
        case VpcdMessage::Kind::reset:
            m_card.power("reset");
            break;
        case VpcdMessage::Kind::get_atr:
            send(m_options.atr);
            break;
        case VpcdMessage::Kind::command:
            answer_command(message->command);
            break;
    }
}

void ReaderSlot::send(ByteView message) {
    if (!m_connection->send(message)) {
        lose_reader();
    }
}

void ReaderSlot::lose_reader() {
    m_connection.reset();
    m_card.power("reader gone");
}

void ReaderSlot::answer_command(const Bytes& command) {
    const auto reply = m_card.exchange(command);
    const auto end = steady_clock::now() + reply.delay;
    while (m_connection && steady_clock::now() < end) {
        serve_until(end, false);
    }
    if (m_connection && reply.answered) {
        send(reply.octets);
    }
    if (reply.pulled) {
        remove();
        if (m_options.reinsert_after) {
            m_reinsertion = steady_clock::now() + *m_options.reinsert_after;
        }
    }
}

bool ReaderSlot::wait_for_touch() {
    const auto& settings = m_card.settings();
    const auto patience = settings.touch == Touch::awaited && settings.touch_delay == milliseconds(0)
                              ? default_touch_patience
                              : settings.touch_delay;
    const auto end = steady_clock::now() + patience;
    m_finger = false;
    m_card.log().event("touch wanted");
    while (m_connection && !m_connection->broken() && !m_finger && steady_clock::now() < end) {
        serve_until(std::min(end, steady_clock::now() + reconnect_interval), false);
    }
    const bool touched = m_finger || settings.touch == Touch::given;
    m_card.log().event(touched ? "touched" : "not touched");
    return touched;
}

std::string ReaderSlot::obey(std::string_view line) {
    const auto word = line.substr(0, line.find(' '));
    const auto argument = line.substr(std::min(line.size(), word.size() + 1));
    if (word == "state") {
        return m_connection ? "inserted" : "removed";
    }
    if (word == "insert") {
        m_inserted = true;
    } else if (word == "remove") {
        m_reinsertion.reset();
        remove();
    } else if (word == "touch") {
        m_finger = true;
    } else if (word == "clear-faults") {
        m_card.faults().clear();
    } else if (word == "set") {
        if (!set(m_card.settings(), argument)) {
            return "unknown setting";
        }
    } else if (word == "fault") {
        const auto fault = parse_fault(argument);
        if (!fault) {
            return "unknown fault";
        }
        m_card.faults().add(*fault);
    } else {
        return "unknown command";
    }
    return "ok";
}

}  // namespace signet::test::piv_card
