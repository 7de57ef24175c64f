#include "tests/support/smtp_sink.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace signet::test {
namespace {

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string between_angles(const std::string& line) {
    const auto begin = line.find('<');
    const auto end = line.find('>');
    return begin < end && end != std::string::npos ? line.substr(begin + 1, end - begin - 1) : std::string();
}

}  // namespace

SmtpSink::SmtpSink() : m_server([this](Conversation& client) { serve(client); }) {}

std::vector<SunkMail> SmtpSink::mails() const {
    const std::lock_guard lock(m_mutex);
    return m_mails;
}

std::string SmtpSink::everything() const {
    const std::lock_guard lock(m_mutex);
    return m_everything;
}

void SmtpSink::refuse(const std::string& address) {
    const std::lock_guard lock(m_mutex);
    m_refused.insert(address);
}

void SmtpSink::hang_up_on_mails() {
    const std::lock_guard lock(m_mutex);
    m_hangs_up = true;
}

std::string SmtpSink::heard(Conversation& client) {
    auto line = client.line();
    const std::lock_guard lock(m_mutex);
    m_everything += line;
    return line;
}

std::string SmtpSink::answer_recipient(const std::string& address, SunkMail& mail) {
    const std::lock_guard lock(m_mutex);
    if (m_refused.contains(address)) {
        return "550 5.1.1 nobody here\r\n";
    }
    mail.recipients.push_back(address);
    return "250 yes\r\n";
}

bool SmtpSink::receive(Conversation& client, SunkMail& mail) {
    client.say("354 go on\r\n");
    for (auto line = heard(client); line != ".\r\n"; line = heard(client)) {
        if (line.empty()) {
            return false;
        }
        mail.text += line.starts_with('.') ? line.substr(1) : line;
    }
    {
        const std::lock_guard lock(m_mutex);
        if (m_hangs_up) {
            return false;
        }
        m_mails.push_back(std::exchange(mail, {}));
    }
    return client.say("250 kept\r\n");
}

void SmtpSink::serve(Conversation& client) {
    client.say("220 sink\r\n");
    SunkMail mail;
    for (auto line = heard(client); !line.empty(); line = heard(client)) {
        const auto command = upper_case(line);
        if (command.starts_with("DATA")) {
            if (!receive(client, mail)) {
                return;
            }
        } else if (command.starts_with("QUIT")) {
            client.say("221 bye\r\n");
            return;
        } else if (command.starts_with("RCPT TO:")) {
            client.say(answer_recipient(between_angles(line), mail));
        } else {
            if (command.starts_with("MAIL FROM:")) {
                mail = {.sender = between_angles(line), .recipients = {}, .text = {}};
            }
            client.say("250 yes\r\n");
        }
    }
}

}  // namespace signet::test
