#include "agent/kept_process.h"

#include "base/log.h"

#include <algorithm>
#include <utility>

namespace signet::agent {
namespace {

constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::seconds longest_pause{600};

}  // namespace

KeptProcess::KeptProcess(ipc::EventLoop& loop, HostSubject subject, Events events)
    : m_loop(loop),
      m_subject(std::move(subject)),
      m_events(std::move(events)),
      m_restart(loop),
      m_pause(first_pause) {}

void KeptProcess::start() {
    if (m_process) {
        return;
    }
    m_restart.cancel();
    auto process = HostProcess::start(m_loop, m_subject,
                                      {.session_free = [this] { m_events.session_free(); },
                                       .ended =
                                           [this](const HostEnd& end) {
                                               log::warning(end.error.detail);
                                               m_process.reset();
                                               m_events.ended();
                                               start_again();
                                           }});
    if (!process) {
        log::warning(m_subject.title + ": " + process.error().operation + ": " + process.error().detail);
        m_events.ended();
        start_again();
        return;
    }
    m_process = std::move(*process);
    m_events.started(*m_process);
}

void KeptProcess::start_after(std::chrono::milliseconds pause) {
    m_restart.start(pause, [this] { start(); });
}

void KeptProcess::stop() {
    m_process.reset();
    m_restart.cancel();
    m_pause = first_pause;
}

void KeptProcess::works() {
    m_pause = first_pause;
}

void KeptProcess::start_again() {
    start_after(m_pause);
    m_pause = std::min(2 * m_pause, longest_pause);
}

}  // namespace signet::agent
