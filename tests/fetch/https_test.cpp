// signet-fetch before a server that speaks TLS.
#include "tests/support/certificates.h"
#include "tests/support/loopback_server.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"
#include "x509/openssl.h"

#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <sysexits.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

using ContextPointer = x509::Pointer<SSL_CTX, SSL_CTX_free>;

// The server's side of TLS, record by record.
class TlsSession {
  public:
    TlsSession(Conversation& client, SSL_CTX* context) : m_client(client), m_ssl(SSL_new(context)) {
        SSL_set_bio(m_ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(m_ssl.get());
    }

    // Whatever comes next; empty at the end.
    std::string hear() {
        std::array<char, 4096> buffer{};
        for (;;) {
            const int count = SSL_read(m_ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
            flush();
            if (count > 0) {
                return {buffer.data(), static_cast<std::size_t>(count)};
            }
            if (SSL_get_error(m_ssl.get(), count) != SSL_ERROR_WANT_READ || !take_record()) {
                return {};
            }
        }
    }
    void say(const std::string& text) {
        SSL_write(m_ssl.get(), text.data(), static_cast<int>(text.size()));
        flush();
    }

  private:
    // RFC 8446 section 5.1: type, version, length.
    bool take_record() {
        constexpr std::size_t header_size = 5;
        std::string record = m_client.octets(header_size);
        if (record.size() < header_size) {
            return false;
        }
        const auto octet = [&record](std::size_t at) { return static_cast<unsigned char>(record[at]); };
        record += m_client.octets(std::size_t{octet(3)} * 256 + octet(4));
        return BIO_write(SSL_get_rbio(m_ssl.get()), record.data(), static_cast<int>(record.size())) > 0;
    }
    void flush() {
        char* octets = nullptr;
        const long count = BIO_get_mem_data(SSL_get_wbio(m_ssl.get()), &octets);
        m_client.say({octets, static_cast<std::size_t>(count)});
        (void)BIO_reset(SSL_get_wbio(m_ssl.get()));
    }

    Conversation& m_client;
    x509::Pointer<SSL, SSL_free> m_ssl;
};

const LeafOptions server_here{
    .subject = "server", .email = {}, .usage = CertificateUsage::no_mail, .address = "127.0.0.1"};

class FetchByTls : public testing::Test {
  protected:
    void SetUp() override { write_file(m_folder / "root.pem", to_pem(m_authority.certificate())); }

    // Asks a server with such a certificate.
    ProcessResult fetch(const LeafOptions& certificate, const Variables& further = {}) {
        const auto identity = m_authority.issue_identity("P-256", certificate);
        const ContextPointer context(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate(context.get(), identity.certificate.get());
        SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
        const LoopbackServer server([this, &context](Conversation& client) {
            TlsSession session(client, context.get());
            if (!session.hear().empty()) {
                session.say(m_answer);
                client.wait_for_the_end();
            }
        });
        Variables variables{{"no_proxy", "*"}, {"SSL_CERT_FILE", ""}, {"SSL_CERT_DIR", ""}};
        for (const auto& [name, value] : further) {
            variables[name] = value;
        }
        return run({SIGNET_FETCH, "--type", "text/question", "--accept", "text/plain", "--limit", "100",
                    "https://127.0.0.1:" + std::to_string(server.port()) + "/"},
                   {.input = "question", .variables = variables});
    }
    ProcessResult fetch_with_authority(const LeafOptions& certificate) {
        return fetch(certificate, {{"SSL_CERT_FILE", m_folder / "root.pem"}});
    }

    std::string m_answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
    TestAuthority m_authority;
    TemporaryDirectory m_folder;
};

TEST_F(FetchByTls, TrustsTheAuthoritiesThatTheEnvironmentNames) {
    const auto by_file = fetch_with_authority(server_here);
    EXPECT_EQ(by_file.exit_status, EX_OK) << by_file.error_output;
    EXPECT_EQ(by_file.output, "hello");
    run_checked({"openssl", "rehash", m_folder.path()});
    const auto by_folder = fetch(server_here, {{"SSL_CERT_DIR", m_folder.path()}});
    EXPECT_EQ(by_folder.exit_status, EX_OK) << by_folder.error_output;
}

TEST_F(FetchByTls, TrustsNoServerWithoutAGoodCertificate) {
    const auto expect_refused = [](const ProcessResult& result, const std::string& reason) {
        EXPECT_EQ(result.exit_status, EX_NOPERM);
        EXPECT_THAT(result.error_output, HasSubstr(reason));
        EXPECT_EQ(result.output, "");
    };
    expect_refused(fetch(server_here), "unable to get local issuer certificate");
    expect_refused(fetch(server_here, {{"SSL_CERT_FILE", m_folder / "none.pem"}}), "none.pem");
    LeafOptions options = server_here;
    options.address = "127.0.0.2";
    expect_refused(fetch_with_authority(options), "127.0.0.1");
    options = server_here;
    options.first_day = -20;
    options.last_day = -10;
    expect_refused(fetch_with_authority(options), "certificate has expired");
}

TEST_F(FetchByTls, FollowsNoRedirectionToAServerWithoutTls) {
    m_answer = "HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:9/y\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(fetch_with_authority(server_here).exit_status, EX_PROTOCOL);
}

TEST_F(FetchByTls, TakesNoMoreThanItsLimit) {
    m_answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + std::string(101, 'x');
    EXPECT_EQ(fetch_with_authority(server_here).exit_status, EX_DATAERR);
}

}  // namespace
}  // namespace signet::test
