#pragma once

#include "tests/support/certificates.h"
#include "tests/support/loopback_server.h"
#include "tests/support/temporary_directory.h"

#include <atomic>
#include <string>

namespace signet::test {

// A time-stamping authority: `openssl ts` behind HTTP on loopback.
class TimestampServer {
  public:
    enum class Mood {
        obliging,
        other_signature,  // stamps another one than was asked
        other_question,   // with another nonce
        refusing,         // says so as RFC 3161 has it
        garbage,          // of the right type
        wrong_type,       // a good token that is called HTML
        failing,          // status 500
        redirecting,      // to itself
        endless,          // an answer that does not stop
        silent,           // no answer
        slow,             // half an answer
    };

    explicit TimestampServer(const Identity& authority);

    [[nodiscard]] std::string url() const;
    void be(Mood mood) { m_mood = mood; }
    // From here on nobody listens.
    void stop() { m_server.stop(); }
    // How many requests there were.
    [[nodiscard]] int requests() const { return m_requests; }

    // To a query in DER.
    [[nodiscard]] std::string reply_to(std::string query) const;

  private:
    void serve(Conversation& client);
    void answer(Conversation& client, const std::string& query);

    TemporaryDirectory m_folder;
    std::atomic<Mood> m_mood = Mood::obliging;
    std::atomic<int> m_requests = 0;
    LoopbackServer m_server;
};

}  // namespace signet::test
