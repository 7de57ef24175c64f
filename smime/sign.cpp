#include "smime/sign.h"

#include "smime/background_sink.h"
#include "smime/canonical.h"
#include "smime/cms.h"
#include "smime/cms_writer.h"
#include "smime/digest.h"
#include "smime/legacy_display.h"
#include "smime/pkcs7_mime.h"
#include "smime/signature.h"
#include "smime/transfer_encoding.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

namespace signet::smime {
namespace {

constexpr std::string_view signature_fields =
    "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n";

// That no text contains it is as certain as guessing 128 bits.
Result<std::string> random_boundary() {
    std::array<std::uint8_t, 16> octets{};
    // Not OpenSSL's generator: nothing else here needs it, and it takes long to set up.
    if (getrandom(octets.data(), octets.size(), 0) != static_cast<ssize_t>(octets.size())) {
        return errno_failure("getrandom", "boundary", errno);
    }
    return "signet-" + to_hex(octets);
}

// Of a structure that is complete, without the content that it may have.
Result<std::string> checked_signature(CMS_ContentInfo* cms, const SignOptions& options) {
    if (CMS_set_detached(cms, 1) != 1) {
        return x509::openssl_failure("CMS_set_detached");
    }
    SIGNET_CHECK(check_own_signature(cms, options.certificate));
    if (options.timestamp) {
        SIGNET_CHECK(add_timestamp(cms, options));
    }
    return to_der(cms);
}

// With CRLF throughout.
Result<void> write_multipart_signed(const CanonicalMail& mail, Sink& out, const SignOptions& options,
                                    HashAlgorithm hash) {
    SIGNET_TRY(const std::string boundary, random_boundary());
    std::string header = mail.outer_header();
    header.append("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n micalg=")
        .append(micalg_of(hash))
        .append("; boundary=\"" + boundary + "\"\r\n\r\nThis is an S/MIME signed message.\r\n")
        .append("\r\n--" + boundary + "\r\n");
    SIGNET_CHECK(out.write(header));

    SIGNET_TRY(const x509::CmsPointer cms, prepare_signature(options, hash));
    CmsWriter signer(cms.get());
    BackgroundSink digest(signer);
    TeeSink digest_and_out(digest, out);
    SIGNET_CHECK(mail.write_entity(digest_and_out));
    SIGNET_CHECK(digest.finish());
    SIGNET_CHECK(signer.finish());
    SIGNET_TRY(const std::string signature, checked_signature(cms.get(), options));

    SIGNET_CHECK(out.write("\r\n--" + boundary + "\r\n"));
    SIGNET_CHECK(out.write(signature_fields));
    Base64Sink base64(out);
    SIGNET_CHECK(base64.write(signature));
    SIGNET_CHECK(base64.finish());
    return out.write("\r\n--" + boundary + "--\r\n");
}

Result<void> write_opaque(Sink& out, const SignOptions& options, HashAlgorithm hash,
                          const auto& write_content) {
    SIGNET_TRY(const x509::CmsPointer cms, prepare_signature(options, hash));
    CmsWriter signer(cms.get(), out);
    SIGNET_CHECK(write_content(signer));
    SIGNET_CHECK(signer.finish());
    return checked_signature(cms.get(), options).map([](const std::string&) {});
}

Result<void> write_opaque_mail(const CanonicalMail& mail, Sink& out, const SignOptions& options,
                               HashAlgorithm hash) {
    const std::string header = mail.outer_header() + pkcs7_mime_fields("signed-data", "smime.p7m");
    SIGNET_CHECK(out.write(with_line_ending(header, mail.line_ending())));
    Base64Sink base64(out, mail.line_ending());
    SIGNET_CHECK(write_opaque(base64, options, hash, [&mail](Sink& to) { return mail.write_entity(to); }));
    return base64.finish();
}

}  // namespace

Result<void> sign(const Source& mail, Sink& out, const SignOptions& options) {
    SIGNET_TRY(const HashAlgorithm hash, checked_hash(options));
    std::unique_ptr<EditedSource> shown;
    if (options.header_protection == HeaderProtection::cipher) {
        SIGNET_TRY(shown, with_legacy_display(mail));
    }
    SIGNET_TRY(CanonicalMail canonical, CanonicalMail::open(shown ? *shown : mail));
    SIGNET_CHECK(canonical.protect_header(options.header_protection));
    BlockSink blocks(out);
    LfSink lf(blocks);
    if (options.form == SignatureForm::opaque) {
        SIGNET_CHECK(write_opaque_mail(canonical, blocks, options, hash));
    } else {
        const bool crlf = canonical.line_ending() == LineEnding::crlf;
        SIGNET_CHECK(
            write_multipart_signed(canonical, crlf ? static_cast<Sink&>(blocks) : lf, options, hash));
    }
    return blocks.flush();
}

Result<void> sign_content(const Source& content, Sink& out, const SignOptions& options) {
    SIGNET_TRY(const HashAlgorithm hash, checked_hash(options));
    RangeReader reader(content);
    if (options.form == SignatureForm::opaque) {
        BlockSink blocks(out);
        SIGNET_CHECK(write_opaque(blocks, options, hash, [&reader](Sink& to) { return copy(reader, to); }));
        return blocks.flush();
    }
    SIGNET_TRY(const x509::CmsPointer cms, prepare_signature(options, hash));
    CmsWriter signer(cms.get());
    SIGNET_CHECK(copy(reader, signer));
    SIGNET_CHECK(signer.finish());
    SIGNET_TRY(const std::string signature, checked_signature(cms.get(), options));
    return out.write(signature);
}

}  // namespace signet::smime
