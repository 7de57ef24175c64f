#include "tests/support/timestamp_server.h"

#include "tests/support/subprocess.h"

#include <strings.h>

namespace signet::test {
namespace {

constexpr std::string_view settings = R"([tsa]
default_tsa = authority
[authority]
serial = serial
signer_cert = authority.pem
signer_key = authority.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.2
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
)";

std::string answer_of_type(const std::string& type, const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

// The body of a request, in full.
std::string request_body(Conversation& client) {
    constexpr std::string_view name = "Content-Length: ";
    std::size_t size = 0;
    for (auto line = client.line(); !line.empty() && line != "\r\n"; line = client.line()) {
        if (strncasecmp(line.c_str(), name.data(), name.size()) == 0) {
            size = std::stoul(line.substr(name.size()));
        }
    }
    return client.octets(size);
}

void pour_without_end(Conversation& client) {
    client.say("HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nConnection: close\r\n\r\n");
    const std::string block(65536, 'x');
    while (client.say(block)) {
    }
}

}  // namespace

TimestampServer::TimestampServer(const Identity& authority)
    : m_server([this](Conversation& client) { serve(client); }) {
    write_file(m_folder / "settings", settings);
    write_file(m_folder / "serial", "01\n");
    write_file(m_folder / "authority.pem", to_pem(authority.certificate));
    write_file(m_folder / "authority.key", to_pem(authority.key.get()));
}

std::string TimestampServer::url() const {
    return "http://127.0.0.1:" + std::to_string(m_server.port()) + "/stamp";
}

std::string TimestampServer::reply_to(std::string query) const {
    // The query ends with the nonce and "certReq TRUE"; before the nonce it ends with the digest.
    constexpr std::size_t in_nonce = 5;
    constexpr std::size_t in_digest = 40;
    if (m_mood == Mood::other_question) {
        query.at(query.size() - in_nonce) ^= 1;
    } else if (m_mood == Mood::other_signature) {
        query.at(query.size() - in_digest) ^= 1;
    } else if (m_mood == Mood::refusing) {
        query.resize(query.size() / 2);
    }
    write_file(m_folder / "query", query);
    run_checked({"openssl", "ts", "-reply", "-config", "settings", "-queryfile", "query", "-out", "reply"},
                {.working_directory = m_folder.path()});
    return read_file(m_folder / "reply");
}

void TimestampServer::answer(Conversation& client, const std::string& query) {
    const std::string type = "application/timestamp-reply";
    switch (m_mood) {
        case Mood::garbage:
            client.say(answer_of_type(type, "garbage"));
            break;
        case Mood::wrong_type:
            client.say(answer_of_type("text/html", reply_to(query)));
            break;
        case Mood::failing:
            client.say("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            break;
        case Mood::redirecting:
            client.say("HTTP/1.1 302 There\r\nLocation: " + url() +
                       "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            break;
        case Mood::endless:
            pour_without_end(client);
            break;
        case Mood::slow:
            client.say("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: 1000\r\n\r\nhalf");
            client.wait_for_the_end();
            break;
        case Mood::silent:
            client.wait_for_the_end();
            break;
        default:
            client.say(answer_of_type(type, reply_to(query)));
    }
}

void TimestampServer::serve(Conversation& client) {
    const auto query = request_body(client);
    ++m_requests;
    answer(client, query);
}

}  // namespace signet::test
