// What libsignet-smime does, as a filter: a mail on standard input, the result on standard output.
//
//   smime sign alice.pem alice.key
//   smime sign alice.pem 'pkcs11:token=Work;object=alice' /usr/lib/pkcs11/signet-pkcs11.so
//   smime sign alice.pem 'pkcs11:token=Card;object=alice' /usr/lib/opensc-pkcs11.so 3  (the PIN, on
//   descriptor 3)
//   smime encrypt bob.pem carol.pem
//   smime decrypt bob.pem bob.key
//   smime verify root.pem
//   smime read root.pem bob.pem bob.key
//
// c++ -std=c++17 smime.cpp $(pkg-config --cflags --libs signet-smime)
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signet/smime.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace signet;

struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<std::FILE, Free>;

void check(const mail::Status& status) {
    if (!status.ok()) {
        std::fprintf(stderr, "%s: %s\n", status.operation.c_str(), status.detail.c_str());
        std::exit(1);
    }
}

Certificate read_certificate(const char* path) {
    const File file(std::fopen(path, "r"));
    Certificate certificate(file ? PEM_read_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!certificate) {
        check({mail::Code::not_found, path, "no certificate"});
    }
    return certificate;
}

// A PIN of at most 64 octets from a descriptor: it belongs neither into the arguments nor into the
// environment.
class Pin {
  public:
    explicit Pin(const char* descriptor) {
        const ssize_t count = read(std::atoi(descriptor), m_octets, sizeof(m_octets));
        m_size = count > 0 ? static_cast<std::size_t>(count) : 0;
        while (m_size > 0 && m_octets[m_size - 1] == '\n') {
            --m_size;
        }
    }
    ~Pin() { OPENSSL_cleanse(m_octets, sizeof(m_octets)); }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    std::string_view text() const { return {m_octets, m_size}; }

  private:
    char m_octets[64] = {};
    std::size_t m_size = 0;
};

// In a file, or on a token whose agent asks for the PIN unless a descriptor holds it.
class Key {
  public:
    Key(const std::string& name, const char* module, const char* pin_descriptor) {
        if (module != nullptr) {
            check(mail::Tokens::open(module, m_tokens));
            if (pin_descriptor != nullptr) {
                check(m_tokens->log_in(name, Pin(pin_descriptor).text()));
            }
            EVP_PKEY* key = nullptr;
            check(m_tokens->private_key(name, key));
            m_key.reset(key);
        } else if (const File file(std::fopen(name.c_str(), "r")); file) {
            m_key.reset(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
        }
    }
    EVP_PKEY* get() const { return m_key.get(); }

  private:
    // Declared first: it outlives the key.
    std::unique_ptr<mail::Tokens> m_tokens;
    std::unique_ptr<EVP_PKEY, Free> m_key;
};

int verify(const mail::Input& input, const char* anchor) {
    const Certificate root = read_certificate(anchor);
    mail::VerifyOptions options;
    options.trust_anchors = {root.get()};
    mail::Verification verification;
    check(mail::verify(input, options, verification));
    for (const auto& signer : verification.signers) {
        std::printf("%s %s %s\n", signer.status.c_str(),
                    signer.emails.empty() ? "" : signer.emails.front().c_str(), signer.reason.c_str());
    }
    return verification.good ? 0 : 1;
}

void print(const mail::Part& part) {
    std::printf("%s %s %s\n", part.path.c_str(), part.type.c_str(),
                part.layer != nullptr ? part.layer->kind.c_str() : "");
    for (const auto& child : part.parts) {
        print(child);
    }
}

int read(const mail::Input& input, const char* anchor, X509* certificate, EVP_PKEY* key) {
    const Certificate root = read_certificate(anchor);
    mail::ReadOptions options;
    options.trust.trust_anchors = {root.get()};
    options.keys = {{certificate, key, nullptr}};
    mail::Report report;
    check(mail::read(input, options, report));
    print(report.mail);
    for (const auto& finding : report.findings) {
        std::printf("%s (%s): %s\n", finding.code.c_str(), finding.path.c_str(), finding.reason.c_str());
    }
    for (const auto& signer : report.signed_by) {
        std::printf("signed by %s\n", signer.emails.empty() ? "" : signer.emails.front().c_str());
    }
    return report.signed_by.empty() ? 1 : 0;
}

void encrypt(const mail::Input& input, mail::Output& output, const std::vector<std::string>& paths) {
    std::vector<Certificate> certificates;
    mail::EncryptOptions options;
    for (const auto& path : paths) {
        certificates.push_back(read_certificate(path.c_str()));
        options.recipients.push_back(certificates.back().get());
    }
    check(mail::encrypt(input, output, options));
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count < 3) {
        std::fputs("usage: smime sign|encrypt|decrypt|verify|read CERTIFICATE...\n", stderr);
        return 2;
    }
    const std::string command = arguments[1];
    const std::unique_ptr<mail::Output> output = mail::output_to(1);
    std::unique_ptr<mail::Input> input;
    check(mail::open_input(0, input));
    if (command == "verify") {
        return verify(*input, arguments[2]);
    }
    if (command == "encrypt") {
        encrypt(*input, *output, {arguments + 2, arguments + argument_count});
        return 0;
    }
    const auto argument = [&](int index) { return argument_count > index ? arguments[index] : nullptr; };
    if (command == "read") {
        const Certificate reader = read_certificate(argument(3) != nullptr ? argument(3) : arguments[2]);
        const Key key(argument_count > 4 ? arguments[4] : "", nullptr, nullptr);
        return read(*input, arguments[2], reader.get(), key.get());
    }
    const Certificate certificate = read_certificate(arguments[2]);
    const Key key(argument_count > 3 ? arguments[3] : "", argument(4), argument(5));
    if (command == "sign") {
        mail::SignOptions options;
        options.certificate = certificate.get();
        options.private_key = key.get();
        check(mail::sign(*input, *output, options));
    } else {
        check(mail::decrypt(*input, *output, {{certificate.get(), key.get(), nullptr}}));
    }
    return 0;
}
