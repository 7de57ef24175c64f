#include "smime/background_sink.h"

#include <utility>

namespace signet::smime {

BackgroundSink::~BackgroundSink() {
    stop();
}

Result<void> BackgroundSink::write(std::string_view octets) {
    while (!octets.empty()) {
        const std::string_view piece = octets.substr(0, stream_block_size - m_block.size());
        m_block += piece;
        octets.remove_prefix(piece.size());
        if (m_block.size() == stream_block_size) {
            SIGNET_CHECK(hand_over());
        }
    }
    return {};
}

Result<void> BackgroundSink::hand_over() {
    if (!m_thread.joinable()) {
        m_thread = std::thread([this] { work(); });
    }
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_handed_over.empty() || m_error; });
        if (m_error) {
            return Failure(*m_error);
        }
        m_handed_over.swap(m_block);
    }
    m_changed.notify_all();
    m_block.clear();
    return {};
}

void BackgroundSink::work() {
    std::string block;
    for (;;) {
        block.clear();
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [this] { return !m_handed_over.empty() || m_ended; });
            if (m_handed_over.empty()) {
                return;
            }
            block.swap(m_handed_over);
        }
        m_changed.notify_all();
        if (const auto written = m_next.write(block); !written) {
            const std::lock_guard lock(m_mutex);
            m_error = written.error();
            m_changed.notify_all();
            return;
        }
    }
}

void BackgroundSink::stop() {
    if (!m_thread.joinable()) {
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

Result<void> BackgroundSink::finish() {
    stop();
    if (m_error) {
        return Failure(*m_error);
    }
    return m_next.write(std::exchange(m_block, {}));
}

}  // namespace signet::smime
