// Each octet puts one more layer, signature or envelope around a mail. What is said of the result is known in
// advance.
#include "fuzz/identities.h"
#include "smime/encrypt.h"
#include "smime/read.h"

namespace {

using namespace signet;
using fuzz::identities;
using fuzz::require;

constexpr std::size_t max_steps = 6;
constexpr std::string_view from = "From: Alice <alice@example.test>\r\n";

// A mail with From, and what has to be said of it.
struct Composition {
    std::string mail = std::string(from) + "Content-Type: text/plain\r\n\r\nthe text\r\n";
    bool is_signed = false;  // by Alice, inside of any encryption
    bool spoilt = false;     // nothing about it can be good any more
    bool encrypted = false;
    bool ciphertext = false;  // some part is encrypted, and no good signature is right inside

    [[nodiscard]] bool good() const { return is_signed && !spoilt && !ciphertext; }
};

std::string signed_mail(const std::string& mail, const test::Identity& signer, smime::SignatureForm form) {
    smime::TextSink out;
    require(smime::sign(smime::TextSource(mail), out, fuzz::signed_by(signer, form)).has_value(), "sign");
    return out.take();
}

void sign(Composition& it, const test::Identity& signer, smime::SignatureForm form) {
    it.mail = signed_mail(it.mail, signer, form);
    const bool by_alice = &signer == &identities().alice;
    // Around encryption it does not speak for the text.
    it.is_signed = it.is_signed || (by_alice && !it.encrypted);
    it.spoilt = it.spoilt || !by_alice;
}

void encrypt(Composition& it, smime::ContentCipher cipher) {
    smime::TextSink out;
    smime::EncryptOptions options{.recipients = {identities().alice.certificate}};
    options.cipher = cipher;
    require(smime::encrypt(smime::TextSource(it.mail), out, options).has_value(), "encrypt");
    it.mail = out.take();
    it.ciphertext = !it.good();
    it.encrypted = true;
}

// What was the mail is a part now: only what is put around it from here on counts.
void become_part(Composition& it, const std::string& before, const std::string& behind) {
    it.mail = std::string(from) + before + it.mail + behind;
    it.is_signed = false;
    it.spoilt = false;
    it.encrypted = false;
}

void become_part_of_multipart(Composition& it) {
    const std::string boundary = std::to_string(it.mail.size());
    become_part(it, "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n",
                "\r\n--" + boundary + "--\r\n");
}

void become_forwarded(Composition& it) {
    become_part(it, "Content-Type: message/rfc822\r\n\r\n", "");
    it.ciphertext = false;
}

// Of a signature whose text is visible.
void damage(Composition& it) {
    const std::size_t text = it.mail.find("the text");
    if (it.is_signed && !it.encrypted && text != std::string::npos) {
        it.mail[text] = 'T';
        it.spoilt = true;
    }
}

// Behind a multipart/signed; elsewhere it may become part of the text.
void add_footer(Composition& it) {
    if (it.mail.find("multipart/signed") < it.mail.find("\r\n\r\n")) {
        it.mail += "a footer\r\n";
        it.spoilt = true;
    }
}

void step(Composition& it, std::uint8_t choice) {
    using smime::ContentCipher;
    using smime::SignatureForm;
    switch (choice % 10) {
        case 0:
            return sign(it, identities().alice, SignatureForm::detached);
        case 1:
            return sign(it, identities().alice, SignatureForm::opaque);
        case 2:
            return sign(it, identities().mallory, SignatureForm::detached);
        case 3:
            return sign(it, identities().mallory, SignatureForm::opaque);
        case 4:
            return encrypt(it, ContentCipher::aes128_cbc);
        case 5:
            return encrypt(it, ContentCipher::aes256_gcm);
        case 6:
            return become_forwarded(it);
        case 7:
            return become_part_of_multipart(it);
        case 8:
            return add_footer(it);
        default:
            return damage(it);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Composition it;
    for (std::size_t i = 0; i < std::min(size, max_steps); ++i) {
        step(it, data[i]);
    }
    const smime::TextSource mail(it.mail);
    const auto report = smime::read(mail, {.trust = identities().trust, .keys = identities().keys});
    require(report.has_value(), "cannot be read");
    require(report->signed_by.empty() != it.good(), "another verdict");
    require(report->encrypted == it.encrypted, "encrypted or not");
    for (const auto& signer : report->signed_by) {
        require(signer.certificate->fingerprint() == identities().alice.certificate.fingerprint(),
                "not Alice");
    }
    return 0;
}
