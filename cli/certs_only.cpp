#include "cli/certs_only.h"

#include "cli/library.h"
#include "smime/header_block.h"

namespace signet::cli {

Result<void> write_certs_only(const smime::Source& mail, const std::vector<X509*>& certificates,
                              smime::Sink& out) {
    SIGNET_TRY(const auto block, smime::read_header(mail));
    SIGNET_TRY(const auto body, smime::read_all(mail, block->body, smime::stream_block_size));
    if (body.find_first_not_of(" \t\r\n") != std::string::npos) {
        return failure(ErrorCode::invalid_parameter, "--certs-only",
                       "--certs-only makes the body of the mail, but the mail has one");
    }
    std::string header;
    for (const auto& field : block->header.fields) {
        if (!smime::describes_body(field)) {
            header += field.raw;
        }
    }
    LibraryOutput output(out);
    return result_of(mail::certs_only(certificates, header, output));
}

}  // namespace signet::cli
