#pragma once

#include "smime/stream.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace signet::smime {

// Has a thread of its own write what it is given, so that hashing and writing a large mail go on at the same
// time. Less than a block is written without a thread. Borrows `next`, which nobody else may use before
// finish().
class BackgroundSink final : public Sink {
  public:
    explicit BackgroundSink(Sink& next) : m_next(next) {}
    ~BackgroundSink() override;
    BackgroundSink(const BackgroundSink&) = delete;
    BackgroundSink& operator=(const BackgroundSink&) = delete;

    // An error of the thread is reported at some later call.
    Result<void> write(std::string_view octets) override;
    // Once, at the end. The thread is gone afterwards.
    Result<void> finish();

  private:
    Result<void> hand_over();
    void stop();
    void work();

    Sink& m_next;
    std::string m_block;  // being filled
    std::thread m_thread;
    // Shared with the thread, under the mutex.
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::string m_handed_over;
    bool m_ended = false;
    std::optional<Error> m_error;
};

}  // namespace signet::smime
