#include "tests/e2e/workplace.h"

#include "base/bytes.h"

#include <stdexcept>

namespace signet::test {
namespace {

std::string label_of(const std::string& email) {
    return email.substr(0, email.find('@'));
}

}  // namespace

Workplace::Workplace(const AgentOptions& options) : m_agent(options) {
    m_agent.softhsm().init_token(token);
    write("root.pem", to_pem(m_authority.certificate()));
}

x509::Certificate Workplace::add_identity(const std::string& type, const std::string& id,
                                          const std::string& email, CertificateUsage usage) {
    m_agent.softhsm().generate_key(token, type, id, label_of(email));
    return add_certificate(id, {.subject = label_of(email), .email = email, .usage = usage});
}

x509::Certificate Workplace::add_certificate(const std::string& id, const LeafOptions& options) {
    auto certificate = m_authority.issue(public_key(id).get(), options);
    const Bytes der = certificate.der();
    m_agent.softhsm().write_certificate(token, std::string(as_text(der)), id, options.subject);
    write(options.subject + ".pem", to_pem(certificate));
    return certificate;
}

std::shared_ptr<EVP_PKEY> Workplace::public_key(const std::string& id) {
    m_agent.start();
    const auto tokens = m_agent.tokens();
    m_agent.stop();
    for (const auto& key : tokens.at(0).keys) {
        if (to_hex(key.object_id) == id) {
            const unsigned char* position = key.public_key_info.data();
            return {d2i_PUBKEY(nullptr, &position, static_cast<long>(key.public_key_info.size())),
                    EVP_PKEY_free};
        }
    }
    throw std::runtime_error("no key " + id + ": " + m_agent.log());
}

Identity Workplace::add_peer(const std::string& kind, const std::string& email) {
    auto identity = m_authority.issue_identity(kind, LeafOptions{.subject = label_of(email), .email = email});
    write(label_of(email) + ".pem", to_pem(identity.certificate));
    write(label_of(email) + ".key", to_pem(identity.key.get()));
    return identity;
}

void Workplace::start() {
    m_agent.start();
    unlock();
}

void Workplace::unlock() const {
    if (const auto unlocked = m_agent.unlock(); !unlocked) {
        throw std::runtime_error(outcome(unlocked) + m_agent.log());
    }
}

ProcessResult Workplace::run(const std::vector<std::string>& arguments, const std::string& input,
                             const Variables& further) const {
    Variables variables = further;
    variables.merge(m_agent.variables());
    variables.insert({"PKCS11_MODULE_PATH", pkcs11_module()});
    return test::run(arguments,
                     {.input = input, .variables = variables, .working_directory = m_folder.path()});
}

ProcessResult Workplace::signet(std::vector<std::string> arguments, const std::string& input,
                                const Variables& further) const {
    arguments.insert(arguments.begin(), program("signet"));
    return run(arguments, input, further);
}

std::string Workplace::signet_output(const std::vector<std::string>& arguments, const std::string& input,
                                     const Variables& further) const {
    auto result = signet(arguments, input, further);
    if (result.exit_status != 0) {
        throw std::runtime_error("signet " + arguments.front() + ": " + result.error_output + result.output +
                                 m_agent.log());
    }
    return std::move(result.output);
}

void Workplace::write(std::string_view name, std::string_view content) const {
    write_file(m_folder / name, content);
}

std::string Workplace::read(std::string_view name) const {
    return read_file(m_folder / name);
}

std::string mail_from(const std::string& address) {
    return "From: " + address +
           "\r\nTo: bob@example.test\r\nSubject: Test\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain\r\n\r\nHello Bob,\r\nthis is from a token.\r\n";
}

}  // namespace signet::test
