#include "cli/mutt_report.h"

#include "base/bytes.h"
#include "cli/output.h"
#include "cli/signer_text.h"
#include "x509/openssl.h"

#include <openssl/pem.h>

#include <cstdio>

namespace signet::cli {

void print_for_mutt(const mail::Verification& verification) {
    std::string text = verification.good ? "Verification successful\n" : "Verification failed\n";
    for (const auto& signer : verification.signers) {
        text += text_of(signer, Style(false), {});
    }
    std::fputs(text.c_str(), stderr);
}

void print_for_mutt(const Error& error) {
    std::fputs(("Verification failed\n" + printable_utf8(error.detail) + "\n").c_str(), stderr);
}

Result<void> write_signers(const mail::Verification& verification, const std::string& path) {
    SIGNET_TRY(auto output, Output::open(path));
    for (const auto& signer : verification.signers) {
        if (!signer.certificate) {
            continue;
        }
        const x509::BioPointer pem(BIO_new(BIO_s_mem()));
        if (!pem || PEM_write_bio_X509(pem.get(), signer.certificate.get()) != 1) {
            return x509::openssl_failure("PEM_write_bio_X509");
        }
        SIGNET_CHECK(output.write(as_text(x509::memory_content(pem.get()))));
    }
    return output.commit();
}

}  // namespace signet::cli
