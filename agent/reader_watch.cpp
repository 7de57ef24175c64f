#include "agent/reader_watch.h"

#include "base/log.h"

#include <algorithm>

namespace signet::agent {
namespace {

constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::seconds longest_pause{600};

std::string names_of(const std::vector<ipc::Reader>& readers) {
    std::string names;
    for (const auto& reader : readers) {
        names += (names.empty() ? "" : ", ") + reader.name;
    }
    return names.empty() ? "none" : names;
}

}  // namespace

ReaderWatch::ReaderWatch(ipc::EventLoop& loop, Changed changed)
    : m_loop(loop), m_changed(std::move(changed)), m_restart(loop), m_pause(first_pause) {}

void ReaderWatch::start() {
    if (m_process) {
        return;
    }
    m_restart.cancel();
    auto process = HostProcess::start(m_loop, readers_subject(),
                                      {.session_free = [] {},
                                       .ended =
                                           [this](const HostEnd& end) {
                                               log::warning(end.error.detail);
                                               m_process.reset();
                                               start_later();
                                           }});
    if (!process) {
        log::warning("smart card readers are not watched: " + process.error().detail);
        start_later();
        return;
    }
    m_process = std::move(*process);
    m_process->watch("org.signet.readers.WatchReaders",
                     [this](const Result<ipc::Reply>& reply) { reported(reply); });
}

void ReaderWatch::stop() {
    m_process.reset();
    m_restart.cancel();
    m_pause = first_pause;
}

void ReaderWatch::start_later() {
    m_restart.start(m_pause, [this] { start(); });
    m_pause = std::min(2 * m_pause, longest_pause);
}

void ReaderWatch::reported(const Result<ipc::Reply>& reply) {
    // The end of the process comes next.
    if (!reply) {
        return;
    }
    auto report = ipc::decode_readers_reply(reply->parameters);
    if (!report) {
        m_process->kill(report.error());
        return;
    }
    m_pause = first_pause;
    std::erase_if(report->readers, [](const ipc::Reader& reader) { return !reader.card_present; });
    log::debug("cards in readers: " + (report->failure ? *report->failure : names_of(report->readers)));
    m_changed(std::move(report->readers));
}

}  // namespace signet::agent
