#include "smime/mail_signature.h"

#include "smime/cms_stream.h"
#include "smime/digest.h"
#include "smime/limits.h"
#include "smime/signed_surroundings.h"

#include <algorithm>
#include <cstdlib>

namespace signet::smime {
namespace {

// Thunderbird's tolerance between the Date field and the signing time.
constexpr std::int64_t max_time_difference = 3600;

bool is_signature_type(std::string_view type) {
    return type == "application/pkcs7-signature" || type == "application/x-pkcs7-signature";
}

std::vector<CMS_SignerInfo*> signers_of(CMS_ContentInfo* cms) {
    STACK_OF(CMS_SignerInfo)* stack = CMS_get0_SignerInfos(cms);
    std::vector<CMS_SignerInfo*> signers;
    for (int i = 0; i < sk_CMS_SignerInfo_num(stack); ++i) {
        signers.push_back(sk_CMS_SignerInfo_value(stack, i));
    }
    return signers;
}

Result<OpenedCms> signature_part(const Source& source, const MimePart& part) {
    SIGNET_TRY(OpenedCms cms, open_cms(decoded_body(source, part.body, part.encoding), Trailer::anything));
    if (cms.type != CmsType::signed_data) {
        return failure(ErrorCode::malformed, "verify", "the signature part is not SignedData");
    }
    return cms;
}

class CopyingReader final : public Reader {
  public:
    CopyingReader(Reader& from, Sink* copy) : m_from(from), m_copy(copy) {}
    Result<std::size_t> read(std::span<char> buffer) override {
        SIGNET_TRY(const std::size_t count, m_from.read(buffer));
        if (m_copy != nullptr) {
            SIGNET_CHECK(m_copy->write({buffer.data(), count}));
        }
        return count;
    }

