#include "tests/support/mail_peers.h"

#include "base/bytes.h"

#include <openssl/x509.h>

#include <algorithm>
#include <array>

namespace signet::test {
namespace {

constexpr const char* password = "pw";

// gpgsm's trust list still names certificates by SHA-1.
std::string sha1_fingerprint(const x509::Certificate& certificate) {
    std::array<unsigned char, 20> digest{};
    unsigned int size = 0;
    X509_digest(certificate.get(), EVP_sha1(), digest.data(), &size);
    return to_hex(digest);
}

}  // namespace

std::string cms_of_mail(const std::string& mail, std::size_t from) {
    std::string text = mail.substr(mail.find("\r\n\r\n", from) + 4);
    text.resize(std::min(text.size(), text.find("--")));
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    const Bytes der = from_base64(text).value();
    return std::string(as_text(der));
}

std::string detached_signature_of(const std::string& mail) {
    return cms_of_mail(mail, mail.find("Content-Type: application/pkcs7-signature"));
}

std::string multipart_signed(const std::string& from, const std::string& entity,
                             const std::string& signature) {
    return "From: " + from +
           "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; "
           "boundary=peer;\r\n"
           " protocol=\"application/pkcs7-signature\"; micalg=sha-256\r\n\r\n--peer\r\n" +
           entity + "\r\n--peer\r\nContent-Type: application/pkcs7-signature\r\n" +
           "Content-Transfer-Encoding: base64\r\n\r\n" + to_base64(as_bytes(signature)) + "\r\n--peer--\r\n";
}

std::string pkcs7_mime(const std::string& cms) {
    return "From: alice@example.test\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(as_bytes(cms)) + "\r\n";
}

GpgsmHome::GpgsmHome(const x509::Certificate& root) {
    write_file(m_folder / "gpgsm.conf", "disable-crl-checks\ndisable-dirmngr\n");
    write_file(m_folder / "gpg-agent.conf", "allow-loopback-pinentry\n");
    write_file(m_folder / "trustlist.txt", sha1_fingerprint(root) + " S relax\n");
    import(root);
}

GpgsmHome::~GpgsmHome() {
    end_daemons();
}

void GpgsmHome::end_daemons() const {
    test::run({"gpgconf", "--homedir", m_folder.path().string(), "--kill", "all"});
}

void GpgsmHome::use_cards_through(const std::string& pkcs11_module) {
    write_file(m_folder / "gpg-agent.conf",
               "allow-loopback-pinentry\nscdaemon-program /usr/bin/gnupg-pkcs11-scd\n");
    write_file(m_folder / "gnupg-pkcs11-scd.conf", "providers token\nprovider-token-library " +
                                                       pkcs11_module +
                                                       "\nprovider-token-allow-protected-auth\n");
    end_daemons();
}

void GpgsmHome::import(const x509::Certificate& certificate) {
    write_file(m_folder / "certificate.pem", to_pem(certificate));
    run({"--import", (m_folder / "certificate.pem").string()});
}

void GpgsmHome::import(const Identity& identity) {
    // gpgsm 2.2.40 takes one PKCS#12 file in forty for wrongly decrypted, and reads it with another salt.
    // Other keys than RSA it never takes.
    int tries = EVP_PKEY_is_a(identity.key.get(), "RSA") == 1 ? 5 : 1;
    do {
        write_pkcs12(m_folder / "identity.p12", identity, {}, password);
    } while (run({"--import", (m_folder / "identity.p12").string()}).exit_status != 0 && --tries > 0);
    import(identity.certificate);
}

ProcessResult GpgsmHome::run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{"gpgsm",    "--homedir",       m_folder.path().string(),
                                     "--batch",  "--yes",           "--pinentry-mode",
                                     "loopback", "--passphrase-fd", "0"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run(command,
                     {.input = std::string(password) + "\n", .variables = {}, .working_directory = {}});
}

NssDatabase::NssDatabase(const x509::Certificate& root) {
    run_checked({"certutil", "-N", "-d", name(), "--empty-password"});
    add(root, "root", "C,C,");
}

void NssDatabase::add(const x509::Certificate& certificate, const std::string& nickname,
                      const std::string& trust) {
    write_file(m_folder / "certificate.pem", to_pem(certificate));
    run_checked({"certutil", "-A", "-d", name(), "-n", nickname, "-t", trust, "-i",
                 (m_folder / "certificate.pem").string()});
}

void NssDatabase::import(const x509::Certificate& certificate, const std::string& nickname) {
    add(certificate, nickname, ",,");
}

void NssDatabase::import(const Identity& identity) {
    write_pkcs12(m_folder / "identity.p12", identity, {}, password);
    run_checked(
        {"pk12util", "-i", (m_folder / "identity.p12").string(), "-d", name(), "-W", password, "-K", ""});
}

ProcessResult NssDatabase::cmsutil(std::vector<std::string> arguments,
                                   const std::string& library_folder) const {
    arguments.insert(arguments.begin(), "cmsutil");
    RunOptions options;
    if (!library_folder.empty()) {
        options.variables["LD_LIBRARY_PATH"] = library_folder;
    }
    return test::run(on(std::move(arguments)), options);
}

void NssDatabase::add_module(const std::string& name, const std::string& path) {
    run_checked(on({"modutil", "-force", "-add", name, "-libfile", path}));
}

std::vector<std::string> NssDatabase::on(std::vector<std::string> command) const {
    command.insert(command.end(), {command[0] == "modutil" ? "-dbdir" : "-d", name()});
    return command;
}

}  // namespace signet::test
