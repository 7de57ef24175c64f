#pragma once

#include "tests/support/loopback_server.h"

#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace signet::test {

struct SunkMail {
    std::string sender;
    std::vector<std::string> recipients;
    std::string text;
};

// An SMTP server on loopback that keeps what it is sent.
class SmtpSink {
  public:
    SmtpSink();

    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }
    [[nodiscard]] std::vector<SunkMail> mails() const;
    // Whatever clients ever sent, commands and mails.
    [[nodiscard]] std::string everything() const;

    // Says 550 to that recipient.
    void refuse(const std::string& address);
    // Hangs up in place of an answer to a mail.
    void hang_up_on_mails();
    void stop() { m_server.stop(); }

  private:
    void serve(Conversation& client);
    // False: hang up.
    bool receive(Conversation& client, SunkMail& mail);
    std::string answer_recipient(const std::string& address, SunkMail& mail);
    std::string heard(Conversation& client);

    mutable std::mutex m_mutex;
    std::vector<SunkMail> m_mails;
    std::string m_everything;
    std::set<std::string> m_refused;
    bool m_hangs_up = false;
    LoopbackServer m_server;
};

}  // namespace signet::test