  private:
    Reader& m_from;
    Sink* m_copy;
};

std::set<int> digest_algorithms(CMS_ContentInfo* cms) {
    std::set<int> algorithms;
    for (CMS_SignerInfo* signer : signers_of(cms)) {
        algorithms.insert(digest_algorithm_of(signer));
    }
    return algorithms;
}

// For every algorithm that a signer names, in one pass.
Result<std::map<int, Bytes>> digests_for(CMS_ContentInfo* cms, Reader& content, Sink* copy) {
    CopyingReader reader(content, copy);
    DigestSink digests(digest_algorithms(cms));
    SIGNET_CHECK(smime::copy(reader, digests));
    return digests.finish();
}

// A mail stored with LF was signed with CRLF. Any CRLF in it shows that it still is as it was sent.
Result<std::map<int, Bytes>> digests_of_part(CMS_ContentInfo* cms, const Source& source,
                                             const MimePart& part) {
    RangeReader content(source, part.range);
    if (!part.line_breaks.only_lf()) {
        return digests_for(cms, content, nullptr);
    }
    DigestSink digests(digest_algorithms(cms));
    CrlfSink crlf(digests);
    SIGNET_CHECK(copy(content, crlf));
    return digests.finish();
}

void take_structure(OpenedCms& cms, Signature& signature) {
    signature.cms = std::move(cms.structure);
    signature.octets = std::move(cms.structure_octets);
}

void object_to_content_of(const OpenedCms& detached, Signature& signature) {
    if (detached.has_content) {
        signature.flaw =
            Objection{SignatureStatus::content_mismatch, "the detached signature has content of its own"};
    }
}

// Those of the signers, wherever they stand in a set that is sorted by its octets, and of the others as many
// as paths are looked for in.
std::vector<x509::Certificate> certificates_of(CMS_ContentInfo* cms) {
    const auto signers = signers_of(cms);
    std::vector<x509::Certificate> certificates;
    std::vector<x509::Certificate> others;
    const x509::X509StackPointer stack(CMS_get1_certs(cms));
    const int count = stack ? sk_X509_num(stack.get()) : 0;
    for (int i = 0; i < count; ++i) {
        X509* const certificate = sk_X509_value(stack.get(), i);
        const bool of_signer = std::any_of(signers.begin(), signers.end(), [certificate](auto* signer) {
            return CMS_SignerInfo_cert_cmp(signer, certificate) == 0;
        });
        auto& group = of_signer ? certificates : others;
        if (group.size() < max_certificates) {
            group.push_back(x509::Certificate::from_x509(certificate));
        }
    }
    certificates.insert(certificates.end(), others.begin(), others.end());
    return certificates;
}

void object(SignerReport& report, SignatureStatus status, std::string reason) {
    if (report.status == SignatureStatus::good) {
        report.status = status;
        report.reason = std::move(reason);
    }
}

using CertifiedAddresses = std::set<std::string_view, LessIgnoringCase>;

bool covers(const CertifiedAddresses& certified, const std::vector<std::string>& mailboxes) {
    return std::all_of(mailboxes.begin(), mailboxes.end(),
                       [&](const std::string& mailbox) { return certified.count(mailbox) > 0; });
}

struct Authors {
    std::string_view field;
    Addresses addresses;
};

std::vector<Authors> authors_of(std::span<const Header* const> headers) {
    std::vector<Authors> authors;
    for (const Header* header : headers) {
        for (const std::string_view field : {"From", "Sender"}) {
            authors.push_back({field, addresses_of(*header, field)});
        }
    }
    return authors;
}

// Every author must be the signer's, for all of them are shown as its origin. A mail that names none claims
// nothing.
void check_addresses(SignerReport& report, const std::vector<Authors>& authors) {
    const CertifiedAddresses certified(report.emails.begin(), report.emails.end());
    for (const auto& [field, addresses] : authors) {
        if (!addresses.readable) {
            object(report, SignatureStatus::address_mismatch,
                   "the " + std::string(field) + " field is unreadable");
        } else if (addresses.present && !covers(certified, addresses.mailboxes)) {
            object(report, SignatureStatus::address_mismatch,
                   "the certificate is not for the " + std::string(field) + " address");
        } else if (!covers(certified, addresses.shown)) {
            object(report, SignatureStatus::address_mismatch,
                   "the " + std::string(field) + " field shows an address that is not the certificate's");
        }
    }
}

// A field that programs read differently, or not at all, would carry an old signature past the comparison.
void check_date(SignerCheck& check, const Header& header) {
    const DateField date = date_of(header);
    if (!date.readable) {
        object(check.report, SignatureStatus::date_mismatch,
               "the Date field is unreadable, or there are several");
    } else if (date.seconds && check.signing_time &&
               std::llabs(*date.seconds - *check.signing_time) > max_time_difference) {
        object(check.report, SignatureStatus::date_mismatch,
               "the Date field is more than an hour off the signing time");
    }
}

}  // namespace

bool is_multipart_signed(const MimePart& part) {
    return part.type.type == "multipart/signed" &&
           (part.type.protocol.empty() || is_signature_type(part.type.protocol));
}

const MimePart& within_signatures(const MimePart& part) {
    const MimePart* inner = &part;
    while (is_multipart_signed(*inner) && !inner->parts.empty()) {
        inner = inner->parts.front().get();
    }
    return *inner;
}

Result<Signature> opaque_signature(OpenedCms cms, Sink& copy) {
    if (!cms.has_content) {
        return failure(ErrorCode::malformed, "verify", "a signature without content");
    }
    SIGNET_TRY(const auto content, cms.content());
    Signature signature;
    SIGNET_TRY(signature.digests, digests_for(cms.structure.get(), *content, &copy));
    take_structure(cms, signature);
    return signature;
}

Result<Signature> detached_signature(const Source& source, const MimePart& multipart) {
    if (multipart.flaw) {
        return Failure(*multipart.flaw);
    }
    if (multipart.parts.size() != 2 || !multipart.closed) {
        return failure(ErrorCode::malformed, "verify", "multipart/signed without two whole parts");
    }
    const MimePart& content = *multipart.parts[0];
    const MimePart& part = *multipart.parts[1];
    if (part.flaw) {
        return Failure(*part.flaw);
    }
    if (!is_signature_type(part.type.type)) {
        return failure(multipart.type.protocol.empty() ? ErrorCode::not_found : ErrorCode::malformed,
                       "verify", "the second part is no S/MIME signature");
    }
    SIGNET_TRY(OpenedCms cms, signature_part(source, part));
    Signature signature;
    take_structure(cms, signature);
    SIGNET_TRY(signature.digests, digests_of_part(signature.cms.get(), source, content));
    object_to_content_of(cms, signature);
    SIGNET_TRY(const auto objection, objection_to_surroundings(source, multipart));
    if (!signature.flaw) {
        signature.flaw = objection;
    }
    return signature;
}

Result<Signature> signature_of(OpenedCms cms, const Source& content) {
    Signature signature;
    take_structure(cms, signature);
    RangeReader reader(content);
    SIGNET_TRY(signature.digests, digests_for(signature.cms.get(), reader, nullptr));
    object_to_content_of(cms, signature);
    return signature;
}

Objection gmime_objection() {
    return {SignatureStatus::malformed, "mail programs can read the parts of this mail differently"};
}

Result<std::vector<SignerReport>> judge(const Signature& signature, std::span<const Header* const> headers,
                                        const VerifyOptions& options) {
    const auto signers = signers_of(signature.cms.get());
    if (signers.empty()) {
        return failure(ErrorCode::malformed, "verify", "a signature without signers");
    }
    if (signers.size() > max_signers) {
        return failure(ErrorCode::too_large, "verify", "more than 32 signers");
    }
    SignedContent content{.cms = signature.cms.get(),
                          .octets = signature.octets,
                          .digests = signature.digests,
                          .certificates = certificates_of(signature.cms.get())};
    content.certificates.insert(content.certificates.end(), options.intermediates.begin(),
                                options.intermediates.end());
    const auto authors = authors_of(headers);
    std::vector<SignerReport> reports;
    for (CMS_SignerInfo* signer : signers) {
        SignerCheck check = check_signer(signer, content, options);
        if (signature.flaw) {
            object(check.report, signature.flaw->status, signature.flaw->reason);
        }
        check_addresses(check.report, authors);
        for (const Header* header : headers) {
            check_date(check, *header);
        }
        reports.push_back(std::move(check.report));
    }
    return reports;
}

bool all_good(std::span<const SignerReport> signers) {
    return !signers.empty() && std::all_of(signers.begin(), signers.end(), [](const auto& signer) {
        return signer.status == SignatureStatus::good;
    });
}

}  // namespace signet::smime
